using System.Text.Json.Nodes;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Environments.Tests.Observations;

/// <summary>The observation "messages".</summary>
public sealed class ChatMessagesTests
{
    private const int Side = 32;

    private static readonly FrameFormat s_format = new(Side, Side);

    public static TheoryData<string> Tasks => Given.Tasks;

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Read_AnEpisodesFirstTurns_AreTheSystemsAndTheQuestionWithItsPicture(string task)
    {
        var batch = Given.Batch(task, 2);
        batch.Reset(5);
        for (var slot = 0; slot < 2; slot++)
        {
            var turns = Read(batch)[slot];

            Assert.Equal(["system", "user"], turns.Select(turn => (string)turn!["role"]!));
            Assert.Equal(ChatMessages.System, (string)turns[0]!["content"]!);
            Assert.Equal(["image_url", "text"], turns[1]!["content"]!.AsArray().Select(part => (string)part!["type"]!));
            Assert.Equal(batch.View.Prompt(slot), Text(turns[1]!));
            Assert.Equal(
                PngEncoder.Encode(Given.Picture(batch, slot, Side), Side, Side, PixelFormat.Rgb8), Picture(turns[1]!));
        }
    }

    [Fact]
    public void Read_AfterAnAnswer_IsOneUserTurnWithWhatCameOfItAndTheNextQuestion()
    {
        var batch = Given.Batch("OffsetRetry-v1", 1);
        batch.Reset(5);

        batch.Step([SlotAction.OfText("<answer>(1, 2)</answer>")]);
        var legal = Read(batch)[0];
        batch.Step([SlotAction.OfText("Who knows?")]);
        var unreadable = Read(batch)[0];
        var second = batch.View.Prompt(0);
        batch.Step([SlotAction.OfText("<answer>(1, 2)</answer>")]);
        var last = Read(batch)[0];

        Assert.All([legal, unreadable, last], turns => Assert.Equal("user", (string)Assert.Single(turns)!["role"]!));
        Assert.StartsWith("Legal and not taller.\nThe picture shows", Text(legal[0]!));
        Assert.StartsWith("Unreadable.\nThe answer could not be read: There is no <answer>", Text(unreadable[0]!));
        Assert.EndsWith(second, Text(unreadable[0]!));
        Assert.Equal($"{batch.Results.Verdicts[0]}\nThe episode is over.", Text(last[0]!));
    }

    [Fact]
    public void Read_HeldOutScene_TellsNoVerdict()
    {
        var batch = Given.Batch("Stability-v1", 1, Split.Heldout);
        batch.Reset(5);
        batch.Step([SlotAction.OfText("<answer>yes</answer>")]);

        Assert.Equal("The episode is over.", Text(Read(batch)[0][0]!));
    }

    [Fact]
    public void Read_SameStep_TellsOfTheEndedEpisodeInItsOwnRow()
    {
        var batch = Given.Batch("Stability-v1", 1, mode: AutoresetMode.SameStep);
        batch.Reset(5);
        batch.Step([SlotAction.OfText("<answer>yes</answer>")]);

        Assert.Equal(2, Read(batch)[0].Count);
        Assert.EndsWith("The episode is over.", Text(Read(batch, ObservationTime.Final)[0][0]!));
    }

    [Fact]
    public void Read_MoreRowsThanAreDrawnAtOnce_AreInOrder()
    {
        var batch = Given.Batch("Stability-v1", 40);
        batch.Reset(5);

        var turns = ChatMessages.Read(batch, [39, 0, .. Enumerable.Range(0, 40)], s_format);

        Assert.Equal(turns[0], turns[41]);
        Assert.Equal(turns[1], turns[2]);
        Assert.Equal(40, turns.Distinct().Count());
    }

    private static JsonArray[] Read(EnvironmentBatch batch, ObservationTime time = ObservationTime.Now) =>
        [.. ChatMessages.Read(batch, [.. Enumerable.Range(0, batch.Slots)], s_format, time)
            .Select(json => JsonNode.Parse(json)!.AsArray())];

    private static string Text(JsonNode turn) => (string)turn["content"]![1]!["text"]!;

    private static byte[] Picture(JsonNode turn)
    {
        const string scheme = "data:image/png;base64,";
        var url = (string)turn["content"]![0]!["image_url"]!["url"]!;
        Assert.StartsWith(scheme, url);
        return Convert.FromBase64String(url[scheme.Length..]);
    }
}
