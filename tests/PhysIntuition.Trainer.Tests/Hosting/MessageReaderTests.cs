using System.Text.Json;
using PhysIntuition.Faults;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Vlm.Tokenization;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>Messages as OpenAI's clients send them, and what is said of those that cannot be read.</summary>
public sealed class MessageReaderTests
{
    [Fact]
    public void Read_TextsOfEveryRole_KeepTheirOrderAndADeveloperIsTheSystem()
    {
        var messages = Read("""
            [{"role":"developer","content":"Be short."},{"role":"user","content":"Does it fall?"},
             {"role":"assistant","content":"Yes."},{"role":"tool","content":"0.3"},{"role":"system","content":""}]
            """);

        Assert.Equal(["system", "user", "assistant", "tool", "system"], messages.Select(message => message.Role));
        Assert.Equal(
            ["Be short.", "Does it fall?", "Yes.", "0.3", ""],
            messages.Select(message => Assert.IsType<TextPart>(Assert.Single(message.Parts)).Text));
    }

    [Theory]
    [InlineData("""[{"role":"assistant","content":null}]""")]
    [InlineData("""[{"role":"assistant"}]""")]
    [InlineData("""[{"role":"assistant","tool_calls":[]}]""")]
    public void Read_MessageWithoutContent_IsAnEmptyText(string messages) =>
        Assert.Equal("", Assert.IsType<TextPart>(Assert.Single(Assert.Single(Read(messages)).Parts)).Text);

    [Fact]
    public void Read_PartsOfAMessage_AreItsTextsAndPicturesInOrder()
    {
        byte[] pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7, 6, 5, 4, 3, 2, 1];
        var png = Convert.ToBase64String(PngEncoder.Encode(pixels, 3, 2));
        var parts = Read($$$"""
            [{"role":"user","content":[{"type":"text","text":"Look: "},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,{{{png}}}"}},
              {"type":"text","text":"Falls?"}]}]
            """)[0].Parts;

        Assert.Equal(["Look: ", "Falls?"], parts.OfType<TextPart>().Select(part => part.Text));
        var picture = Assert.IsType<ImagePart>(parts[1]).Image!;
        Assert.Equal((3, 2), (picture.Width, picture.Height));
        Assert.Equal(pixels, picture.Pixels.ToArray());
    }

    [Theory]
    [InlineData("""{}""", "messages", "must be a list of messages, at least one.")]
    [InlineData("""[]""", "messages", "must be a list of messages, at least one.")]
    [InlineData("""["hello"]""", "messages[0]", "must be an object with role and content.")]
    [InlineData("""[{"role":"user","content":"a"},{"content":"b"}]""", "messages[1]", "must have role, a text.")]
    [InlineData("""[{"role":7,"content":"b"}]""", "messages[0]", "must have role, a text.")]
    [InlineData("""[{"role":"usr","content":"b"}]""", "messages[0].role", "Did you mean 'user'?")]
    [InlineData("""[{"role":"user","content":5}]""", "messages[0].content", "must be a text or a list of parts.")]
    [InlineData("""[{"role":"user","content":[3]}]""", "messages[0].content[0]", "must be an object with a type.")]
    [InlineData("""[{"role":"user","content":[{"text":"a"}]}]""", "messages[0].content[0]", "must have type, a text.")]
    [InlineData("""[{"role":"user","content":[{"type":"txt"}]}]""", "messages[0].content[0].type",
        "Did you mean 'text'?")]
    [InlineData("""[{"role":"user","content":[{"type":"text"}]}]""", "messages[0].content[0]",
        "must have text, a text.")]
    [InlineData("""[{"role":"user","content":[{"type":"image_url","image_url":"x"}]}]""", "messages[0].content[0]",
        "must have image_url, an object with a url.")]
    [InlineData("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://here/a.png"}}]}]""",
        "messages[0].content[0].image_url.url", "this server fetches nothing.")]
    [InlineData("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,!"}}]}]""",
        "messages[0].content[0].image_url.url", "has no base64 after the comma.")]
    [InlineData("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png,AAAA"}}]}]""",
        "messages[0].content[0].image_url.url", "must be data:image/png;base64,")]
    [InlineData(
        """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAA="}}]}]""",
        "messages[0].content[0].image_url.url", "cannot be read")]
    [InlineData("""[{"role":"assistant","tool_calls":[{"id":"1"}]}]""", "messages[0].tool_calls",
        "this server has no tools.")]
    public void Read_MessageThatCannotBe_IsNamedByItsPath(string messages, string field, string rule)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => Read(messages));

        Assert.Equal(field, fault.Field);
        Assert.Contains(rule, fault.Message);
    }

    private static IReadOnlyList<ChatMessage> Read(string messages)
    {
        using var document = JsonDocument.Parse(messages);

        return MessageReader.Read(document.RootElement);
    }
}
