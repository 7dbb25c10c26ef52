using System.Diagnostics;
using System.Globalization;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Server.Leaderboards;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.V1;
using Answer = PhysIntuition.Leaderboard.Runs.Answer;

namespace PhysIntuition.Server.Tests;

/// <summary>A client that cheats gets nothing: one test for each thing that it may try.</summary>
public sealed class LeaderboardCheatTests : IAsyncLifetime
{
    private const string Yes = "<answer>yes</answer>";
    private const string No = "<answer>no</answer>";

    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-board-").FullName;
    private readonly CountingSimulator _simulator = new();
    private RunningServer _server = null!;
    private LeaderboardService.LeaderboardServiceClient _board = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync(
            services => services.Replace(ServiceDescriptor.Singleton<ISimulator>(_simulator)),
            $"Leaderboard:Folder={_folder}", "Leaderboard:ReplyPace=0");
        _board = new LeaderboardService.LeaderboardServiceClient(_server.Channel);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _simulator.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task RightAnswersOfOneRun_ReplayedInAnother_ScoreWhatChanceScores()
    {
        var spied = await OpenAsync("spied", count: 400);
        var truth = await TruthAsync(spied);
        await AnswerAsync(spied, truth);
        var replayed = await OpenAsync("replayed", count: 400);
        await AnswerAsync(replayed, truth);

        Assert.Equal(1, (await CloseAsync(spied)).Mean);
        AssertChance(await CloseAsync(replayed));
    }

    [Theory]
    [InlineData("Stability-v1")]
    [InlineData("RedRemove-v1")]
    [InlineData("Collision-v1")]
    public async Task TheSameAnswerAlways_ScoresWhatChanceScores(string task)
    {
        foreach (var answer in new[] { Yes, No })
        {
            var run = await OpenAsync($"always {answer}", count: 400, task);
            await AnswerAsync(run, Enumerable.Repeat(answer, 400));

            AssertChance(await CloseAsync(run));
        }
    }

    [Fact]
    public async Task NoAnswerAtAll_ScoresWhatUnreadableAnswersScore()
    {
        var (silent, garbled) = (await OpenAsync("silent", count: 20), await OpenAsync("garbled", count: 20));
        await AnswerAsync(garbled, Enumerable.Repeat("I would rather not say.", 20));

        var (first, second) = (await CloseAsync(silent), await CloseAsync(garbled));

        Assert.Equal((-1.0, 10u), (first.Mean, first.Unanswered));
        Assert.Equal((-1.0, 0u), (second.Mean, second.Unanswered));
    }

    [Fact]
    public async Task RightWrongAndUnreadableAnswers_GetTheSameReply()
    {
        var run = await OpenAsync("fisher", count: 6);
        var truth = await TruthAsync(run);
        string[] answers = [truth[0], truth[2] == Yes ? No : Yes, "garbage", "<answer>maybe</answer>"];
        var replies = new HashSet<AnswerReply>();
        foreach (var (answer, scene) in answers.Zip([0u, 2u, 3u, 4u]))
        {
            replies.Add(await _board.AnswerAsync(Request(run, scene, answer)));
        }

        Assert.Equal(new AnswerReply { Accepted = 1 }, Assert.Single(replies));
    }

