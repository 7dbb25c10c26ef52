using System.Text;
using System.Text.Json;
using PhysIntuition.Faults;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>Members of a request's JSON object: what is read, at its ends, and what is said of the rest.</summary>
public sealed class ChatReaderTests
{
    [Fact]
    public void Members_OfTheRightKind_AreReadAndAbsentOnesHaveTheirDefaults()
    {
        var reader = Reader("""{"s":"text","t":true,"f":false,"n":0.5,"w":7,"nothing":null}""");

        Assert.Equal(("text", null, null), (reader.Text("s"), reader.Text("absent"), reader.Text("nothing")));
        Assert.Equal((true, false, false), (reader.Flag("t"), reader.Flag("f"), reader.Flag("absent")));
        Assert.Equal((0.5, 3.0), (reader.Number("n", 3, 0, 1), reader.Number("absent", 3, 0, 1)));
        Assert.Equal((7, null), (reader.Whole("w", 1, 9), reader.Whole("absent", 1, 9)));
        Assert.Null(reader.Find("nothing"));
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("2", true)]
    [InlineData("2.0000001", false)]
    [InlineData("-0.1", false)]
    [InlineData("\"1\"", false)]
    [InlineData("[1]", false)]
    public void Number_AtItsEnds_IsTakenAndBeyondThemRefused(string value, bool isTaken) => AssertTaken(
        isTaken, () => Reader($$"""{"temperature":{{value}}}""").Number("temperature", 1, 0, 2), "temperature",
        $"'temperature' is {value}; must be a number in [0, 2].");

    [Theory]
    [InlineData("1", true)]
    [InlineData("20", true)]
    [InlineData("0", false)]
    [InlineData("21", false)]
    [InlineData("1.5", false)]
    [InlineData("true", false)]
    [InlineData("99999999999", false)]
    public void Whole_AtItsEnds_IsTakenAndBeyondThemRefused(string value, bool isTaken) => AssertTaken(
        isTaken, () => Reader($$"""{"n":{{value}}}""").Whole("n", 1, 20), "n",
        $"'n' is {value}; must be a whole number in [1, 20].");

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", true)]
    [InlineData("1", false)]
    [InlineData("\"yes\"", false)]
    public void Flag_AnythingButTrueAndFalse_IsRefused(string value, bool isTaken) => AssertTaken(
        isTaken, () => Reader($$"""{"stream":{{value}}}""").Flag("stream"), "stream",
        $"'stream' is {value}; must be true or false.");

    [Fact]
    public void Wrong_LongValue_IsShortened()
    {
        var value = new string('a', 500);
        var fault = Assert.Throws<PhysIntuitionException>(
            () => Reader($$"""{"n":"{{value}}"}""").Whole("n", 1, 2));

        Assert.Equal($"'n' is \"{value[..79]} ...; must be a whole number in [1, 2].", fault.Message);
    }

    [Fact]
    public void RequireKnown_MisspeltMember_NamesTheOneThatWasMeant()
    {
        var reader = Reader("""{"model":"tiny","mesages":[]}""");
        var fault = Assert.Throws<PhysIntuitionException>(() => reader.RequireKnown(["model", "messages"]));

        Assert.Equal("mesages", fault.Field);
        Assert.Equal(
            "'mesages' is no member of this request. Did you mean 'messages'? Leave it out.", fault.Message);
        reader.RequireKnown(["model", "mesages"]);
    }

    [Fact]
    public void Need_MemberThatIsMissing_SaysWhatToWrite()
    {
        var fault = Assert.Throws<PhysIntuitionException>(
            () => Reader("""{"lora_path":null}""").Need("lora_path", "write a folder."));

        Assert.Equal(("lora_path", "'lora_path' is missing; write a folder."), (fault.Field, fault.Message));
    }

    [Theory]
    [InlineData("[1]", "'body' is [1]; must be a JSON object, as {\"model\": ...}.")]
    [InlineData("\"text\"", "'body' is \"text\"; must be a JSON object, as {\"model\": ...}.")]
    [InlineData("{\"model\":", "'body' is no JSON: ")]
    [InlineData("", "'body' is no JSON: ")]
    public async Task ReadAsync_WhatIsNoObject_IsRefused(string body, string message)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(body));
        var fault = await Assert.ThrowsAsync<PhysIntuitionException>(
            () => ChatReader.ReadAsync(stream, CancellationToken.None));

        Assert.Equal("body", fault.Field);
        Assert.StartsWith(message, fault.Message);
    }

    private static void AssertTaken(bool isTaken, Action read, string field, string message)
    {
        if (isTaken)
        {
            read();
            return;
        }

        var fault = Assert.Throws<PhysIntuitionException>(read);
        Assert.Equal((Fault.InvalidArgument, field, message), (fault.Fault, fault.Field, fault.Message));
    }

    private static ChatReader Reader(string json)
    {
        using var document = JsonDocument.Parse(json);

        return new(document.RootElement.Clone());
    }
}
