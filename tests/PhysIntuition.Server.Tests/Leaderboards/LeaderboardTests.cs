using System.Text.Json;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Leaderboard;
using PhysIntuition.Server.Commands;
using PhysIntuition.Server.Leaderboards;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests.Leaderboards;

public sealed class LeaderboardTests : IAsyncLifetime
{
    private const int Scenes = 40;

    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-board-").FullName;
    private RunningServer _server = null!;
    private LeaderboardService.LeaderboardServiceClient _board = null!;

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task CloseRun_AnsweredRun_ScoresWhatAnOfflineReplayScores()
    {
        var run = await OpenAsync("constant yes");
        await AnswerAsync(run, Enumerable.Range(0, Scenes), "<answer>yes</answer>");

        var score = await CloseAsync(run);

        var rewards = await ReplayAsync(run, "<answer>yes</answer>");
        var own = rewards.Where((_, scene) => scene % 2 == 0).ToArray();
        Assert.Equal(own.Average(), score.Mean, 1e-12);
        Assert.Equal((uint)own.Length, score.Count);
        Assert.Contains(0.0, own);
        Assert.Contains(1.0, own);
        Assert.Equal(score, await CloseAsync(run));
    }

    [Fact]
    public async Task Answer_AcrossARestart_KeepsWhatWasAcknowledged()
    {
        var run = await OpenAsync("restarted");
        await AnswerAsync(run, [0, 1, 2], "<answer>no</answer>");

        await _server.DisposeAsync();
        await StartAsync();
        var status = await _board.GetRunAsync(new GetRunRequest { Run = run.Run, Token = run.Token });

        Assert.Equal(new byte[] { 1, 1, 1, 0 }, status.Answered.ToByteArray()[..4]);
        await AnswerAsync(run, Enumerable.Range(3, Scenes - 3), "<answer>no</answer>");
        Assert.Equal(0u, (await CloseAsync(run)).Unanswered);
    }

    [Fact]
    public async Task Answer_SecondThoughts_AreRefusedAndTheFirstAnswerCounts()
    {
        var run = await OpenAsync("second thoughts");
        await AnswerAsync(run, [0], "<answer>yes</answer>");

        var (code, error) = await Given.RefusalAsync(_board.AnswerAsync(Answers(run, [0], "<answer>no</answer>")));
        var repeated = await _board.AnswerAsync(Answers(run, [0], "<answer>yes</answer>"));

        Assert.Equal((StatusCode.FailedPrecondition, "answer"), (code, error.Field));
        Assert.Equal(0u, repeated.Accepted);
    }

    [Fact]
    public async Task Answer_AfterClose_IsRefused()
    {
        var run = await OpenAsync("late");
        await CloseAsync(run);

        var (code, _) = await Given.RefusalAsync(_board.AnswerAsync(Answers(run, [0], "<answer>no</answer>")));

        Assert.Equal(StatusCode.FailedPrecondition, code);
    }

    [Fact]
    public async Task AnyCall_GuessedRunOrToken_GetsTheSameNotFound()
    {
        var run = await OpenAsync("mine");

        var wrongToken = await Given.RefusalAsync(_board.GetRunAsync(
            new GetRunRequest { Run = run.Run, Token = new string('0', 64) }));
        var wrongRun = await Given.RefusalAsync(_board.GetRunAsync(
            new GetRunRequest { Run = new string('0', 32), Token = run.Token }));

        Assert.Equal(StatusCode.NotFound, wrongToken.Code);
        Assert.Equal(wrongToken, wrongRun);
    }

    [Fact]
    public async Task Observe_OpenRun_ShowsPicturesAndPromptsOnly()
    {
        var run = await OpenAsync("looker");

        var seen = await _board.ObserveAsync(new ObserveRunRequest
        {
            Run = run.Run, Token = run.Token, Scenes = { 0, 1, 5 }, Width = 64, Height = 48,
        });

        Assert.Equal(3, seen.Pictures.Count);
        Assert.All(seen.Pictures, picture => Assert.Equal(0x89, picture[0]));
        Assert.All(seen.Prompts, prompt => Assert.Contains("<answer>", prompt, StringComparison.Ordinal));
        Assert.Equal(new byte[3], seen.Ended.ToByteArray());
    }