    [Theory]
    [InlineData("Stability-v1")]
    [InlineData("Offset-v1")]
    [InlineData("OffsetRetry-v1")]
    public async Task Answering_SimulatesNothing_SoThatItsTimeTellsNothing(string task)
    {
        var run = await OpenAsync("clock", count: 4, task);
        await ObserveAsync(run); // What is prepared is there now.
        var before = _simulator.Worlds;
        for (var scene = 0u; scene < 4; scene++)
        {
            await _board.AnswerAsync(Request(run, scene, "<answer>(10, 200)</answer>"));
        }

        Assert.Equal(before, _simulator.Worlds);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task Opening_ARunOfAnyLength_SimulatesWholeGroupsOfScenes(int count)
    {
        await ObserveAsync(await OpenAsync("first", PreparedScenes.GroupSize));
        var before = _simulator.Settled;
        await ObserveAsync(await OpenAsync("short", count));

        // Common ones are known; of candidates that are no scene there may be more.
        Assert.True(_simulator.Settled - before >= PreparedScenes.GroupSize / 2,
            $"{_simulator.Settled - before} worlds for a run of {count} scenes.");
    }

    [Theory]
    [InlineData("Stability-v1")]
    [InlineData("PushOutcome-v1")]
    [InlineData("SslContrastive-v1")]
    public async Task Looking_ManyTimes_SimulatesNothing_SoThatItsTimeTellsNothing(string task)
    {
        var run = await OpenAsync("stopwatch", count: 4, task);
        await ObserveAsync(run);
        var before = _simulator.Worlds;
        await _board.ObserveAsync(new ObserveRunRequest
        {
            Run = run.Run, Token = run.Token, Scenes = { Enumerable.Repeat(3u, 256) }, Width = 64, Height = 64,
        });
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => ObserveAsync(run)));

