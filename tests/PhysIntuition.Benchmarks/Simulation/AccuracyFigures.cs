using System.Numerics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>Outcomes against the exact criterion, and how quietly towers stand.</summary>
internal static class AccuracyFigures
{
    private const double Far = 0.05, Near = 0.01;   // shares of the width

    /// <summary>Agreement with the exact criterion by margin.</summary>
    public static void AddExactness(Figures figures, TowerSet towers)
    {
        var falls = towers.Judge(Engines.Wide(threads: 0));
        figures.Add("exact_all", towers.ShareRight(falls, -1, 1), "", Mark.AtLeast(0.997));
        figures.Add("exact_above_5pct", towers.ShareRight(falls, Far, 1), "", Mark.AtLeast(0.999));
        figures.Add("exact_1_to_5pct", towers.ShareRight(falls, Near, Far), "", Mark.AtLeast(0.99));
        figures.Add("exact_below_1pct", towers.ShareRight(falls, -1, Near));
        figures.Add("exact_towers", towers.Worlds.Length);
    }

    /// <summary>How far standing towers drift sideways in two seconds.</summary>
    public static void AddCreep(Figures figures, TowerSet towers)
    {
        var ends = towers.Copies();
        Engines.Wide(threads: 0).Advance(ends, 2f);
        var creep = Enumerable.Range(0, ends.Length)
            .Where(i => towers.Margins[i] > Far)
            .Select(i => 1000 * SidewaysDrift(towers.Worlds[i], ends[i]))
            .ToArray();
        figures.Add("creep_median_mm", Statistics.Median(creep), "mm", Mark.AtMost(0.1));
        figures.Add("creep_p99_mm", Statistics.Quantile(creep, 0.99), "mm", Mark.AtMost(3));
    }

    private static double SidewaysDrift(World start, World end) =>
        Enumerable.Range(0, start.Bodies.Count).Max(i =>
        {
            var drift = end.Bodies[i].Position - start.Bodies[i].Position;
            return (double)new Vector2(drift.X, drift.Z).Length();
        });
}