    [Fact]
    public async Task Observe_SameSceneInTwoRuns_IsTheSamePictureOnlyIfItIsCommon()
    {
        var pictures = new List<ObserveRunReply>();
        foreach (var method in new[] { "first", "second" })
        {
            var run = await OpenAsync(method);
            pictures.Add(await _board.ObserveAsync(new ObserveRunRequest
            {
                Run = run.Run, Token = run.Token, Scenes = { 0, 1 }, Width = 64, Height = 64,
            }));
        }

        Assert.NotEqual(pictures[0].Pictures[0], pictures[1].Pictures[0]);
        Assert.Equal(pictures[0].Pictures[1], pictures[1].Pictures[1]);
    }

    [Fact]
    public async Task Observe_AfterAnAttempt_ShowsItToTheNext()
    {
        var run = await OpenAsync("retries", "OffsetRetry-v1");
        await AnswerAsync(run, [0], "<answer>(10, 10)</answer>");

        var seen =
            await _board.ObserveAsync(new ObserveRunRequest { Run = run.Run, Token = run.Token, Scenes = { 0 } });

        Assert.Contains("(10, 10)", seen.Prompts[0], StringComparison.Ordinal);
        Assert.Equal(0, seen.Ended[0]);
    }

    [Fact]
    public async Task Observe_EpisodesThatEndAtDifferentSteps_SaysWhichGoOn()
    {
        var run = await OpenAsync("builder", "Jenga-v1");
        await AnswerAsync(run, [0], "<answer>stop</answer>");

        var seen =
            await _board.ObserveAsync(new ObserveRunRequest { Run = run.Run, Token = run.Token, Scenes = { 0, 1 } });
        var next = await _board.GetNextAsync(new GetNextRequest { Run = run.Run, Token = run.Token });

        Assert.Equal([1, 0], seen.Ended.ToByteArray());
        Assert.Equal((1u, 0u), (next.Scene, next.Step));
    }

    [Fact]
    public async Task CloseRun_NothingAnswered_ScoresWhatUnreadableAnswersScore()
    {
        var score = await CloseAsync(await OpenAsync("silent"));

        Assert.Equal((-1.0, score.Count), (score.Mean, score.Unanswered));
    }

    [Fact]
    public async Task ListStandings_TwoMethods_RanksThemWithIntervals()
    {
        foreach (var (method, answer) in new[] { ("yes", "<answer>yes</answer>"), ("unreadable", "x") })
        {
            var run = await OpenAsync(method);
            await AnswerAsync(run, Enumerable.Range(0, Scenes), answer);
            await CloseAsync(run);
        }

        var table = await _board.ListStandingsAsync(new ListStandingsRequest { Task = "Stability-v1" });

        Assert.Equal(["yes", "unreadable"], table.Rows.Select(row => row.Method));
        Assert.All(table.Rows, row => Assert.InRange(row.Mean, row.Low, row.High));
    }

    [Fact]
    public async Task GetResult_ClosedRun_IsSignedAndHoldsNoLabelBeforeTheSeasonIsOver()
    {
        var run = await OpenAsync("signed");
        await CloseAsync(run);
        var before = ResultFile.Parse((await _board.GetResultAsync(new GetResultRequest { Run = run.Run })).Json);

        var open = await _server.Services.GetRequiredService<LeaderboardHost>().OpenAsync();
        await open.Board.CloseSeasonAsync(before.Result.Season);
        var after = ResultFile.Parse((await _board.GetResultAsync(new GetResultRequest { Run = run.Run })).Json);
        var seasons = await _board.ListSeasonsAsync(new ListSeasonsRequest());

        Assert.Empty(before.Verify());
        Assert.Empty(before.Result.Scenes);
        Assert.Empty(after.Verify(before.PublicKey));
        Assert.Equal(Scenes, after.Result.Scenes.Count);
        var season = seasons.Seasons.Single(season => season.Id == before.Result.Season);
        Assert.Equal(season.Commitment, SeedSchedule.Commit(season.Secret));
    }

