using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>MuJoCo as a rival in speed and as a second opinion.</summary>
internal static class MujocoFigures
{
    private const ulong Seed = 20260214;

    /// <summary>CPU seconds per tower: MuJoCo for two whole seconds, and with our early endings.</summary>
    public static void AddSpeed(Figures figures, TowerSet towers)
    {
        var whole = Engines.Mujoco(MujocoSettings.Fast);
        var ends = towers.Copies();
        whole.Advance(ends, 2f);
        var falls = towers.Worlds
            .Select((start, i) => SecondOpinions.Verdict.Of(start, ends[i]).HasFallen)
            .ToArray();
        var few = towers.Every(8);
        var early = Engines.Mujoco(MujocoSettings.Fast);
        few.Judge(early);

        var run = towers.Worlds.Length / whole.StepSeconds;
        var judged = few.Worlds.Length / early.StepSeconds;
        figures.Add("mujoco_towers_run_per_second", run, "1/s");
        figures.Add("mujoco_towers_judged_per_second", judged, "1/s");
        figures.Add("mujoco_exact_all", towers.ShareRight(falls, -1, 1));
        figures.Add("wide_vs_mujoco", figures["towers_judged_per_second"] / run, "x", Mark.AtLeast(60));
        figures.Add("wide_vs_mujoco_both_whole", figures["towers_run_per_second"] / run, "x");
        figures.Add("wide_vs_mujoco_both_early", figures["towers_judged_per_second"] / judged, "x");
    }

    /// <summary>Classes and resting places of all three families.</summary>
    public static void AddAgreement(Figures figures, bool isFull)
    {
        var pushes = Push(isFull);
        figures.Add("push_same_class", pushes.ShareSameOfDecided, "", Mark.AtLeast(0.98));
        figures.Add("push_same_class_all", pushes.ShareSame);
        figures.Add("push_undecided", pushes.ShareUndecided);
        figures.Add(
            "push_resting_difference", Statistics.Median(pushes.RestingDifferences()), "", Mark.AtMost(0.05));
        figures.Add("pyramid_same_answer", Pyramid(isFull).ShareSameAnswer);
        figures.Add("tower_same_answer", Tower(isFull).ShareSameAnswer);
    }

    /// <summary>Pushed blocks, alone and in pairs; undecided where 2 % of the push change the class.</summary>
    public static Comparison Push(bool isFull) => Comparison.Run(
        "push", Pushes.Make(isFull ? 1000 : 200, Seed), 5f, MujocoSettings.Converged,
        world => Pushed(world, 0.98f), world => Pushed(world, 1.02f));

    /// <summary>Pyramids, half of them with a block missing.</summary>
    public static Comparison Pyramid(bool isFull) =>
        Comparison.Run("pyramid", Pyramids.Make(isFull ? 1000 : 40, Seed), 3f, MujocoSettings.Round);

    /// <summary>Towers of 3, 5 and 8 blocks.</summary>
    public static Comparison Tower(bool isFull) =>
        Comparison.Run("tower", Towers.Mixture(isFull ? 667 : 16, Seed), 3f, MujocoSettings.Round);

    private static World Pushed(World world, float share)
    {
        var copy = TowerSet.Copies([world])[0];
        copy.Pushes[0] = copy.Pushes[0] with { Vector = copy.Pushes[0].Vector * share };
        return copy;
    }
}
