using System.Globalization;
using PhysIntuition.Trainer.Evaluation;

namespace PhysIntuition.Trainer.Study;

/// <summary>The published claims, and what a study found about each.</summary>
/// <remarks>arXiv 2602.06033, "Can vision language models learn intuitive physics from interaction?"</remarks>
internal static class Findings
{
    private const double Legible = 0.5;   // share of readable answers below which a mean tells of the form alone
    private const string UsualScenes = "test";

    private static readonly string[] s_arms = ["sft", "grpo"];

    /// <summary>Claim and finding, one pair for each.</summary>
    public static IEnumerable<(string Claim, string Finding)> Of(Study study)
    {
        yield return ("Within a task, learning by imitation and learning by interaction both come near the ceiling.",
            $"On unseen scenes of the task learned, {Within(study)}.");
        yield return ("Neither carries over to other tasks, although these share looks and physics.",
            $"On the tasks not learned, without an example: {Across(study)}.{Photographs(study)}");
        yield return ("Interaction does not generalise better than imitation.",
            $"GRPO less SFT, on the tasks not learned: {Difference(study, isOwn: false)}; on suites of the task "
            + $"learned: {Difference(study, isOwn: true)}.");
        yield return ("Scenes out of distribution along one axis are harder than new scenes of the same kind.",
            $"On the task learned: {Suites(study)}.");
        yield return ("What a task needs can be read linearly from activations where answers do not use it.",
            Probed(study));
    }

    private static string Within(Study study) => string.Join("; ", study.Models.GroupBy(trained => trained.Task)
        .Select(own => $"{own.Key}: " + string.Join(", ", own.Select(trained => $"{trained.Arm} " + Describe(
            Select(study, [trained.Arm], (at, cell) => at == trained && IsOwn(at, cell) && IsUsual(cell)))))));

    private static string Across(Study study) => string.Join(", ", s_arms.Select(arm =>
    {
        var cells = Select(study, [arm], (trained, cell) => !IsOwn(trained, cell) && IsUsual(cell));
        return cells.Length == 0 ? $"{arm} not asked" : string.Create(CultureInfo.InvariantCulture,
            $"{arm} {Describe(cells)} ({cells.Average(cell => cell.Result.Readable):P0} of the answers readable)");
    }));

    private static string Photographs(Study study)
    {
        var seen = Select(study, s_arms, (_, cell) => cell.Task == Generalisation.PhotographTask)
            .Where(cell => cell.Result.Readable >= Legible)
            .Select(cell => string.Create(CultureInfo.InvariantCulture,
                $"{cell.Model} {cell.Result.AsExpert:P0} ± {cell.Result.Interval:P0} right"));
        var text = string.Join(", ", seen);
        return text.Length == 0 ? "" : $" On photographs of real towers: {text}.";
    }

    private static string Suites(Study study) => string.Join(", ", study.Cells.Select(cell => cell.Split).Distinct()
        .Select(split => $"{(split == UsualScenes ? "usual scenes" : split[(UsualScenes.Length + 1)..])} " + Describe(
            Select(study, s_arms, (trained, cell) => IsOwn(trained, cell) && cell.Split == split))));

    private static string Difference(Study study, bool isOwn)
    {
        Cell[] Of(string arm) =>
            Select(study, [arm], (trained, cell) => IsOwn(trained, cell) == isOwn && IsUsual(cell) != isOwn);
        var (sft, grpo) = (Of("sft"), Of("grpo"));
        if (sft.Length == 0 || grpo.Length == 0)
        {
            return "not asked";
        }

        var (imitated, interacted) = (Mean(sft), Mean(grpo));
        var half = Math.Sqrt((imitated.Half * imitated.Half) + (interacted.Half * interacted.Half));
        var difference = interacted.Mean - imitated.Mean;
        var verdict =
            sft.Concat(grpo).Average(cell => cell.Result.Readable) < Legible ? "but hardly an answer can be read"
            : Math.Abs(difference) <= half ? "no difference beyond chance"
            : difference > 0 ? "interaction is better" : "imitation is better";
        return string.Create(CultureInfo.InvariantCulture, $"{difference:0.00} ± {half:0.00}, {verdict}");
    }

    private static bool IsOwn(TrainedModel trained, Cell cell) => cell.Task == trained.Task;

    private static bool IsUsual(Cell cell) => cell.Split == UsualScenes;

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

    private static string Probed(Study study)
    {
        var lines =
            from trained in study.Models
            where s_arms.Contains(trained.Arm)
            from probe in study.Probes
            where probe.Model == trained.Name && probe.Task != trained.Task && probe.Target == "offset"
            group probe by (trained.Name, probe.Task) into own
            let best = own.Where(probe => probe.Layer > 0).MaxBy(probe => probe.R2)!
            let pixels = own.First(probe => probe.Layer == 0)
            select string.Create(CultureInfo.InvariantCulture,
                $"{own.Key.Name} on {best.Task}: R² {best.R2:0.00} ± {best.Interval:0.00} at layer {best.Layer} "
                + $"({best.Place}), from pixels {pixels.R2:0.00}");
        return "The offset in tasks not learned: " + string.Join("; ", lines.DefaultIfEmpty("not probed")) + ".";
    }
}
