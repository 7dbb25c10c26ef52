using System.CommandLine;
using System.Diagnostics;
using Grpc.Net.Client;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Leaderboard;
using PhysIntuition.Leaderboard.Storage;
using PhysIntuition.TestKit;
using PhysIntuition.V1;
using Run = PhysIntuition.Leaderboard.Run;

namespace PhysIntuition.Benchmarks;

/// <summary>Held-out runs: durable answers, many at a time and one after another; whole runs over gRPC.</summary>
internal sealed class LeaderboardArea : IArea
{
    private const int Writers = 200, AnswersEach = 20;
    private const int Runs = 200;
    private const uint Scenes = 10;

    /// <inheritdoc/>
    public string Name => "leaderboard";

    /// <inheritdoc/>
    public string Summary => "Held-out runs: durable answers per second, 200 runs at a time over gRPC.";

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("physintuition-bench-board-").FullName;
        try
        {
            await MeasureAnswersAsync(Path.Combine(folder, "answers"), figures);
            await MeasureRunsAsync(Path.Combine(folder, "runs"), figures);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The rival is the same store with one caller, which must wait for the disk after every answer.
    private static async Task MeasureAnswersAsync(string folder, Figures figures)
    {
        await using var database = new SqliteDatabase(Path.Combine(folder, "board.db"));
        var store = await LeaderboardStore.OpenAsync(database);
        var (together, alone) = (new List<double>(), new List<double>());
        for (var round = 0; round < 3; round++)
        {
            var runs = await AddRunsAsync(store);
            alone.Add(await RateAsync(AnswersEach * 5, () => AnswerAsync(store, runs[0], AnswersEach * 5)));
            together.Add(await RateAsync((Writers - 1) * AnswersEach, () => Task.WhenAll(
                runs[1..].Select(run => Task.Run(() => AnswerAsync(store, run, AnswersEach))))));
        }

        figures.AddMedian("durable_answers_per_s_200_writers", together, "answers/s");
        figures.AddMedian("durable_answers_per_s_1_writer", alone, "answers/s");
        figures.Add("group_commit_gain",
            Statistics.Median([.. together]) / Statistics.Median([.. alone]), "x", Mark.AtLeast(3));
    }

    private static async Task<string[]> AddRunsAsync(LeaderboardStore store)
    {
        var secret = SeedSchedule.NewSecret();
        var now = DateTime.UtcNow;
        var season = new Season(RunTokens.NewId(), SeedSchedule.Commit(secret), secret, now, ClosedAt: null);
        await store.AddSeasonAsync(season);
        var ids = Enumerable.Range(0, Writers).Select(_ => RunTokens.NewId()).ToArray();
        await Task.WhenAll(ids.Select(id => store.TryAddRunAsync(
            new Run
            {
                Id = id,
                TokenHash = "",
                Season = season.Id,
                Request = new RunSpec { Method = id, Task = "Stability-v1", Count = 10_000 },
                State = RunState.Open,
                OpenedAt = now,
                Deadline = now.AddHours(1),
            },
            limit: 1)));
        return ids;
    }

    private static async Task AnswerAsync(LeaderboardStore store, string run, int count)
    {
        for (var scene = 0; scene < count; scene++)
        {
            await store.AddAnswersAsync(run, [new(scene, 0, "<answer>yes</answer>", double.NaN)], DateTime.UtcNow);
        }
    }

    // Each run looks at its scenes one call at a time, answers one at a time, and is closed and scored.
    private static async Task MeasureRunsAsync(string folder, Figures figures)
    {
        await using var server = await ServerProcess.StartNewAsync(
            $"Leaderboard:Folder={folder}", "Leaderboard:ReplyPace=0",
            "Leaderboard:BaselineScenes=0");
        using var channel = GrpcChannel.ForAddress(server.Address);
        var board = new LeaderboardService.LeaderboardServiceClient(channel);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Runs).Select(i => PlayAsync(board, $"player {i}")));
        figures.Add("two_hundred_runs_s", clock.Elapsed.TotalSeconds, "s");
        figures.Add("looks_and_answers_per_s", Runs * Scenes / clock.Elapsed.TotalSeconds, "scenes/s");
    }

    private static async Task PlayAsync(LeaderboardService.LeaderboardServiceClient board, string method)
    {
        var run = await board.OpenRunAsync(new OpenRunRequest
        {
            Method = method, Task = "Stability-v1", Count = Scenes,
        });
        for (var scene = 0u; scene < Scenes; scene++)
        {
            await board.ObserveAsync(new ObserveRunRequest { Run = run.Run, Token = run.Token, Scenes = { scene } });
            await board.AnswerAsync(new AnswerRequest
            {
                Run = run.Run,
                Token = run.Token,
                Answers = { new RunAnswer { Scene = scene, Text = "<answer>no</answer>" } },
            });
        }

        await board.CloseRunAsync(new CloseRunRequest { Run = run.Run, Token = run.Token });
    }

    private static async Task<double> RateAsync(int count, Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return count / clock.Elapsed.TotalSeconds;
    }
}
