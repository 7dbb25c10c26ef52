using PhysIntuition.Leaderboard;

namespace PhysIntuition.Trainer.Study;

/// <summary>An arm on one held-out task against another way to learn, scene by scene.</summary>
/// <param name="Arm">The arm's id.</param>
/// <param name="Task">With version; empty: all held-out tasks together.</param>
/// <param name="Against">"base", or an arm's id.</param>
/// <param name="Success">Of the arm, 0 as a random player, 1 as the expert.</param>
/// <param name="Difference">Its success less the other's, with its 95 % interval over scenes.</param>
/// <param name="Test">"mcnemar-exact" where both earned 0 or 1 in every scene, else "sign-flip".</param>
/// <param name="PValue">Two-sided, corrected by Holm for all effects of a study.</param>
internal sealed record ArmEffect(
    string Arm, string Task, string Against, double Success, Interval Difference, string Test, double PValue)
{
    private const double Significant = 0.05;

    /// <summary>Whether the difference is more than chance among all that were looked at.</summary>
    public bool IsSure => PValue < Significant;
}

/// <summary>What a study found: effects with paired tests, and five lines that say so.</summary>
internal static class Findings
{
    /// <summary>The arm that others are compared with beside the base.</summary>
    public const string Reference = "a";

    /// <summary>Every difference against the base and against the reference, corrected together.</summary>
    public static IReadOnlyList<ArmEffect> Effects(StudyResult study)
    {
        var raw = (from arm in study.Plan.Arms
                   from against in new[] { BaseOf(arm), Reference }
                   where against != arm.Id && (against != Reference || arm.Size.Length == 0)
                   from effect in Raw(study, arm, against)
                   select effect).ToArray();
        var adjusted = Holm.Adjust([.. raw.Select(effect => effect.PValue)]);
        return [.. raw.Zip(adjusted, (effect, value) => effect with { PValue = value })];
    }

    /// <summary>Mean reward of every scene of a task over an arm's models; null: none was asked.</summary>
    public static double[]? ByScene(
        StudyResult study, string arm, string task, string options = "",
        AnswerConstraint constrain = AnswerConstraint.Answer)
    {
        StudyCell[] cells = [.. Cells(study, arm, task, options, constrain)];
        return cells.Length == 0 ? null
            : [.. Enumerable.Range(0, cells[0].Rewards.Length)
                .Select(scene => cells.Average(cell => cell.Rewards[scene]))];
    }

    /// <summary>The answers of an arm's models to a task.</summary>
    public static IEnumerable<StudyCell> Cells(
        StudyResult study, string arm, string task, string options, AnswerConstraint constrain) =>
        study.Answers.Where(sheet => sheet.Arm == arm).SelectMany(sheet => sheet.Cells).Where(cell =>
            cell.Task == task && cell.Options == options && cell.Constrain == constrain && !cell.IsLearned);

    /// <summary>Mean success of an arm over the held-out tasks; null: it was asked about none.</summary>
    public static double? Success(StudyResult study, string arm)
    {
        double[] each = [.. Tasks(study).Select(task => Normalised(study, arm, task)).OfType<double[]>()
            .Select(scenes => scenes.Average())];
        return each.Length == 0 ? null : each.Average();
    }

    /// <summary>The tasks that somebody was asked about.</summary>
    public static IReadOnlyList<string> Tasks(StudyResult study) =>
        [.. study.Answers.SelectMany(sheet => sheet.Cells).Where(cell => !cell.IsLearned)
            .Select(cell => cell.Task).Distinct()];

    /// <summary>The base of an arm's models.</summary>
    public static string BaseOf(StudyArm arm) => arm.Size.Length == 0 ? "base" : $"base-{arm.Size}";

    /// <summary>What transferred, how much, what did not, what is worse, how sure.</summary>
    /// <param name="study">Whose answers.</param>
    /// <param name="effects">Of <see cref="Effects"/>, which take most of a report's time.</param>
    public static IReadOnlyList<string> Lines(StudyResult study, IReadOnlyList<ArmEffect> effects)
    {
        ArmEffect[] all = [.. effects.Where(effect => effect.Task.Length == 0)];
        ArmEffect[] own = [.. all.Where(effect => effect.Against == BaseOf(ArmOf(study, effect.Arm)))];
        return
        [
            "**What transferred:** " + Join(
                study, own.Where(effect => effect.IsSure && effect.Difference.Mean > 0)
                    .OrderByDescending(effect => effect.Difference.Mean),
                "nothing beyond chance: no arm is surely better than its base on tasks that it never learned, taken "
                + "together.") + OnSingleTasks(study, effects, sign: 1),
            "**Against one task alone (a):** " + Join(
                study, all.Where(effect => effect.Against == Reference && effect.IsSure), "no arm differs surely."),
            "**What did not:** " + Unmoved([.. own.Where(effect => !effect.IsSure)]),
            "**What made it worse:** " + Join(
                study, own.Where(effect => effect.IsSure && effect.Difference.Mean < 0), "no arm surely.")
                + OnSingleTasks(study, effects, sign: -1),
            string.Create(CultureInfo.InvariantCulture,
                $"**How sure:** {study.Plan.Questions} test scenes a task, the same for all; paired tests on scenes, ")
                + string.Create(CultureInfo.InvariantCulture,
                $"{effects.Count} of them, corrected together (Holm); {study.Plan.Seeds} seed(s), whose spread ")
                + $"the tests do not see; {study.Failures.Count} model(s) failed"
                + (study.Awaited.Count() is var left and > 0 ? $", {left} still to come." : "."),
        ];
    }