    [Fact]
    public async Task Verify_ResultOfAClosedSeason_ReplaysEveryScoreAndSeesAForgery()
    {
        var run = await OpenAsync("verified");
        await AnswerAsync(run, Enumerable.Range(0, Scenes), "<answer>no</answer>");
        await CloseAsync(run);
        var open = await _server.Services.GetRequiredService<LeaderboardHost>().OpenAsync();
        var season = await open.Board.CurrentSeasonAsync();
        await open.Board.CloseSeasonAsync(season.Id);
        var result = (await _board.GetResultAsync(new GetResultRequest { Run = run.Run })).Json;
        var read = ResultFile.Parse(result).Result;
        using var own = Ed25519Key.LoadOrCreate(Path.Combine(_folder, "own.key"));

        var unforged = await VerifyAsync(result, season.Secret);
        Assert.True(unforged.Code == 0, unforged.Printed);
        Assert.Contains("every score was replayed and fits", unforged.Printed, StringComparison.Ordinal);
        foreach (var (file, secret, fault) in new[]
        {
            (result.Replace("\"steps\": 1", "\"steps\": 2", StringComparison.Ordinal), season.Secret,
                "The signature does not fit the file"),
            (result, SeedSchedule.NewSecret(), "does not have the SHA-256"),
            ("no JSON", season.Secret, "This is no result file"),
            ("""{"scenes": null}""", season.Secret, "This is no result file"),
            (OwnFile(file => file with { Scenes = [file.Scenes[0]] }), season.Secret, "The file holds 1 scenes"),
            (OwnFile(file => file with { Answers = [new(Scenes, 0, "", 1)] }), season.Secret, "The file answers"),
        })
        {
            var (code, printed) = await VerifyAsync(file, secret);
            Assert.Equal(1, code);
            Assert.Contains(fault, printed, StringComparison.Ordinal);
        }

        // What a forger's own server would sign.
        string OwnFile(Func<RunResult, RunResult> change)
        {
            var forged = change(read);
            return ResultFile.Sign(forged with
            {
                Score = Interval.Of([.. forged.Scenes.Select(scene => scene.Reward)]),
            }, own).Json;
        }
    }

    [Fact]
    public async Task AServerThatWantsBaselines_FillsEveryTaskByItself()
    {
        await using var server = await RunningServer.StartAsync(
            $"Leaderboard:Folder={Path.Combine(_folder, "own")}", "Leaderboard:BaselineScenes=2");
        var board = new LeaderboardService.LeaderboardServiceClient(server.Channel);
        using var patience = new CancellationTokenSource(RunningServer.Patience * 3);
        IEnumerable<BoardInfo> boards;
        do
        {
            await Task.Delay(100, patience.Token);
            boards = (await board.ListBoardsAsync(new ListBoardsRequest())).Boards.Where(one => one.TakesRuns);
        }
        while (!boards.All(one => one.Rows >= 4));

        var rows = (await board.ListStandingsAsync(new ListStandingsRequest { Task = "Stability-v1" })).Rows;
        Assert.All(rows, row => Assert.Equal("baseline", row.Kind));
    }

