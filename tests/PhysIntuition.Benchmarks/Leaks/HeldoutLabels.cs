using PhysIntuition.Environments.Tasks;
using PhysIntuition.Leaderboard;
using PhysIntuition.Leaderboard.Storage;
using PhysIntuition.Rendering;
using PhysIntuition.Server.Leaderboards;
using PhysIntuition.Simulation;

namespace PhysIntuition.Benchmarks.Leaks;

/// <summary>What no player can have: the classes of held-out scenes, from the server's own files.</summary>
/// <remarks>
/// The class of a scene is whether the first number of the best answer is large: yes, the later of several choices, to
/// the right. The limit is the one of its values that parts the scenes most evenly.
/// </remarks>
internal sealed class HeldoutLabels : IAsyncDisposable
{
    private readonly SqliteDatabase _database;
    private readonly BatchSimulator _simulator = new();
    private readonly RunReplay _replay;

    /// <summary>Opens the files beside the server that uses them.</summary>
    /// <param name="folder">The leaderboard's.</param>
    public HeldoutLabels(string folder)
    {
        _database = new SqliteDatabase(Path.Combine(folder, "leaderboard.db"));
        _replay = new RunReplay(_simulator, new CpuRenderer());
    }

    /// <summary>Classes of scenes of runs of one task.</summary>
    public async Task<bool[]> OfAsync(IReadOnlyList<(string Run, int Scene)> scenes)
    {
        var store = await LeaderboardStore.OpenAsync(_database);
        var seasons = await store.SeasonsAsync();
        var runs = new Dictionary<string, Run>();
        var seeds = new List<ulong>();
        foreach (var (id, scene) in scenes)
        {
            if (!runs.TryGetValue(id, out var run))
            {
                runs[id] = run = (await store.FindRunAsync(id))!;
            }

            var secret = seasons.Single(season => season.Id == run.Season).Secret;
            seeds.AddRange(SeedSchedule.Seeds(secret, run.Request, run.Id, run.SharesScenes, [scene], seedCount: 0));
        }

        return Of(runs.Values.First().Request, seeds);
    }

    /// <summary>Classes of held-out scenes.</summary>
    /// <param name="request">What is played.</param>
    /// <param name="seeds">One for each scene, as the task gets them.</param>
    public bool[] Of(RunSpec request, IReadOnlyList<ulong> seeds)
    {
        var task = TaskCatalog.Find(request.Task);
        var values = new List<double>();
        foreach (var chunk in seeds.Chunk(RunReplay.MaxScenes))
        {
            var batch = _replay.Begin(request, chunk);
            values.AddRange(chunk.Select((_, slot) => (double)task.Expert(batch.EpisodeFor(slot))[0]));
        }

        var half = seeds.Count / 2;
        var limit = values.Distinct().MinBy(value => Math.Abs(values.Count(other => other > value) - half));
        return [.. values.Select(value => value > limit)];
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _simulator.Dispose();
    }
}
