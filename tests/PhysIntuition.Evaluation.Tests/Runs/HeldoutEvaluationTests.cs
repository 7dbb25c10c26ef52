using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PhysIntuition.Client.Tests;
using PhysIntuition.Evaluation.Models;
using PhysIntuition.Evaluation.Runs;
using PhysIntuition.Server.Tests;
using PhysIntuition.V1;

namespace PhysIntuition.Evaluation.Tests.Runs;

/// <summary>Any model on a real server's leaderboard.</summary>
public sealed class HeldoutEvaluationTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentBag<(ulong Scene, int Turn)> _asked = [];
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StartAsync();

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(
        $"Leaderboard:Folder={_folder.At("board")}", "Leaderboard:ReplyPace=0");

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Run_WithAQuestionThatNobodyAnswered_StaysOpenAndGoesOnWithItAlone()
    {
        var first = await PlayAsync("Stability-v1", scenes: 8, place => place.Seed == 3
            ? throw new HttpRequestException("cut")
            : "<answer>yes</answer>");
        Assert.Contains("1 of 8 scenes have no answer", first);

        var second = await PlayAsync("Stability-v1", scenes: 8, _ => "Perhaps.");

        Assert.Contains("over 4 scenes that count now", second);
        Assert.Equal(9, _asked.Count);
        Assert.Equal(2, _asked.Count(place => place.Scene == 3));
        var row = await RowAsync("Stability-v1");
        Assert.True(row.IsVerified);
        Assert.Equal(4u, row.Outcomes.Right + row.Outcomes.Wrong); // Scene 3 is common, and counts later.
        using var settings = JsonDocument.Parse(row.SettingsJson);
        var usage = settings.RootElement.GetProperty("usage");
        Assert.Equal("scripted-2026-11-01", usage.GetProperty("model").GetString());
        Assert.Equal(JsonValueKind.Number, usage.GetProperty("tokens").GetProperty("input").ValueKind);
        Assert.Equal(10, usage.GetProperty("day").GetString()!.Length);
        Assert.Equal(4096, settings.RootElement.GetProperty("max_tokens").GetInt32());
    }

    [Fact]
    public async Task Run_OfSeveralTurns_AnswersEveryStepOfEveryScene()
    {
        var said = await PlayAsync("OffsetRetry-v1", scenes: 2, _ => "<answer>(0, 100)</answer>");

        Assert.Contains("over 2 scenes that count now, 0 of them never answered", said);
        Assert.Equal(
            [(0UL, 0), (0UL, 1), (0UL, 2), (1UL, 0), (1UL, 1), (1UL, 2)], _asked.Order());
    }

    [Fact]
    public async Task Run_WithAnswersThatTheServerDidNotHear_SendsThemWithoutAskingAgain()
    {
        await PlayAsync("Stability-v1", scenes: 4, place => place.Seed == 2
            ? throw new HttpRequestException("cut")
            : "<answer>no</answer>");
        using (var folder = Open("Stability-v1", 4))
        {
            // What a program that is killed between the answer and its sending leaves.
            var (other, lost) = (folder.Samples[0], folder.Samples[2]);
            folder.Add(lost with { Outcome = SampleOutcome.Answered, Exchanges = other.Exchanges, Error = null });
        }

        var said = await PlayAsync(
            "Stability-v1", scenes: 4, _ => throw new InvalidOperationException("Asked again."));

        Assert.Contains("over 2 scenes that count now, 0 of them never answered", said);
    }

    [Fact]
    public async Task Run_AnswerThatWasCutOff_CountsAsThat()
    {
        await PlayAsync("Stability-v1", scenes: 2, _ => "I think that", ChatFinishReason.Length);

        Assert.Equal(new RowOutcomes { CutOff = 1 }, (await RowAsync("Stability-v1")).Outcomes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Run_ServerLostAtARandomMoment_WaitsUntilItIsBack(int seed)
    {
        await using var proxy = new CuttableProxy(_server.Address);
        var last = new Random(seed).Next(1, 20);
        var asked = 0;
        var restarting = Task.CompletedTask;
        var said = await PlayAsync("OffsetRetry-v1", scenes: 8, _ =>
        {
            if (Interlocked.Increment(ref asked) == last)
            {
                proxy.Target = new Uri("http://127.0.0.1:1");   // nobody
                proxy.Cut();
                restarting = Task.Run(async () =>
                {
                    await _server.DisposeAsync();
                    _server = await StartAsync();   // with what it had kept
                    proxy.Target = _server.Address;
                });
            }

            return "<answer>(0, 100)</answer>";
        }, leaderboard: proxy.Address);

        await restarting.WaitAsync(RunningServer.Patience);
        Assert.Contains("scenes that count now, 0 of them never answered", said);
        Assert.Equal(24, _asked.Distinct().Count());
        Assert.Equal(24, _asked.Count);   // nothing is asked twice
    }

    private async Task<StandingRow> RowAsync(string task) => Assert.Single(
        (await new LeaderboardService.LeaderboardServiceClient(_server.Channel).ListStandingsAsync(
            new ListStandingsRequest { Task = task })).Rows);

    private EvaluationPlan Plan(string task, int scenes) => new()
    {
        Models = [new ModelName("scripted", Provider.Mock, "scripted")], Tasks = [task], Splits = ["heldout"],
        Questions = scenes, PictureSize = 32,
    };

    private RunFolder Open(string task, int scenes) =>
        RunFolder.Open(_folder.At("run"), Plan(task, scenes), resumes: true);

    private async Task<string> PlayAsync(
        string task, int scenes, Func<QuestionPlace, string> answer, ChatFinishReason? end = null,
        Uri? leaderboard = null)
    {
        using var folder = Open(task, scenes);
        using var evaluation = new HeldoutEvaluation(
            Plan(task, scenes),
            new HeldoutPlan { Leaderboard = leaderboard ?? _server.Address, Identity = _folder.At("method.key") },
            folder, prices: null);
        var limit = new AdaptiveLimit(16);
        using var patience = new CancellationTokenSource(RunningServer.Patience);
        var sentences = await evaluation.RunAsync(
            _ => new Ending(new ScriptedClient("scripted-2026-11-01", place =>
            {
                _asked.Add((place.Seed, place.Turn));
                return answer(place);
            }), end), _ => limit, patience.Token);
        return Assert.Single(sentences);
    }

    /// <summary>Ends every answer for a reason.</summary>
    private sealed class Ending(IChatClient inner, ChatFinishReason? end) : DelegatingChatClient(inner)
    {
        public override async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null,
            CancellationToken cancellationToken = default)
        {
            var response = await base.GetResponseAsync(messages, options, cancellationToken);
            response.FinishReason = end ?? response.FinishReason;
            return response;
        }
    }
}
