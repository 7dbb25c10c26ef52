using System.Runtime.InteropServices;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Scores frozen answers by replaying them in this process.</summary>
/// <param name="replay">Plays.</param>
/// <param name="work">Where.</param>
/// <param name="prepared">Scenes that need no simulation; null: every scene begins with its seed.</param>
/// <param name="simulator">For the provenance.</param>
/// <param name="renderer">For the provenance.</param>
internal sealed class RunScorer(
    RunReplay replay, HeldoutWork work, PreparedScenes? prepared, ISimulator simulator, IRenderer renderer) : IRunScorer
{
    private const int ScenesAtOnce = 64; // what others wait for

    public string Provenance { get; } = JsonSerializer.Serialize(new
    {
        server = ServerDescription.Version,
        simulator = simulator.Name,
        renderer = renderer.Name,
        runtime = RuntimeInformation.FrameworkDescription,
        machine = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}",
    });

    // The held-out split takes any 64 bits.
    public ulong SeedCount(string task) => 0;

    // An episode of several answers tells what came of each, which would spy out a scene that others meet too.
    public bool SharesScenes(string task) => TaskCatalog.Find(task).Spec.MaxSteps == 1;

    public async Task<IReadOnlyList<SceneResult>> ScoreAsync(
        RunSpec run, IReadOnlyList<SeededScene> scenes, IReadOnlyList<SceneAnswer> answers, CancellationToken cancel)
    {
        var texts = answers.OrderBy(answer => answer.Step).ToLookup(answer => answer.Scene, answer => answer.Text);
        var results = new List<SceneResult>(scenes.Count);
        foreach (var chunk in scenes.Chunk(ScenesAtOnce))
        {
            results.AddRange(await work.RunAsync(() => Score(run, chunk, texts), isAhead: false, cancel));
        }

        work.Closed(scenes.Count);
        return results;
    }

    private SceneResult[] Score(RunSpec run, SeededScene[] scenes, ILookup<int, string> texts)
    {
        ulong[] seeds = [.. scenes.Select(scene => scene.Seed)];
        string[][] answers = [.. scenes.Select(scene => texts[scene.Scene].ToArray())];
        var played = replay.Play(run, seeds, answers, isFinal: true, prepared?.Known(run, seeds));
        return [.. scenes.Select((scene, slot) => new SceneResult(
            scene.Scene, played.Rewards[slot], answers[slot].Length,
            played.Batch.Results.SceneHashes[slot].ToString("x16"), played.OutcomeHashes[slot].ToString("x16")))];
    }
}

/// <summary>Groups answers.</summary>
internal static class AnswersByScene
{
    /// <summary>Texts by scene and step.</summary>
    public static IReadOnlyList<string>[] Of(IEnumerable<SceneAnswer> answers, int scenes)
    {
        var lists = Enumerable.Range(0, scenes).Select(_ => new List<string>()).ToArray();
        foreach (var answer in answers.OrderBy(answer => answer.Step))
        {
            lists[answer.Scene].Add(answer.Text);
        }

        return [.. lists];
    }
}