    /// <summary>An effect in words: arm, title, difference, interval, p.</summary>
    public static string Describe(StudyResult study, ArmEffect effect) =>
        $"{effect.Arm} ({ArmOf(study, effect.Arm).Title}) {Size(effect)}";

    // Where all tasks together say nothing, one of them may.
    private static string OnSingleTasks(StudyResult study, IReadOnlyList<ArmEffect> effects, int sign)
    {
        var found = string.Join("; ", effects
            .Where(effect => effect.Task.Length > 0 && effect.Against == BaseOf(ArmOf(study, effect.Arm))
                && effect.IsSure && Math.Sign(effect.Difference.Mean) == sign)
            .OrderByDescending(effect => Math.Abs(effect.Difference.Mean))
            .Select(effect => $"{effect.Arm} on {effect.Task} {Size(effect)}"));
        return found.Length == 0 || Tasks(study).Count < 2 ? "" : $" On single tasks: {found}.";
    }

    private static string Size(ArmEffect effect) => string.Create(CultureInfo.InvariantCulture,
        $"{effect.Difference.Mean:+0.000;-0.000;0.000} to {effect.Success:0.000} "
        + $"[{effect.Difference.Low:+0.000;-0.000;0.000}, {effect.Difference.High:+0.000;-0.000;0.000}], "
        + $"p {Chance(effect.PValue)}");

    /// <summary>A p-value as tables print it: none is 0.</summary>
    public static string Chance(double p) =>
        p < 0.0001 ? "< 0.0001" : string.Create(CultureInfo.InvariantCulture, $"= {p:0.####}");

    private static string Unmoved(ArmEffect[] effects) => effects.Length == 0 ? "every arm moved."
        : string.Join(", ", effects.Select(effect => effect.Arm)) + string.Create(CultureInfo.InvariantCulture,
            $": {effects.Min(effect => effect.Difference.Mean):+0.000;-0.000;0.000} to ")
            + string.Create(CultureInfo.InvariantCulture,
            $"{effects.Max(effect => effect.Difference.Mean):+0.000;-0.000;0.000}, which may be chance.");

    private static string Join(StudyResult study, IEnumerable<ArmEffect> effects, string none)
    {
        var text = string.Join("; ", effects.Select(effect => Describe(study, effect)));
        return text.Length == 0 ? none : text + ".";
    }

    private static StudyArm ArmOf(StudyResult study, string id) => study.Plan.Arms.Single(arm => arm.Id == id);

    private static IEnumerable<ArmEffect> Raw(StudyResult study, StudyArm arm, string against)
    {
        var (first, second) = (new List<double>(), new List<double>());
        foreach (var task in Tasks(study))
        {
            if (ByScene(study, arm.Id, task) is not { } x || ByScene(study, against, task) is not { } y)
            {
                continue;
            }

            // The test sees rewards, so that McNemar's applies where they are 0 and 1; the table sees successes.
            var cell = Cells(study, arm.Id, task, "", AnswerConstraint.Answer).First();
            var test = PairedTest.Of(x, y);
            yield return new ArmEffect(arm.Id, task, against, cell.Success(x.Average()),
                Scale(test.Difference, 1 / (cell.Expert - cell.Random)), test.Test, test.PValue);
            first.AddRange(x.Select(cell.Success));
            second.AddRange(y.Select(cell.Success));
        }

        if (first.Count > 0)
        {
            var test = PairedTest.Of([.. first], [.. second]);
            yield return new ArmEffect(
                arm.Id, "", against, first.Average(), test.Difference, test.Test, test.PValue);
        }
    }

    private static double[]? Normalised(StudyResult study, string arm, string task) =>
        ByScene(study, arm, task) is { } scenes
            ? [.. scenes.Select(Cells(study, arm, task, "", AnswerConstraint.Answer).First().Success)]
            : null;

    private static Interval Scale(Interval interval, double factor) =>
        new(interval.Mean * factor, interval.Low * factor, interval.High * factor, interval.Count);
}
