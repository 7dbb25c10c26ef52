namespace PhysIntuition.Environments.Checks;

/// <summary>One line of the table of tasks: balance, and what the scripted players score.</summary>
/// <param name="Task">Id.</param>
/// <param name="Split">Split, and perhaps suite.</param>
/// <param name="Episodes">Episodes played by each player.</param>
/// <param name="YesShare">Share of yes among the right answers; NaN for other tasks.</param>
/// <param name="RejectedShare">Share of candidate scenes that were given up.</param>
/// <param name="Reasons">Why, with counts.</param>
/// <param name="Scores">Mean reward per player in the order of <see cref="ScriptedPlayers.All"/>; NaN: does not
/// play.</param>
public sealed record TaskReport(
    string Task, string Split, int Episodes, double YesShare, double RejectedShare,
    IReadOnlyDictionary<string, long> Reasons, IReadOnlyList<double> Scores)
{
    /// <summary>Measures one task on one split.</summary>
    /// <param name="task">Which task.</param>
    /// <param name="choice">Split, and perhaps suite.</param>
    /// <param name="episodes">Episodes for each player, from seed 0 on.</param>
    /// <param name="simulator">Decides outcomes.</param>
    /// <param name="renderer">For players that see; null leaves them out.</param>
    public static TaskReport Measure(
        ITask task, SplitChoice choice, int episodes, ISimulator simulator, IRenderer? renderer)
    {
        var drafts = new DraftReport();
        var batch = new EnvironmentBatch(task, new BatchOptions
        {
            Slots = episodes, Split = choice.Split, Task = choice.Apply(Options.OptionsReader.DefaultsOf(task.Spec)),
        }, simulator)
        {
            Report = drafts,
        };
        batch.Reset(0UL);
        var yes = 0;
        for (var i = 0; i < episodes; i++)
        {
            yes += batch.EpisodeFor(i).State.IsYes ? 1 : 0;
        }

        var match = new Match(task, choice, simulator, renderer);
        var scores = ScriptedPlayers.All.Select(player => match.Play(player, 0, episodes)?.Average() ?? double.NaN);

        return new(task.Spec.Id, choice.Name, episodes, IsYesNo(task.Spec) ? (double)yes / episodes : double.NaN,
            drafts.RejectedShare, drafts.Reasons, [.. scores]);
    }

    /// <summary>The header that <see cref="ToString"/> lines stand under.</summary>
    public static string Header => $"{"task",-22}{"split",-20}{"n",6}{"yes",8}{"rejected",10}"
        + string.Concat(ScriptedPlayers.All.Select(player => $"{player.Name,11}"));

    /// <summary>One line of the table.</summary>
    public override string ToString()
    {
        var line = new StringBuilder(string.Create(CultureInfo.InvariantCulture,
            $"{Task,-22}{Split,-20}{Episodes,6}{Cell(YesShare, "0.000"),8}{Cell(RejectedShare, "0.000"),10}"));
        foreach (var score in Scores)
        {
            line.Append(CultureInfo.InvariantCulture, $"{Cell(score, "0.0000"),11}");
        }

        return line.ToString();
    }

    internal static bool IsYesNo(TaskSpec spec) => spec.Answer is [{ Choices: ["no", "yes"] }];

    private static string Cell(double value, string format) =>
        double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);
}
