using System.Runtime.Intrinsics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>Lanes, threads and MuJoCo: how many times faster.</summary>
internal static class SpeedFigures
{
    private const float Duration = 2f;   // simulated seconds of every run
    private const int Rounds = 3;

    /// <summary>The wide kernels against their one-lane instance; same towers, whole duration.</summary>
    public static void AddLanes(Figures figures, TowerSet towers)
    {
        var few = towers.Every(8);
        AddLanes(figures, "wide256_vs_scalar", few, LaneWidth.Eight, 5, Vector256.IsHardwareAccelerated);
        AddLanes(figures, "wide512_vs_scalar", few, LaneWidth.Sixteen, 8, Vector512.IsHardwareAccelerated);
    }

    /// <summary>Two threads against one, by the clock.</summary>
    public static void AddThreads(Figures figures, TowerSet towers)
    {
        var some = towers.Every(2);
        var seconds = Clock.Rounds(
            Rounds,
            Clock.WallSeconds,
            Advance(Engines.Wide(threads: 1), some),
            Advance(Engines.Wide(threads: 2), some));
        figures.AddMedian("threads2_vs_1", Clock.Ratios(seconds[0], seconds[1]), "x", Mark.AtLeast(1.8));
    }

    /// <summary>Towers per second of one core: judged with early endings, and run for the whole duration.</summary>
    public static void AddTowersPerSecond(Figures figures, TowerSet towers)
    {
        var engine = Engines.Wide(threads: 1);
        var seconds = Clock.Rounds(Rounds, Clock.CpuSeconds, () => towers.Judge(engine), Advance(engine, towers));
        figures.AddMedian("towers_judged_per_second", Rates(seconds[0], towers), "1/s");
        figures.AddMedian("towers_run_per_second", Rates(seconds[1], towers), "1/s");
    }

    /// <summary>The same at each of some lane widths, in turn.</summary>
    public static void AddTowersPerSecond(Figures figures, TowerSet towers, params LaneWidth[] widths)
    {
        var engines = widths.Select(Engines.OnOneThread).ToArray();
        var seconds = Clock.Rounds(
            2 * Rounds,
            Clock.CpuSeconds,
            [.. engines.Select(engine => Advance(engine, towers)),
                .. engines.Select(engine => (Action)(() => towers.Judge(engine)))]);
        for (var i = 0; i < widths.Length; i++)
        {
            var name = widths[i].ToString().ToLowerInvariant();
            figures.AddMedian($"towers_run_per_second_{name}", Rates(seconds[i], towers), "1/s");
            figures.AddMedian($"towers_judged_per_second_{name}", Rates(seconds[widths.Length + i], towers), "1/s");
        }
    }

    private static void AddLanes(
        Figures figures, string name, TowerSet towers, LaneWidth width, double mark, bool isInHardware)
    {
        if (!isInHardware)
        {
            figures.Add(name, double.NaN, "x");   // emulated registers would measure the emulation
            return;
        }

        var seconds = Clock.Rounds(
            Rounds,
            Clock.CpuSeconds,
            Advance(Engines.OnOneThread(LaneWidth.One), towers),
            Advance(Engines.OnOneThread(width), towers));
        figures.AddMedian(name, Clock.Ratios(seconds[0], seconds[1]), "x", Mark.AtLeast(mark));
    }

    private static Action Advance(BatchSimulator engine, TowerSet towers) =>
        () => engine.Advance(towers.Copies(), Duration);

    private static double[] Rates(double[] seconds, TowerSet towers) =>
        [.. seconds.Select(s => towers.Worlds.Length / s)];
}
