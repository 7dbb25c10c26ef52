using System.Runtime.InteropServices;
using System.Text.Json;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Rendering;
using PhysIntuition.Server.Services;
using PhysIntuition.Simulation;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Scores frozen answers by replaying them in this process.</summary>
internal sealed class RunScorer(RunReplay replay, ISimulator simulator, IRenderer renderer) : IRunScorer
{
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

    public Task<IReadOnlyList<SceneResult>> ScoreAsync(
        RunRequest run, IReadOnlyList<ulong> seeds, IReadOnlyList<Answer> answers, CancellationToken cancel) =>
        Task.Run<IReadOnlyList<SceneResult>>(() => Score(run, seeds, answers, cancel), cancel);

    private List<SceneResult> Score(
        RunRequest run, IReadOnlyList<ulong> seeds, IReadOnlyList<Answer> answers, CancellationToken cancel)
    {
        var byScene = AnswersByScene.Of(answers, seeds.Count);
        var results = new List<SceneResult>(seeds.Count);
        for (var first = 0; first < seeds.Count; first += RunReplay.MaxScenes)
        {
            cancel.ThrowIfCancellationRequested();
            var count = Math.Min(RunReplay.MaxScenes, seeds.Count - first);
            var scenes = Enumerable.Range(first, count).ToArray();
            var replayed = replay.Play(
                run, [.. scenes.Select(scene => seeds[scene])], [.. scenes.Select(scene => byScene[scene])],
                isFinal: true);
            results.AddRange(scenes.Select((scene, slot) => new SceneResult(
                scene, replayed.Rewards[slot], byScene[scene].Count,
                replayed.Batch.Results.SceneHashes[slot].ToString("x16"),
                replayed.OutcomeHashes[slot].ToString("x16"))));
        }

        return results;
    }
}

/// <summary>Groups answers.</summary>
internal static class AnswersByScene
{
    /// <summary>Texts by scene and step.</summary>
    public static IReadOnlyList<string>[] Of(IEnumerable<Answer> answers, int scenes)
    {
        var lists = Enumerable.Range(0, scenes).Select(_ => new List<string>()).ToArray();
        foreach (var answer in answers.OrderBy(answer => answer.Step))
        {
            lists[answer.Scene].Add(answer.Text);
        }

        return [.. lists];
    }
}
