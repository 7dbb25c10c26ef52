namespace PhysIntuition.Leaderboard;

/// <summary>What the experiment is about: trained on (rows) against evaluated on (columns).</summary>
/// <param name="TrainedOn">Row names: task ids, in alphabetical order.</param>
/// <param name="EvaluatedOn">Column names: the board, as <c>Stability-v1/tall-v1</c>; for runs of the usual scenes that
/// name an axis of their own followed by " / axis".</param>
/// <param name="Cells">[row, column]; null where nobody has played.</param>
public sealed record TransferMatrix(
    IReadOnlyList<string> TrainedOn, IReadOnlyList<string> EvaluatedOn, IReadOnlyList<TransferCell?> Cells)
{
    /// <summary>One cell.</summary>
    public TransferCell? this[int row, int column] => Cells[(row * EvaluatedOn.Count) + column];

    /// <summary>From closed runs of one season; runs that do not say what they were trained on are left out.</summary>
    /// <param name="runs">Closed runs of any tasks.</param>
    /// <param name="anchors">What counts as 0 and 1 in each task.</param>
    /// <param name="method">Only this method; null: all, pooled.</param>
    public static TransferMatrix Of(
        IEnumerable<ScoredRun> runs, Func<string, Anchors> anchors, string? method = null)
    {
        var counted = runs
            .Where(run => run.Run.Request.TrainedOn.Length > 0 && run.Rewards.Length > 0)
            .Where(run => method is null || run.Run.Request.Method == method)
            .ToArray();
        string[] rows = [.. counted.Select(run => run.Run.Request.TrainedOn).Distinct().Order(StringComparer.Ordinal)];
        string[] columns = [.. counted.Select(Column).Distinct().Order(StringComparer.Ordinal)];
        var cells = from row in rows
                    from column in columns
                    select Cell([.. counted.Where(run =>
                        run.Run.Request.TrainedOn == row && Column(run) == column)], anchors);
        return new TransferMatrix(rows, columns, [.. cells]);
    }

    private static string Column(ScoredRun run) => run.Run.Request is { Suite: "", Axis: not "" } request
        ? $"{request.Task} / {request.Axis}"
        : run.Run.Request.Board;

    private static TransferCell? Cell(IReadOnlyList<ScoredRun> runs, Func<string, Anchors> anchors)
    {
        if (runs.Count == 0)
        {
            return null;
        }

        var score = Interval.Of([.. runs.SelectMany(run => run.Rewards)]);
        return new TransferCell(score, anchors(runs[0].Run.Request.Task).Normalise(score.Mean), runs.Count);
    }
}

/// <summary>Mean reward of everyone who was trained on one task and evaluated on another.</summary>
/// <param name="Score">Mean reward with its interval over all scenes.</param>
/// <param name="Normalised">0 is chance, 1 is the expert.</param>
/// <param name="Runs">How many runs are pooled.</param>
public sealed record TransferCell(Interval Score, double Normalised, int Runs);
