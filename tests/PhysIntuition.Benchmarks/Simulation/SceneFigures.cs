using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>Scenes of the tasks, arranged, settled and judged, on all cores.</summary>
internal static class SceneFigures
{
    private const int Rounds = 3;
    private const int Slots = 4096;   // scenes arranged together

    // Their scenes are pictures alone.
    private static readonly string[] s_notSimulated = ["Ssl", "RealTowers"];

    /// <summary>Stability-v1 by the clock, and each other task beside it.</summary>
    public static void Add(Figures figures)
    {
        var stability = ScenesPerSecond(TaskCatalog.Find("Stability-v1"));
        figures.AddMedian("scenes_per_second", stability, "1/s", Mark.AtLeast(4000));
        var slowest = double.PositiveInfinity;
        foreach (var task in TaskCatalog.All.Where(task => !s_notSimulated.Any(task.Spec.Name.StartsWith)))
        {
            var rate = Statistics.Median(ScenesPerSecond(task));
            slowest = Math.Min(slowest, rate);
            figures.Add($"scenes_per_second_{task.Spec.Id}", rate, "1/s");
        }

        figures.Add("slowest_task_vs_stability", slowest / Statistics.Median(stability), "", Mark.AtLeast(0.1));
    }

    private static double[] ScenesPerSecond(ITask task)
    {
        var batch = new EnvironmentBatch(task, new() { Slots = Slots }, Engines.Wide(threads: 0));
        var seed = 0ul;
        var seconds = Clock.Rounds(Rounds, Clock.WallSeconds, () => batch.Reset(seed += Slots));
        return [.. seconds[0].Select(s => Slots / s)];
    }
}
