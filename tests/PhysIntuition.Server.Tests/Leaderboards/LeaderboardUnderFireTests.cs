using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using PhysIntuition.Leaderboard;
using PhysIntuition.Leaderboard.Storage;
using PhysIntuition.Server.Commands;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests.Leaderboards;

/// <summary>Many runs at a time against a real server process that is killed twice in the middle.</summary>
public sealed class LeaderboardUnderFireTests : IDisposable
{
    private const int Runs = 200;
    private const uint Scenes = 6;
    private const int Late = 20; // players that wait for each kill, so that it meets the runs in the middle

    private static readonly string[] s_tasks = ["Stability-v1", "Offset-v1", "OffsetRetry-v1", "PushRest-v1"];

    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-board-").FullName;
    private readonly ConcurrentBag<(string Run, SceneAnswer Answer)> _acknowledged = [];
    private readonly ConcurrentDictionary<string, RunScore> _scores = new();
    private readonly TaskCompletionSource _firstKill = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _secondKill = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task TwoHundredRuns_ServerKilledTwice_LoseNothingAndScoreWhatAnOfflineReplayScores()
    {
        var clock = Stopwatch.StartNew();
        await using var server = new ServerProcess(
            $"Leaderboard:Folder={_folder}", "Leaderboard:ReplyPace=00:00:00", "Leaderboard:BaselineScenes=0");
        await server.StartAsync();
        using var channel = GrpcChannel.ForAddress(server.Address);
        var board = new LeaderboardService.LeaderboardServiceClient(channel);
        var players = Task.WhenAll(Enumerable.Range(0, Runs).Select(i => PlayAsync(board, i)));

        await RestartWhenAsync(server, players, () => _acknowledged.Count > Runs * Scenes / 3, _firstKill);
        await RestartWhenAsync(server, players, () => _scores.Count > Runs / 3, _secondKill);
        await players;
        await server.KillAsync();

        await CheckStoreAsync();
        await RunAsync("close-season", "season-1", "--folder", _folder);
        await VerifyAllAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Runs} runs, {_acknowledged.Count} answers, 2 kills: {clock.Elapsed.TotalSeconds:F1} s");
    }

    // Plays one scene after another, and says the same again whenever the server was gone.
    private async Task PlayAsync(LeaderboardService.LeaderboardServiceClient board, int player)
    {
        var opened = await InsistAsync(() => board.OpenRunAsync(new OpenRunRequest
        {
            Method = $"player {player}", Task = s_tasks[player % s_tasks.Length], Count = Scenes,
        }));
        while (true)
        {
            var next = await InsistAsync(() => board.GetNextAsync(new GetNextRequest
            {
                Run = opened.Run, Token = opened.Token, Width = 32, Height = 32,
            }));
            if (next.Done)
            {
                break;
            }

            if (player < Late && next.Scene == Scenes - 1)
            {
                await _firstKill.Task;
            }

            var text = AnswerOf(player, next);
            await InsistAsync(() => board.AnswerAsync(new AnswerRequest
            {
                Run = opened.Run,
                Token = opened.Token,
                Answers = { new RunAnswer { Scene = next.Scene, Step = next.Step, Text = text } },
            }));
            _acknowledged.Add((opened.Run, new SceneAnswer((int)next.Scene, (int)next.Step, text, double.NaN)));
        }

        if (player < Late)
        {
            await _secondKill.Task;
        }

        _scores[opened.Run] = await InsistAsync(() =>
            board.CloseRunAsync(new CloseRunRequest { Run = opened.Run, Token = opened.Token }));
    }

    private static string AnswerOf(int player, NextScene next) => (player % s_tasks.Length) switch
    {
        0 => $"<answer>{((player + next.Scene) % 3 == 0 ? "yes" : "no")}</answer>",
        3 => $"<answer>{player + next.Scene}</answer>",
        _ => $"<answer>({player + next.Step}, {200 + next.Scene})</answer>",
    };

    private static async Task<T> InsistAsync<T>(Func<AsyncUnaryCall<T>> call)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var one = call();
                return await one.ResponseAsync.WaitAsync(RunningServer.Patience);
            }
            catch (RpcException gone) when (gone.StatusCode is not (StatusCode.InvalidArgument or StatusCode.NotFound
                or StatusCode.FailedPrecondition or StatusCode.ResourceExhausted)
                && clock.Elapsed < 3 * RunningServer.Patience)
            {
                await Task.Delay(200);
            }
        }
    }

    private static async Task RestartWhenAsync(
        ServerProcess server, Task players, Func<bool> isTime, TaskCompletionSource killed)
    {
        var clock = Stopwatch.StartNew();
        while (!isTime())
        {
            // They cannot be through, as some wait for the kill; if they are, something stopped them.
            Assert.False(players.IsCompleted || clock.Elapsed > 5 * RunningServer.Patience, $"{players.Exception}");
            await Task.Delay(2);
        }

        await server.KillAsync();
        killed.SetResult();
        await server.StartAsync();
    }

    private async Task CheckStoreAsync()
    {
        await using var database = new SqliteDatabase(Path.Combine(_folder, "leaderboard.db"));
        var store = await LeaderboardStore.OpenAsync(database);
        var stored = new List<(string Run, SceneAnswer Answer)>();
        foreach (var run in _scores.Keys)
        {
            stored.AddRange((await store.AnswersAsync(run)).Select(answer => (run, answer)));
            var results = await store.ResultsAsync(run);
            var played = (await store.FindRunAsync(run))!;
            Assert.Equal(Enumerable.Range(0, (int)Scenes).Where(scene => !played.IsCommon(scene)),
                results.Select(result => result.Scene)); // The others when the season is over.
            Assert.Equal(results.Average(result => result.Reward), _scores[run].Mean, 1e-12);
        }

        Assert.Equal(Runs, _scores.Count);
        Assert.Equal(_acknowledged.OrderBy(KeyOf), stored.OrderBy(KeyOf));
    }

    private static string KeyOf((string Run, SceneAnswer Answer) one) =>
        $"{one.Run} {one.Answer.Scene} {one.Answer.Step}";

    // What anybody can do when the season is over: one file for each run, every one replayed.
    private async Task VerifyAllAsync()
    {
        var archive = Path.Combine(_folder, "archive.json");
        await RunAsync("export", archive, "--folder", _folder);
        var read = ResultArchive.Parse(await File.ReadAllTextAsync(archive), archive);
        var files = read.Results.Where(result => _scores.ContainsKey(result.Result.Run)).Select(result =>
        {
            var file = Path.Combine(_folder, $"{result.Result.Run}.json");
            File.WriteAllText(file, result.Json);
            return file;
        }).ToArray();

        Assert.Equal(Runs, files.Length);
        await RunAsync(["verify", .. files, "--secret", read.Seasons[0].Secret, "--key", read.Results[0].PublicKey]);
    }

    private static async Task RunAsync(params string[] arguments)
    {
        var (code, printed) = await Given.RunAsync(LeaderboardCommand.Create(), arguments);
        Assert.True(code == 0, printed);
    }
}
