using System.Buffers;
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

    [Theory]
    [InlineData("OffsetRetry-v1", "{}")]
    [InlineData("Offset-v1", """{"attempts":3,"tries":2}""")]
    [InlineData("SslJigsaw-v1", """{"attempts":3,"tries":1}""")]
    public void Read_WithHistory_IsTheNewTurnsOfEachStepWithTheAnswersBetween(string task, string options)
    {
        const int slots = 40;   // more pictures than are drawn at once
        var batch = Given.Batch(task, slots, options: options);
        batch.BeginReset(default, [.. Enumerable.Range(0, slots).Select(i => (ulong)i)], null, keepsTurns: true);
        new WorldRunner(batch.Simulator).Run(batch);
        var told = Read(batch);
        AssertHistory(batch, told);
        for (var step = 0; step < 3; step++)
        {
            var actions = new SlotAction[slots];
            for (var slot = 0; slot < slots; slot++)
            {
                var text = slot % 3 == 0 ? "<answer>(1, 2)</answer>" : slot % 3 == 1 ? "<try>(3, 4, 2, 1)</try>"
                    : "\"What?\" – \ud83d\ude00";
                actions[slot] = SlotAction.OfText(text);
                if (slot == 3)
                {
                    actions[slot] = SlotAction.OfNumbers([.. batch.Task.Spec.Answer.Select(axis => axis.Max)]);
                    text = $"<answer>({string.Join(", ", batch.Task.Spec.Answer.Select(axis => axis.Max))})</answer>";
                }

                told[slot].Add(new JsonObject { ["role"] = "assistant", ["content"] = text });
            }

            batch.Step(actions);
            var news = Read(batch);
            for (var slot = 0; slot < slots; slot++)
            {
                told[slot].Add(Assert.Single(news[slot])!.DeepClone());
            }

            AssertHistory(batch, told);
        }

        var file = new ArrayBufferWriter<byte>();
        batch.Capture(1, file);
        var other = Given.Batch(task, 2, options: options);
        other.Restore(0, file.WrittenSpan);
        other.Fork(1, batch, 4);
        var restored = Read(other, history: ChatHistory.All);
        Assert.Equal(told[1].ToJsonString(), restored[0].ToJsonString());
        Assert.Equal(told[4].ToJsonString(), restored[1].ToJsonString());
    }

    [Fact]
    public void Read_SameStepWithHistory_GivesEachEpisodeItsOwn()
    {
        var batch = Given.Batch("Offset-v1", 1, mode: AutoresetMode.SameStep, options: """{"attempts":2}""");
        batch.BeginReset(default, [5UL], null, keepsTurns: true);
        new WorldRunner(batch.Simulator).Run(batch);
        for (var step = 0; step < 4; step++)
        {
            batch.Step([SlotAction.OfText("<answer>(1, 2)</answer>")]);
            var now = Roles(Read(batch, history: ChatHistory.All)[0]);
            Assert.Equal(step % 2 == 1 ? "system user" : "system user assistant user", now);
            if (step % 2 == 1)
            {
                Assert.Equal("system user assistant user assistant user",
                    Roles(Read(batch, ObservationTime.Final, ChatHistory.All)[0]));
            }
        }
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("new", 0)]
    [InlineData("all", int.MaxValue)]
    [InlineData("12", 12)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("All", null)]
    [InlineData("99999999999", null)]
    public void TryParse_OfAHistory_TakesWordsAndNumbers(string text, int? turns)
    {
        Assert.Equal(turns is not null, ChatHistory.TryParse(text, out var history));
        Assert.Equal(turns, history?.Turns);
    }

    private static string Roles(JsonArray turns) => string.Join(' ', turns.Select(turn => (string)turn!["role"]!));

    // Of the whole conversation the last turns, cut before a turn of the user.
    private static void AssertHistory(EnvironmentBatch batch, JsonArray[] told)
    {
        foreach (var count in (int[])[1, 2, int.MaxValue])
        {
            var shown = Read(batch, history: new ChatHistory(count));
            for (var slot = 0; slot < told.Length; slot++)
            {
                int[] users = [.. Enumerable.Range(0, told[slot].Count).Where(
                    i => (string)told[slot][i]!["role"]! == "user")];
                var first = users.Length > count ? users[^count] : 1;
                var expected = new JsonArray([.. told[slot].Take(1).Concat(told[slot].Skip(first)).Select(
                    turn => turn!.DeepClone())]);
                Assert.Equal(expected.ToJsonString(), shown[slot].ToJsonString());
            }
        }
    }

    private static JsonArray[] Read(
        EnvironmentBatch batch, ObservationTime time = ObservationTime.Now, ChatHistory history = default) =>
        [.. ChatMessages.Read(batch, [.. Enumerable.Range(0, batch.Slots)], s_format, time, null, history)
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
