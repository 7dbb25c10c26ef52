using System.Text.Json.Nodes;
using PhysIntuition.Server.Tests;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.V1;
using PhysIntuition.Vlm;

namespace PhysIntuition.Trainer;

/// <summary>The trainer's models on a real server's leaderboard.</summary>
public sealed class HeldoutRunTests : IDisposable
{
    private static readonly SftOptions s_short = new()
    {
        Steps = 1, Batch = 2, MicroBatch = 2, PictureSize = 32, EvaluationQuestions = 1, Threads = 1,
    };

    private readonly TemporaryFolder _folder = new();

    public HeldoutRunTests() => NativeTorch.Require();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Stability-v1", "tall-v1", 2)] // Two of four scenes are the run's own.
    [InlineData("OffsetRetry-v1", "", 4)]
    public async Task PlayAsync_TinyModel_StandsOnTheLeaderboardWithEverySceneAnswered(
        string task, string suite, uint counted)
    {
        Sft.Train(s_short, _folder.At("run"), CancellationToken.None);
        await using var server = await RunningServer.StartAsync(
            $"Leaderboard:Folder={_folder.At("board")}", "Leaderboard:ReplyPace=0");
        using var policy = Policy.Open(_folder.At("run/final"), new PolicyOptions());

        var score = await HeldoutRun.PlayAsync(policy, server.Address, new HeldoutOptions
        {
            Method = "tiny",
            Model = "run/final",
            Task = task,
            Suite = suite,
            TrainedOn = "Stability-v1",
            PictureSize = 32,
            Identity = _folder.At("method.key"),
            Evaluation = new EvaluationOptions { Questions = 4, Batch = 3, MaxTokens = 4 },
        });

        var board = new LeaderboardService.LeaderboardServiceClient(server.Channel);
        var row = Assert.Single((await board.ListStandingsAsync(
            new ListStandingsRequest { Task = task, Suite = suite })).Rows);
        Assert.Equal((counted, 0u), (score.Count, score.Unanswered));
        Assert.True(row.IsVerified);
        Assert.Equal(("tiny", "agent", "Stability-v1", score.Mean), (row.Method, row.Kind, row.TrainedOn, row.Mean));
        var usage = JsonNode.Parse(row.SettingsJson)!["usage"]!;
        Assert.Equal("run/final", (string)usage["model"]!);
        Assert.InRange((int)usage["tokens"]!["output"]!, 4, 4 * 4 * 3);   // scenes, tokens, at most three turns
        Assert.True((int)usage["tokens"]!["input"]! > 4 * 20);   // every prompt has a picture and a question
        Assert.Equal(10, ((string)usage["day"]!).Length);
    }

    [Fact]
    public async Task PlayAsync_UnknownTask_SaysWhatTheServerSays()
    {
        await using var server = await RunningServer.StartAsync($"Leaderboard:Folder={_folder.At("board")}");
        Sft.Train(s_short, _folder.At("run"), CancellationToken.None);
        using var policy = Policy.Open(_folder.At("run/final"), new PolicyOptions());

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => HeldoutRun.PlayAsync(
            policy, server.Address, new HeldoutOptions { Method = "tiny", Task = "Nothing-v1" }));

        Assert.Contains("Nothing-v1", refusal.Message);
    }
}
