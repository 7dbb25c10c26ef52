using Microsoft.Extensions.AI;
using PhysIntuition.Evaluation.Models;

namespace PhysIntuition.Evaluation.Tests.Models;

/// <summary>Recorded answers.</summary>
public sealed class ScriptedClientTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Stability-v1", 3, 0, "yes")]
    [InlineData("Offset-v1", 3, 0, "(1, 2)")]      // its own line, beside the one for any task
    [InlineData("Stability-v1", 3, 1, "again")]    // a later turn
    public async Task FromFile_Lines_AnswerTheirSceneTurnAndTask(string task, ulong seed, int turn, string answer)
    {
        using var client = Record(
            """{"seed": 3, "answer": "yes"}""", """{"task": "Offset-v1", "seed": 3, "answer": "(1, 2)"}""",
            """{"seed": 3, "turn": 1, "answer": "again"}""");

        var response = await AskAsync(client, new QuestionPlace(task, seed, turn, Slot: 0));

        Assert.Equal((answer, "answers.jsonl", ChatFinishReason.Stop),
            (response.Text, response.ModelId, response.FinishReason));
    }

    [Fact]
    public async Task Ask_SceneWithoutALine_SaysWhichOne()
    {
        using var client = Record("""{"seed": 3, "answer": "yes"}""");

        var missing = await Assert.ThrowsAsync<KeyNotFoundException>(
            () => AskAsync(client, new QuestionPlace("Stability-v1", 4, 0, 0)));

        Assert.EndsWith("has no answer for scene 4, turn 0, of Stability-v1.", missing.Message);
    }

    [Theory]
    [InlineData("""{"answer": "yes"}""")]
    [InlineData("""{"seed": 3}""")]
    [InlineData("""{"seed": "three", "answer": "yes"}""")]
    [InlineData("""{"seed": -1, "answer": "yes"}""")]
    [InlineData("yes")]
    public void FromFile_LineOfAnotherForm_IsNamedByItsNumber(string line)
    {
        var refused = Assert.Throws<ArgumentException>(() => Record("""{"seed": 0, "answer": "no"}""", line));

        Assert.Contains("line 2, is no recorded answer", refused.Message);
        Assert.EndsWith("""Write {"seed": 3, "answer": "..."}.""", refused.Message);
    }

    [Fact]
    public async Task Stream_OfAnAnswer_IsTheAnswer()
    {
        using var client = Record("""{"seed": 3, "answer": "yes"}""");

        var parts = new List<string>();
        await foreach (var part in client.GetStreamingResponseAsync(
            [], Options(new QuestionPlace("Stability-v1", 3, 0, 0)), TestContext.Current.CancellationToken))
        {
            parts.Add(part.Text);
        }

        Assert.Equal("yes", string.Concat(parts));
    }

    private ScriptedClient Record(params string[] lines)
    {
        File.WriteAllLines(_folder.At("answers.jsonl"), lines);
        return ScriptedClient.FromFile(_folder.At("answers.jsonl"));
    }

    private static Task<ChatResponse> AskAsync(ScriptedClient client, QuestionPlace place) =>
        client.GetResponseAsync([], Options(place), TestContext.Current.CancellationToken);

    private static ChatOptions Options(QuestionPlace place) =>
        new() { AdditionalProperties = new() { [ScriptedClient.PlaceName] = place } };
}
