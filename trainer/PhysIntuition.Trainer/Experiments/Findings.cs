using System.Globalization;
using PhysIntuition.Trainer.Evaluation;

namespace PhysIntuition.Trainer.Experiments;

/// <summary>The published claims, and what a study found about each.</summary>
/// <remarks>arXiv 2602.06033, "Can vision language models learn intuitive physics from interaction?"</remarks>
internal static class Findings
{
    /// <summary>Claim and finding, one pair for each.</summary>
    public static IEnumerable<(string Claim, string Finding)> Of(Study study)
    {
        yield return ("Within a task, learning by imitation and learning by interaction both come near the ceiling.",
            $"On unseen scenes of the task learned: {ByArm(study, isOwn: true)}.");
        yield return ("Neither carries over to other tasks, although these share looks and physics.",
            $"On the tasks not learned, without an example: {ByArm(study, isOwn: false)}.");
        yield return ("Interaction does not generalise better than imitation.",
            $"Off the learned task GRPO less SFT: {Difference(study)}.");
        yield return ("Scenes out of distribution along one axis are harder than new scenes of the same kind.",
            $"Suites of the task learned: {OwnTask(study, isUsual: false)}; "
            + $"usual scenes: {OwnTask(study, isUsual: true)}.");
        yield return ("What a task needs can be read linearly from activations where answers do not use it.",
            Probed(study));
    }

    private static string OwnTask(Study study, bool isUsual) => Describe(Select(
        study, Arms, (trained, cell) => cell.Task == trained.Task && cell.Split == "test" == isUsual));

    private static string[] Arms => ["sft", "grpo"];

    private static string ByArm(Study study, bool isOwn) => string.Join(", ",
        study.Models.Select(trained => trained.Arm).Distinct().Select(arm => $"{arm} " + Describe(Select(
            study, [arm], (trained, cell) => cell.Task == trained.Task == isOwn && cell.Split == "test"))));

    private static Cell[] Select(Study study, string[] arms, Func<TrainedModel, Cell, bool> isWanted) =>
        [.. from trained in study.Models
            where arms.Contains(trained.Arm)
            from cell in study.Cells
            where cell.Model == trained.Name && cell.Examples == 0 && cell.AdaptationSteps == 0
                && isWanted(trained, cell)
            select cell];

    /// <summary>The mean over cells, and half its interval: cells are independent.</summary>
    private static (double Mean, double Half) Mean(Cell[] cells) => (
        cells.Average(cell => cell.Success),
        Math.Sqrt(cells.Sum(cell => Math.Pow(cell.SuccessInterval, 2))) / cells.Length);

    private static string Describe(Cell[] cells)
    {
        if (cells.Length == 0)
        {
            return "not asked";
        }

        var (mean, half) = Mean(cells);
        return string.Create(CultureInfo.InvariantCulture, $"{mean:0.00} ± {half:0.00}");
    }

    private static string Difference(Study study)
    {
        Cell[] Off(string arm) =>
            Select(study, [arm], (trained, cell) => cell.Task != trained.Task && cell.Split == "test");
        if (Off("sft").Length == 0)
        {
            return "not asked, for there is one task";
        }

        var (sft, grpo) = (Mean(Off("sft")), Mean(Off("grpo")));
        var half = Math.Sqrt((sft.Half * sft.Half) + (grpo.Half * grpo.Half));
        var verdict = Math.Abs(grpo.Mean - sft.Mean) <= half ? "no difference beyond chance"
            : grpo.Mean > sft.Mean ? "interaction is better" : "imitation is better";
        return string.Create(CultureInfo.InvariantCulture, $"{grpo.Mean - sft.Mean:0.00} ± {half:0.00}, {verdict}");
    }

    private static string Probed(Study study)
    {
        var lines =
            from trained in study.Models
            where Arms.Contains(trained.Arm)
            from probe in study.Probes
            where probe.Model == trained.Name && probe.Task != trained.Task && probe.Target == "offset"
            group probe by trained.Name into own
            let best = own.Where(probe => probe.Layer > 0).MaxBy(probe => probe.R2)!
            let pixels = own.First(probe => probe.Layer == 0)
            select string.Create(CultureInfo.InvariantCulture,
                $"{own.Key} on {best.Task}: R² {best.R2:0.00} ± {best.Interval:0.00} at layer {best.Layer} "
                + $"({best.Place}), from pixels {pixels.R2:0.00}");
        return "The offset in tasks not learned: " + string.Join("; ", lines.DefaultIfEmpty("not probed")) + ".";
    }
}