    [Fact]
    public async Task Baselines_AfterARunWhoseTimeRanOut_PlayANewOne()
    {
        var time = new TestTime();
        await using var server = await RunningServer.StartAsync(
            time, $"Leaderboard:Folder={Path.Combine(_folder, "late")}");
        var open = await server.Services.GetRequiredService<LeaderboardHost>().OpenAsync();
        var task = TaskCatalog.Find("Stability-v1");
        var left = await open.Board.OpenAsync(new RunSpec
        {
            Method = "chance", Kind = PlayerKind.Baseline, Task = task.Spec.Id, Count = 4,
        });
        time.Advance(TimeSpan.FromDays(2));

        var played = await new Baselines(open, server.Services.GetRequiredService<RunReplay>(),
            server.Services.GetRequiredService<HeldoutWork>()).MakeAsync(task, 4, CancellationToken.None);

        Assert.Equal(Baselines.Players.Count, played);
        Assert.Equal(RunState.Open, (await open.Store.FindRunAsync(left.Run.Id))!.State);
    }

    [Fact]
    public async Task Baselines_EpisodesOfDifferentLengths_PlayEachToItsEnd()
    {
        await using var server = await RunningServer.StartAsync(
            $"Leaderboard:Folder={Path.Combine(_folder, "lengths")}");
        var open = await server.Services.GetRequiredService<LeaderboardHost>().OpenAsync();

        await new Baselines(open, server.Services.GetRequiredService<RunReplay>(),
            server.Services.GetRequiredService<HeldoutWork>()).MakeAsync(
            TaskCatalog.Find("Jenga-v1"), 12, CancellationToken.None);

        var season = await open.Board.CurrentSeasonAsync();
        var expert = (await open.Store.RunsAsync(season.Id, "Jenga-v1")).Single(run => run.Request.Method == "expert");
        var results = await open.Store.ResultsAsync(expert.Id);
        Assert.Equal(12, results.Count);
        Assert.All(results, result => Assert.Equal(1, result.Reward, 1e-9));
    }

    private async Task<(int Code, string Printed)> VerifyAsync(string json, string secret)
    {
        var file = Path.Combine(_folder, "result.json");
        await File.WriteAllTextAsync(file, json);
        return await Given.RunAsync(LeaderboardCommand.Create(), "verify", file, "--secret", secret, "--key",
            Trusted(json));
    }

    // Whoever signed it: what these tests are about is what was signed.
    private static string Trusted(string json)
    {
        try
        {
            return ResultFile.Parse(json).PublicKey;
        }
        catch (JsonException)
        {
            return new string('0', 64);
        }
    }

    private async Task StartAsync()
    {
        _server = await RunningServer.StartAsync($"Leaderboard:Folder={_folder}");
        _board = new LeaderboardService.LeaderboardServiceClient(_server.Channel);
    }

    private async Task<OpenRunReply> OpenAsync(string method, string task = "Stability-v1") =>
        await _board.OpenRunAsync(new OpenRunRequest { Method = method, Task = task, Count = Scenes });

    private static AnswerRequest Answers(OpenRunReply run, IEnumerable<int> scenes, string text) => new()
    {
        Run = run.Run,
        Token = run.Token,
        Answers = { scenes.Select(scene => new RunAnswer { Scene = (uint)scene, Text = text }) },
    };

    private async Task AnswerAsync(OpenRunReply run, IEnumerable<int> scenes, string text) =>
        await _board.AnswerAsync(Answers(run, scenes, text));

    private async Task<RunScore> CloseAsync(OpenRunReply run) =>
        await _board.CloseRunAsync(new CloseRunRequest { Run = run.Run, Token = run.Token });

    // What anybody can do once the secret is out: derive the seeds, play the answers, compare.
    private async Task<double[]> ReplayAsync(OpenRunReply opened, string answer)
    {
        var open = await _server.Services.GetRequiredService<LeaderboardHost>().OpenAsync();
        var run = (await open.Store.FindRunAsync(opened.Run))!;
        var replay = _server.Services.GetRequiredService<RunReplay>();
        string[][] answers = [.. Enumerable.Repeat(new[] { answer }, Scenes)];
        return replay.Play(run.Request, await open.Board.SeedsAsync(run), answers, isFinal: true).Rewards;
    }
}
