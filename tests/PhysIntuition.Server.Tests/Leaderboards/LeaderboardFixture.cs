using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Leaderboard;
using PhysIntuition.Server.Leaderboards;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests.Leaderboards;

/// <summary>A server with a leaderboard, and what the tests of it ask for; its engine is counted.</summary>
public abstract class LeaderboardFixture : IAsyncLifetime
{
    protected const string Yes = "<answer>yes</answer>";
    protected const string No = "<answer>no</answer>";

    private readonly CountingSimulator _simulator = new();

    /// <summary>Where the server keeps its files.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("physintuition-board-").FullName;

    private protected RunningServer Server { get; private set; } = null!;

    protected LeaderboardService.LeaderboardServiceClient Board { get; private set; } = null!;

    /// <summary>Worlds that the server has simulated.</summary>
    protected long Worlds => _simulator.Worlds;

    public async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync(
            services => services.Replace(ServiceDescriptor.Singleton<ISimulator>(_simulator)),
            $"Leaderboard:Folder={Folder}", "Leaderboard:ReplyPace=0");
        Board = new LeaderboardService.LeaderboardServiceClient(Server.Channel);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _simulator.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected async Task<OpenRunReply> OpenAsync(
        string method, int count, string task = "Stability-v1", string options = "", Ed25519Key? key = null)
    {
        var request = new OpenRunRequest { Method = method, Task = task, Count = (uint)count, OptionsJson = options };
        return await Board.OpenRunAsync(key is null ? request : await ClaimedAsync(request, key));
    }

    /// <summary>The request with a claim to its name.</summary>
    protected async Task<OpenRunRequest> ClaimedAsync(OpenRunRequest request, Ed25519Key key)
    {
        var claimed = request.Clone();
        NameClaim.Sign(key, (await Board.ListSeasonsAsync(new ListSeasonsRequest())).Seasons, claimed);
        return claimed;
    }

    /// <summary>A key that nobody else has.</summary>
    protected static Ed25519Key NewKey() => new(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));

    protected static AnswerRequest Request(OpenRunReply run, uint scene, string text) => new()
    {
        Run = run.Run, Token = run.Token, Answers = { new RunAnswer { Scene = scene, Text = text } },
    };

    protected async Task AnswerAsync(OpenRunReply run, IEnumerable<string> texts) =>
        await Board.AnswerAsync(new AnswerRequest
        {
            Run = run.Run,
            Token = run.Token,
            Answers = { texts.Select((text, scene) => new RunAnswer { Scene = (uint)scene, Text = text }) },
        });

    protected async Task<RunScore> CloseAsync(OpenRunReply run) =>
        await Board.CloseRunAsync(new CloseRunRequest { Run = run.Run, Token = run.Token });

    protected async Task<(ObserveRunReply Seen, long Simulations)> ObserveAsync(OpenRunReply run)
    {
        var before = Worlds;
        var seen = await Board.ObserveAsync(new ObserveRunRequest
        {
            Run = run.Run, Token = run.Token, Scenes = { 0 }, Width = 64, Height = 64,
        });
        return (seen, Worlds - before);
    }

    protected async Task<List<SceneAnswer>> StoredAsync(OpenRunReply run) =>
        await (await HostAsync()).Store.AnswersAsync(run.Run);

    // What no client can have: the labels of a run.
    protected async Task<string[]> TruthAsync(OpenRunReply opened)
    {
        var open = await HostAsync();
        var run = (await open.Store.FindRunAsync(opened.Run))!;
        var task = TaskCatalog.Find(run.Request.Task);
        var replay = Server.Services.GetRequiredService<RunReplay>();
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

    private protected ValueTask<OpenLeaderboard> HostAsync() =>
        Server.Services.GetRequiredService<LeaderboardHost>().OpenAsync();

    /// <summary>Counts the worlds that the engine is asked for.</summary>
    private sealed class CountingSimulator : ISimulator, IDisposable
    {
        private readonly BatchSimulator _engine = new();
        private long _worlds;

        public long Worlds => Interlocked.Read(ref _worlds);

        public string Name => _engine.Name;

        public void Settle(ReadOnlySpan<World> worlds, SettleOptions options, Span<Outcome> outcomes)
        {
            Interlocked.Add(ref _worlds, worlds.Length);
            _engine.Settle(worlds, options, outcomes);
        }

        public void Settle(ReadOnlySpan<World> worlds, ReadOnlySpan<SettleOptions> options, Span<Outcome> outcomes)
        {
            Interlocked.Add(ref _worlds, worlds.Length);
            _engine.Settle(worlds, options, outcomes);
        }

        public void Advance(ReadOnlySpan<World> worlds, float duration)
        {
            Interlocked.Add(ref _worlds, worlds.Length);
            _engine.Advance(worlds, duration);
        }

        public void Dispose() => _engine.Dispose();
    }
}
