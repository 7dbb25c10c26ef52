using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>Scenes of the tasks, arranged, settled and judged.</summary>
internal static class SceneFigures
{
    private const int Rounds = 3;
    private const int Slots = 4096;   // scenes arranged together

    // Their scenes are pictures alone.
    private static readonly string[] s_notSimulated = ["Ssl", "RealTowers"];

    /// <summary>Stability-v1 by the clock, and every task by what one core does of it.</summary>
    public static void Add(Figures figures)
    {
        figures.AddMedian(
            "scenes_per_second", Rates(TaskCatalog.Find("Stability-v1"), Clock.WallSeconds), "1/s",
            Mark.AtLeast(4000));
        var rates = TaskCatalog.All
            .Where(task => !s_notSimulated.Any(task.Spec.Name.StartsWith))
            .ToDictionary(task => task.Spec.Id, task => Statistics.Median(Rates(task, Clock.CpuSeconds)));
        foreach (var (task, rate) in rates)
        {
            figures.Add($"scenes_per_cpu_second_{task}", rate, "1/s");
        }

        figures.Add(
            "slowest_task_vs_stability", rates.Values.Min() / rates["Stability-v1"], "", Mark.AtLeast(0.1));
    }

    private static double[] Rates(ITask task, Func<Action, double> measure)
    {
        var batch = new EnvironmentBatch(task, new() { Slots = Slots }, Engines.Wide(threads: 0));
        var seed = 0ul;
        var seconds = Clock.Rounds(Rounds, measure, () => batch.Reset(seed += Slots));
        return [.. seconds[0].Select(s => Slots / s)];
    }
}
