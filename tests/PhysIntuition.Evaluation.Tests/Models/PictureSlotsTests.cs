using System.Security.Cryptography;
using System.Text.Json;
using PhysIntuition.Evaluation.Models;

namespace PhysIntuition.Evaluation.Tests.Models;

/// <summary>Requests without their pictures, for the log.</summary>
public sealed class PictureSlotsTests
{
    private static readonly byte[] s_png = [.. Enumerable.Range(0, 1200).Select(i => (byte)(i * i))];

    [Theory]
    [InlineData("data:image/png;base64,")]   // OpenAI
    [InlineData("")]                         // Anthropic, Ollama
    public void Take_BodyOfAPictureAndText_LeavesItsHashAndPutsItBack(string prefix)
    {
        // The default encoder escapes every plus sign of base64.
        var body = JsonSerializer.Serialize(new
        {
            text = "\"Quoted\" \\ text, " + new string('a', 2000) + " with blanks",
            image = prefix + Convert.ToBase64String(s_png), last = "end\\",
        });
        var slots = new PictureSlots();

        var taken = slots.Take(body);

        Assert.Contains("\\u002B", body);
        using var parsed = JsonDocument.Parse(taken);
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(s_png)),
            parsed.RootElement.GetProperty("image").GetString());
        Assert.Equal("end\\", parsed.RootElement.GetProperty("last").GetString());
        Assert.Equal(body, slots.PutBack(taken));
    }

    [Fact]
    public void Take_BodyWithoutPictures_IsTheBody()
    {
        const string body = """{"model": "m", "messages": [{"role": "user", "content": "Will it fall?"}]}""";

        Assert.Equal(body, new PictureSlots().Take(body));
    }

    [Theory]
    [InlineData("\u5854")]      // escaped by the default encoder
    [InlineData("line\n")]
    public void Take_LongTextWithoutBlanks_StaysAsItIs(string word)
    {
        var body = JsonSerializer.Serialize(new { text = string.Concat(Enumerable.Repeat(word, 1000)) });
        var slots = new PictureSlots();

        Assert.Equal(body, slots.Take(body));
        Assert.Equal(body, slots.PutBack(body));
    }

    [Fact]
    public void PutBack_PictureShownTwice_StandsInBothPlaces()
    {
        var picture = Convert.ToBase64String(s_png);
        var body = JsonSerializer.Serialize(new { first = picture, other = "text", second = picture });
        var slots = new PictureSlots();

        Assert.Equal(body, slots.PutBack(slots.Take(body)));
    }
}