        Assert.Equal(before, _simulator.Worlds);
    }

    [Fact]
    public async Task Closing_WhileTheSeasonIsOpen_SimulatesNoCommonScene()
    {
        var run = await OpenAsync("spy", count: 2, "Offset-v1");
        await ObserveAsync(run);
        await _board.AnswerAsync(Request(run, 1, "<answer>(0, 150)</answer>"));
        var before = _simulator.Worlds;
        await CloseAsync(run);

        // The own scene was not answered, so nothing has to be simulated at all.
        Assert.Equal(before, _simulator.Worlds);
        Assert.Equal([0], (await (await HostAsync()).Store.ResultsAsync(run.Run)).Select(result => result.Scene));
    }

    [Fact]
    public async Task SeveralAnswers_AreAskedForOnScenesThatNoOtherRunMeets()
    {
        var pictures = new List<IEnumerable<ByteString>>();
        foreach (var method in new[] { "first", "second" })
        {
            var run = await OpenAsync(method, 4, "OffsetRetry-v1");
            pictures.Add((await _board.ObserveAsync(new ObserveRunRequest
            {
                Run = run.Run, Token = run.Token, Scenes = { 0, 1, 2, 3 }, Width = 64, Height = 64,
            })).Pictures);
        }

        Assert.Empty(pictures[0].Intersect(pictures[1]));
    }

    [Fact]
    public async Task TheRoadOfPeople_IsClosedToRunsOfPrograms()
    {
        var run = await OpenAsync("measurer", 2, "Offset-v1");
        using var http = new HttpClient { BaseAddress = _server.HttpAddress };
        http.DefaultRequestHeaders.Add(LeaderboardHttp.TokenHeader, run.Token);
        using var answer = await http.PostAsync($"/api/play/runs/{run.Run}/next", content: null);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain("aim", await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task LooksBeyondTheRate_AreRefusedUntilLater()
    {
        await using var slow = await RunningServer.StartAsync(
            $"Leaderboard:Folder={Path.Combine(_folder, "slow")}", "Leaderboard:ReplyPace=0",
            "Leaderboard:LooksPerSecond=10");
        var board = new LeaderboardService.LeaderboardServiceClient(slow.Channel);
        var run = await board.OpenRunAsync(new OpenRunRequest { Method = "eager", Task = "Stability-v1", Count = 2 });
        var look = new ObserveRunRequest { Run = run.Run, Token = run.Token, Scenes = { Enumerable.Repeat(0u, 256) } };
        await board.ObserveAsync(look); // A whole burst.

        var (code, error) = await Given.RefusalAsync(board.ObserveAsync(look));

        Assert.Equal((StatusCode.ResourceExhausted, "PhysIntuition:Leaderboard:LooksPerSecond"), (code, error.Option));
        Assert.True(error.RetryAfterMs > 0);
    }

    [Fact]
    public async Task Meters_DoNotMoveWithAHeldoutScene_WhileItsRunIsOpen()
    {
        using var http = new HttpClient { BaseAddress = _server.HttpAddress };
        async Task<Dictionary<string, double>> ReadAsync() => (await http.GetStringAsync("/metrics")).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture));
        var run = await OpenAsync("gauge", 64, "SslContrastive-v1");
        await ObserveAsync(run);
        var before = await ReadAsync();
        for (var scene = 0u; scene < 64; scene += 32)
        {
            await _board.ObserveAsync(new ObserveRunRequest
            {
                Run = run.Run, Token = run.Token, Scenes = { scene }, Width = 96, Height = 96,
            });
        }

        var after = await ReadAsync();
        // These are the process's, which runs other tests too; `bench leaks` watches them in a process of its own.
        string[] process = ["physintuition_allocated", "physintuition_heap", "physintuition_memory"];
        Assert.All(before.Keys.Except(process), name => Assert.Equal((name, before[name]), (name, after[name])));
    }

    [Fact]
    public async Task HeldoutWork_WhatItAllocates_IsLeftOutOfTheMetersUntilARunIsClosed()
    {
        using var work = new HeldoutWork();
        Assert.Equal(12_345, work.Coarsely(12_345));

        Assert.Equal(1 << 20, (await work.RunAsync(() => new byte[1 << 20])).Length);

        Assert.InRange(work.Allocated, 1 << 20, (1 << 20) + 10_000);
        Assert.Equal((0L, 0L), (work.AllocatedByClosed, work.ScenesOfClosed));
        work.Closed(scenes: 7);
        Assert.Equal((64L << 20, 7L), (work.AllocatedByClosed, work.ScenesOfClosed));
        Assert.Equal(64L << 20, work.Coarsely(12_345));
    }

    [Fact]
    public async Task Observing_AnAnsweredScene_NeitherSimulatesNorShowsWhatCameOfIt()
    {
        var run = await OpenAsync("looker", count: 2, "Offset-v1");
        var (unseen, _) = await ObserveAsync(run);
        await _board.AnswerAsync(Request(run, 0, "<answer>(10, 200)</answer>"));
        var (seen, worked) = await ObserveAsync(run);

        Assert.Equal(unseen.Pictures, seen.Pictures);
        Assert.Equal(unseen.Prompts, seen.Prompts);
        Assert.Equal(1, seen.Ended[0]);
        Assert.Equal(0, worked); // The answer is not played.
    }

    [Fact]
    public async Task Observing_LeavesAtThePace_SoThatItsTimeTellsNothing()
    {
        await using var paced = await RunningServer.StartAsync(
            $"Leaderboard:Folder={Path.Combine(_folder, "paced")}", "Leaderboard:ReplyPace=00:00:00.3");
        var board = new LeaderboardService.LeaderboardServiceClient(paced.Channel);
        var run = await board.OpenRunAsync(new OpenRunRequest { Method = "clock", Task = "Stability-v1", Count = 2 });
        var clock = Stopwatch.StartNew();
        await board.ObserveAsync(new ObserveRunRequest { Run = run.Run, Token = run.Token, Scenes = { 0 } });
        await board.GetNextAsync(new GetNextRequest { Run = run.Run, Token = run.Token });

        Assert.True(clock.ElapsedMilliseconds >= 590, $"Two looks took {clock.ElapsedMilliseconds} ms.");
    }

    [Fact]
    public async Task AnswersToCommonScenes_ChangeNoScoreOfTheSeason()
    {
        var scores = new HashSet<RunScore>();
        foreach (var isRight in new[] { true, false })
        {
            var run = await OpenAsync("spy", count: 20);
            var truth = await TruthAsync(run);
            for (var scene = 1u; scene < 20; scene += 2)
            {
                var other = truth[(int)scene] == Yes ? No : Yes;
                await _board.AnswerAsync(Request(run, scene, isRight ? truth[(int)scene] : other));
            }

            var score = await CloseAsync(run);
            scores.Add(new RunScore { Mean = score.Mean, Count = score.Count, Unanswered = score.Unanswered });
        }

        Assert.Equal(new RunScore { Mean = -1, Count = 10, Unanswered = 10 }, Assert.Single(scores));
    }

    [Fact]
    public async Task TwentyAnswersAtOnce_KeepExactlyOne()
    {
        var run = await OpenAsync("octopus", count: 2);

        var tries = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => TryAnswerAsync(run, i % 2 == 0 ? Yes : No)));

        var stored = (await StoredAsync(run)).Single();
        Assert.Equal(1u, tries.Sum(reply => reply?.Accepted ?? 0));
        Assert.Equal(10, tries.Count(reply => reply is null)); // The ten others; repetitions of the one are harmless.
        Assert.Contains(stored.Text, new[] { Yes, No });
    }

    [Fact]
    public async Task TwoAnswersToOneSceneInOneCall_AreRefusedTogether()
    {
        var run = await OpenAsync("both", count: 2);
        var request = Request(run, 0, Yes);
        request.Answers.Add(new RunAnswer { Scene = 0, Text = No });

        var (code, error) = await Given.RefusalAsync(_board.AnswerAsync(request));

        Assert.Equal((StatusCode.FailedPrecondition, "answer"), (code, error.Field));
        Assert.Empty(await StoredAsync(run));
    }

    [Fact]
    public async Task AnExtraAttempt_BeyondTheTasksSteps_IsRefused()
    {
        var run = await OpenAsync("once more", count: 2);
        await AnswerAsync(run, [Yes]);
        var request = Request(run, 0, No);
        request.Answers[0].Step = 1;

        var (code, error) = await Given.RefusalAsync(_board.AnswerAsync(request));

        Assert.Equal((StatusCode.InvalidArgument, "step"), (code, error.Field));
    }

    [Fact]
    public async Task EveryCall_WithAGuessedRunOrAnothersToken_GetsTheSameNotFound()
    {
        var (mine, other) = (await OpenAsync("mine", count: 2), await OpenAsync("other", count: 2));
        var refusals = new HashSet<(StatusCode, string)>();
        foreach (var (run, token) in new[]
        {
            (mine.Run, other.Token), (new string('0', 32), mine.Token), (mine.Run, ""), ("", ""),
            (mine.Run, mine.Token.ToUpperInvariant()), ("' OR 1=1 --", mine.Token),
        })
        {
            refusals.UnionWith(await RefusalsAsync(run, token));
        }

        Assert.Equal(StatusCode.NotFound, Assert.Single(refusals).Item1);
        Assert.Empty(await StoredAsync(mine));
    }

    [Fact]
    public async Task AClosedRun_CannotBeReopened()
    {
        var run = await OpenAsync("again", count: 4);
        await AnswerAsync(run, [No, No]);
        var score = await CloseAsync(run);

        var late = await Given.RefusalAsync(_board.AnswerAsync(Request(run, 3, Yes)));
        var next = await _board.GetNextAsync(new GetNextRequest { Run = run.Run, Token = run.Token });
        var status = await _board.GetRunAsync(new GetRunRequest { Run = run.Run, Token = run.Token });

        Assert.Equal(StatusCode.FailedPrecondition, late.Code);
        Assert.True(next.Done);
        Assert.Equal("closed", status.State);
        Assert.Equal(score, await CloseAsync(run));
    }

    [Fact]
    public async Task ClosingTheRunsInAnotherOrder_DoesNotChooseTheOneThatCounts()
    {
        var (earlier, later) = (await OpenAsync("chooser", count: 20), await OpenAsync("chooser", count: 20));
        await AnswerAsync(earlier, await TruthAsync(earlier));
        await CloseAsync(later); // Not good enough? Then the other one:
        await CloseAsync(earlier);

        var row = (await _board.ListStandingsAsync(new ListStandingsRequest { Task = "Stability-v1" })).Rows.Single();

        Assert.Equal((later.Run, -1.0), (row.Run, row.Mean));
    }

    [Fact]
    public async Task AnswersFromTheRevealedSecret_ComeTooLate()
    {
        var run = await OpenAsync("patient", count: 40);
        await (await HostAsync()).Board.CloseSeasonAsync(run.Status.Season);
        var truth = await TruthAsync(run); // Now anybody can derive it.

        var late = await Given.RefusalAsync(_board.AnswerAsync(Request(run, 0, truth[0])));

        Assert.Equal((StatusCode.FailedPrecondition, "run"), (late.Code, late.Error.Field));
        Assert.Equal(40u, (await CloseAsync(run)).Unanswered);
    }

    [Fact]
    public async Task OptionsSpelledDifferently_AreTheSameBoardAndTheSameLimit()
    {
        string[] spellings =
        [
            """{"blocks":{"min":2,"max":2},"reward":"signed"}""",
            """{ "reward": "signed", "blocks": { "max": 2, "min": 2 } }""",
            "{\"blocks\":\n{\"min\":2,\"max\":2},\"reward\":\"signed\"}",
        ];
        var boards = new HashSet<string>();
        foreach (var options in spellings)
        {
            boards.Add((await OpenAsync("speller", 2, options: options)).Status.OptionsJson);
        }

        Assert.Single(boards);
        var fourth = await Given.RefusalAsync(_board.OpenRunAsync(new OpenRunRequest
        {
            Method = "speller", Task = "Stability-v1", Count = 2, OptionsJson = spellings[0] + " ",
        }));
        Assert.Equal(StatusCode.ResourceExhausted, fourth.Code);
    }

    [Fact]
    public async Task ScenesOfTheHeldoutSplit_AreNotExplainedOnThePages()
    {
        using var http = new HttpClient { BaseAddress = _server.HttpAddress };
        using var answer = await http.GetAsync("/api/scenes/Stability-v1?split=heldout&seed=1");

        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    [Fact]
    public async Task Calls_NeverNameAPlayerHuman()
    {
        using var http = new HttpClient { BaseAddress = _server.HttpAddress };
        using var content = new StringContent("""{"method":"me","task":"Stability-v1","kind":"human"}""");
        using var answer = await http.PostAsync("/api/leaderboard/runs", content);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
    }

    // 200 scenes count: five standard deviations of a coin are 0.18.
    private static void AssertChance(RunScore score)
    {
        Assert.Equal(200u, score.Count);
        Assert.InRange(score.Mean, 0.5 - 0.18, 0.5 + 0.18);
    }

    private async Task<OpenRunReply> OpenAsync(
        string method, int count, string task = "Stability-v1", string options = "") =>
        await _board.OpenRunAsync(new OpenRunRequest
        {
            Method = method, Task = task, Count = (uint)count, OptionsJson = options,
        });

    private static AnswerRequest Request(OpenRunReply run, uint scene, string text) => new()
    {
        Run = run.Run, Token = run.Token, Answers = { new RunAnswer { Scene = scene, Text = text } },
    };

    private async Task AnswerAsync(OpenRunReply run, IEnumerable<string> texts) =>
        await _board.AnswerAsync(new AnswerRequest
        {
            Run = run.Run,
            Token = run.Token,
            Answers = { texts.Select((text, scene) => new RunAnswer { Scene = (uint)scene, Text = text }) },
        });

    private async Task<AnswerReply?> TryAnswerAsync(OpenRunReply run, string text)
    {
        try
        {
            return await _board.AnswerAsync(Request(run, 0, text));
        }
        catch (RpcException refusal) when (refusal.StatusCode == StatusCode.FailedPrecondition)
        {
            return null;
        }
    }

    private async Task<RunScore> CloseAsync(OpenRunReply run) =>
        await _board.CloseRunAsync(new CloseRunRequest { Run = run.Run, Token = run.Token });

    private async Task<(ObserveRunReply Seen, long Simulations)> ObserveAsync(OpenRunReply run)
    {
        var before = _simulator.Worlds;
        var seen = await _board.ObserveAsync(new ObserveRunRequest
        {
            Run = run.Run, Token = run.Token, Scenes = { 0 }, Width = 64, Height = 64,
        });
        return (seen, _simulator.Worlds - before);
    }

    private async Task<HashSet<(StatusCode, string)>> RefusalsAsync(string run, string token)
    {
        (StatusCode Code, Error Error)[] refusals =
        [
            await Given.RefusalAsync(_board.GetRunAsync(new() { Run = run, Token = token })),
            await Given.RefusalAsync(_board.GetNextAsync(new() { Run = run, Token = token })),
            await Given.RefusalAsync(_board.ObserveAsync(new() { Run = run, Token = token, Scenes = { 0 } })),
            await Given.RefusalAsync(_board.AnswerAsync(new()
            {
                Run = run, Token = token, Answers = { new RunAnswer { Text = Yes } },
            })),
            await Given.RefusalAsync(_board.CloseRunAsync(new() { Run = run, Token = token })),
        ];
        return [.. refusals.Select(refusal => (refusal.Code, refusal.Error.Message))];
    }

    private async Task<List<Answer>> StoredAsync(OpenRunReply run) =>
        await (await HostAsync()).Store.AnswersAsync(run.Run);

    // What no client can have: the labels of a run.
    private async Task<string[]> TruthAsync(OpenRunReply opened)
    {
        var open = await HostAsync();
        var run = (await open.Store.FindRunAsync(opened.Run))!;
        var task = TaskCatalog.Find(run.Request.Task);
        var replay = _server.Services.GetRequiredService<RunReplay>();
        var truth = new List<string>();
        foreach (var chunk in (await open.Board.SeedsAsync(run)).Chunk(RunReplay.MaxScenes))
        {
            string[][] answers = [.. chunk.Select(_ => Array.Empty<string>())];
            var played = replay.Play(run.Request, chunk, answers, isFinal: false);
            truth.AddRange(chunk.Select((_, slot) =>
                AnswerText.Write(task.Expert(played.Batch.EpisodeFor(slot)), task.Spec.Answer)));
        }

        return [.. truth];
    }

    private ValueTask<OpenLeaderboard> HostAsync() =>
        _server.Services.GetRequiredService<LeaderboardHost>().OpenAsync();

    /// <summary>Counts the worlds that the engine is asked for.</summary>
    private sealed class CountingSimulator : ISimulator, IDisposable
    {
        private readonly BatchSimulator _engine = new();
        private long _settled, _advanced;

        /// <summary>Worlds that were simulated.</summary>
        public long Worlds => Settled + Interlocked.Read(ref _advanced);

        /// <summary>Worlds that were simulated until they rested.</summary>
        public long Settled => Interlocked.Read(ref _settled);

        public string Name => _engine.Name;

        public void Settle(ReadOnlySpan<World> worlds, SettleOptions options, Span<Outcome> outcomes)
        {
            Interlocked.Add(ref _settled, worlds.Length);
            _engine.Settle(worlds, options, outcomes);
        }

        public void Settle(ReadOnlySpan<World> worlds, ReadOnlySpan<SettleOptions> options, Span<Outcome> outcomes)
        {
            Interlocked.Increment(ref _calls);
            _engine.Settle(worlds, options, outcomes);
        }

        public void Advance(ReadOnlySpan<World> worlds, float duration)
        {
            Interlocked.Add(ref _advanced, worlds.Length);
            _engine.Advance(worlds, duration);
        }

        public void Dispose() => _engine.Dispose();
    }
}
