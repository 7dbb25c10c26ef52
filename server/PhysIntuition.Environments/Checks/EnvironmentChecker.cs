namespace PhysIntuition.Environments.Checks;

/// <summary>One thing that was checked.</summary>
/// <param name="Name">What should be so.</param>
/// <param name="Passed">Whether it is.</param>
/// <param name="Detail">The measured figures.</param>
public readonly record struct Finding(string Name, bool Passed, string Detail)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{(Passed ? "ok    " : "FAILED")} {Name}: {Detail}";
}

/// <summary>Checks that a task keeps the promises that every task makes. For one's own tasks too.</summary>
/// <param name="simulator">Decides outcomes.</param>
/// <param name="renderer">Draws pictures.</param>
public sealed class EnvironmentChecker(ISimulator simulator, IRenderer renderer)
{
    /// <summary>Episodes below which a check tells nothing.</summary>
    public const int LeastEpisodes = 50;

    private const double ExpertSlack = 0.01;      // the expert may miss the stated maximum by rounding
    private const double HeuristicShare = 0.4;    // of the way from random to expert that a heuristic must make

    /// <summary>Checks one task on one split, with what the scripted players have scored there already.</summary>
    /// <param name="task">Which task.</param>
    /// <param name="choice">An open split, and perhaps a suite.</param>
    /// <param name="report">Of the same task and split; its number of episodes is used throughout.</param>
    public IReadOnlyList<Finding> Check(ITask task, SplitChoice choice, TaskReport report)
    {
        return
        [
            CheckSpaces(task, choice),
            CheckDeterminism(task, choice),
            CheckAutoreset(task, choice),
            CheckReplay(task, choice),
            .. CheckScores(task, report),
            .. LeakProbe.Check(task, choice, report.Episodes, simulator, renderer),
        ];
    }

    private Finding CheckSpaces(ITask task, SplitChoice choice)
    {
        var batch = Open(task, choice, 8);
        batch.Reset(0UL);
        var state = new float[batch.Slots * StateLayout.Length];
        batch.View.State([.. Enumerable.Range(0, batch.Slots)], state);
        var isFine = state.All(float.IsFinite);
        for (var i = 0; i < batch.Slots; i++)
        {
            isFine &= batch.Task.Parse(batch.View.Expert(i), batch.View.Episode(i)).IsLegal;
            isFine &= Picture(batch, i).Distinct().Count() > 1;
        }

        return new("observations and answers lie in their spaces", isFine, "8 episodes");
    }

    private Finding CheckDeterminism(ITask task, SplitChoice choice)
    {
        var (together, alone) = (Open(task, choice, 16), Open(task, choice, 1));
        together.Reset(100);
        var equal = 0;
        for (var i = 0; i < together.Slots; i++)
        {
            alone.Reset(100 + (ulong)i);
            equal += alone.Results.SceneHashes[0] == together.Results.SceneHashes[i]
                && Picture(alone, 0).AsSpan().SequenceEqual(Picture(together, i)) ? 1 : 0;
        }

        return new("a scene depends on its seed alone", equal == together.Slots, $"{equal} of {together.Slots} equal");
    }

    private Finding CheckAutoreset(ITask task, SplitChoice choice)
    {
        var next = StoriesOf(Open(task, choice, 4, AutoresetMode.NextStep));
        var same = StoriesOf(Open(task, choice, 4, AutoresetMode.SameStep));

        return new("autoreset modes give the same episodes", next.SequenceEqual(same), "3 episodes in 4 slots");
    }

    // For each slot the first answers and new scenes, in their order: as many as three of the longest episodes have.
    private static List<string> StoriesOf(EnvironmentBatch batch)
    {
        batch.Reset(7);
        var (action, results, steps) = (
            MiddleActions(batch.Task, batch.Slots), batch.Results, 3 * (batch.Task.Spec.MaxSteps + 1));
        List<string>[] stories = [.. results.SceneHashes.Select(static hash => new List<string> { $"{hash}" })];
        for (var step = 0; step < steps; step++)
        {
            batch.Step(action);
            for (var slot = 0; slot < stories.Length; slot++)
            {
                if (!results.WasReset[slot] || results.HasFinal[slot])
                {
                    stories[slot].Add(Text($"{results.Rewards[slot]} {results.Terminated[slot]}"));
                }

                if (results.WasReset[slot])
                {
                    stories[slot].Add($"{results.SceneHashes[slot]}");
                }
            }
        }

        return [.. stories.SelectMany(story => story.Take(steps))];
    }

    private Finding CheckReplay(ITask task, SplitChoice choice)
    {
        var logs = new List<(double[], ulong[])>();
        for (var run = 0; run < 2; run++)
        {
            var batch = Open(task, choice, 8);
            batch.Reset(31);
            batch.Step(MiddleActions(task, 8));
            logs.Add(((double[])batch.Results.Rewards.Clone(), (ulong[])batch.Results.OutcomeHashes.Clone()));
        }

        var isEqual = logs[0].Item1.SequenceEqual(logs[1].Item1) && logs[0].Item2.SequenceEqual(logs[1].Item2);

        return new("a replayed log gives the same bits", isEqual, "8 episodes");
    }

    private static IEnumerable<Finding> CheckScores(ITask task, TaskReport report)
    {
        var (anchors, n) = (task.Spec.Anchors, report.Episodes);
        double random = report.Scores[0], constant = report.Scores[1], expert = report.Scores[4];
        var heuristic = Math.Max(Known(report.Scores[2]), Known(report.Scores[3]));
        yield return new("the expert reaches the maximum", expert >= anchors.Perfect - ExpertSlack,
            Text($"{expert:0.0000} of {anchors.Perfect}"));
        if (TaskReport.IsYesNo(task.Spec))
        {
            // Four standard deviations of a fair coin.
            var slack = 2 / Math.Sqrt(n);
            yield return new("the classes are balanced", Math.Abs(report.YesShare - 0.5) <= slack,
                Text($"{report.YesShare:0.000} yes in {n}"));
            yield return new("random and constant players score near the floor",
                Math.Abs(random - anchors.Random) <= slack && Math.Abs(constant - anchors.Random) <= slack,
                Text($"{random:0.000} and {constant:0.000}, floor {anchors.Random}"));
        }
        else
        {
            var slack = 0.15 * (anchors.Perfect - anchors.Random);
            yield return new("the random player scores near the floor", Math.Abs(random - anchors.Random) <= slack,
                Text($"{random:0.000}, floor {anchors.Random}"));
        }

        if (heuristic > double.NegativeInfinity)
        {
            yield return new("a heuristic beats the floor",
                heuristic >= random + (HeuristicShare * (anchors.Perfect - random)), Text($"{heuristic:0.000}"));
        }
    }

    private EnvironmentBatch Open(
        ITask task, SplitChoice choice, int slots, AutoresetMode mode = AutoresetMode.Disabled) => new(
        task, new BatchOptions
        {
            Slots = slots, Split = choice.Split, Autoreset = mode,
            Task = choice.Apply(Environments.Options.OptionsReader.DefaultsOf(task.Spec)),
        }, simulator, renderer);

    private static byte[] Picture(EnvironmentBatch batch, int slot) => batch.View.Picture(slot, side: 64).Rgb;

    private static SlotAction[] MiddleActions(ITask task, int slots)
    {
        double[] numbers = [.. task.Spec.Answer.Select(axis => Math.Floor((axis.Min + axis.Max) / 2))];

        return [.. Enumerable.Repeat(SlotAction.OfNumbers(numbers), slots)];
    }

    private static double Known(double score) => double.IsNaN(score) ? double.NegativeInfinity : score;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
