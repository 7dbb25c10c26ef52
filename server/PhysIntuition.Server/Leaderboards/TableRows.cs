using PhysIntuition.Environments.Answers;
using Transfer = PhysIntuition.Leaderboard.TransferMatrix;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>The leaderboard's tables in the words of the wire.</summary>
internal static class TableRows
{
    public static string KindOf(PlayerKind kind) => kind.ToString().ToLowerInvariant();

    public static SeasonInfo Of(Season season) => new()
    {
        Id = season.Id,
        Commitment = season.Commitment,
        Secret = season.Published.Secret,
        IsOpen = season.IsOpen,
    };

    public static BoardInfo Of(BoardKey board, int rows)
    {
        var spec = TaskCatalog.Find(board.Task).Spec;
        var suite = SuiteCatalog.All.FirstOrDefault(suite => suite.Name == board.Suite);
        return new BoardInfo
        {
            Task = board.Task,
            Suite = board.Suite,
            Axis = suite?.Axis ?? "",
            OptionsJson = board.Options,
            Summary = suite?.Summary ?? spec.Summary,
            Rows = (uint)rows,
            Random = spec.Anchors.Random,
            Expert = spec.Anchors.Perfect,
            TakesRuns = spec.Splits.Contains(Split.Heldout),
        };
    }

    public static StandingRow Of(Standing standing)
    {
        var (run, request) = (standing.Run, standing.Run.Request);
        var spec = TaskCatalog.Find(request.Task).Spec;
        var row = new StandingRow
        {
            Method = request.Method,
            Kind = KindOf(request.Kind),
            Run = run.Id,
            Rank = (uint)standing.Rank,
            IsVerified = request.IsVerified,
            Task = request.Task,
            Suite = request.Suite,
            OptionsJson = request.Options,
            Axis = request.Axis,
            TrainedOn = request.TrainedOn,
            SettingsJson = request.Settings,
            Command = request.Command,
            ProvenanceJson = run.Provenance,
            ClosedUnixMs = run.ClosedAt is { } closed ? new DateTimeOffset(closed).ToUnixTimeMilliseconds() : 0,
            Normalised = standing.Normalised,
            Attempts = (uint)standing.Attempts.Count,
            BestOfAttempts = standing.BestOfAttempts,
            AttemptMeans = { standing.Attempts },
            PValue = standing.AdjustedP,
            Outcomes = OutcomesOf(standing.Counted, spec),
            VersusBest = standing.VersusBest is { } test ? Of(test) : null,
            Calibration = standing.Calibration is { } calibration ? Of(calibration) : null,
        };
        if (spec.MaxSteps > 1)
        {
            row.ByAnswers.AddRange(standing.ByAnswers.Select(Of));
        }

        return WithScore(row, standing.Score);
    }

    public static StandingRow Of(PublishedFigure figure, Anchors anchors) => WithScore(
        new StandingRow
        {
            Method = figure.Method,
            Kind = KindOf(PlayerKind.Published),
            IsVerified = true,
            Task = figure.Task,
            Normalised = anchors.Normalise(figure.Score.Mean),
            BestOfAttempts = figure.Score.Mean,
            PValue = 1,
            Source = figure.Source,
        },
        figure.Score);

    public static PairedDifference Of(PairedTest test) => new()
    {
        Mean = test.Difference.Mean,
        Low = test.Difference.Low,
        High = test.Difference.High,
        Count = (uint)test.Difference.Count,
        PValue = test.PValue,
        Test = test.Test,
    };

    public static V1.TransferMatrix Of(Transfer matrix) => new()
    {
        TrainedOn = { matrix.TrainedOn },
        EvaluatedOn = { matrix.EvaluatedOn },
        Cells = { matrix.Cells.Select(Of) },
    };

    /// <summary>Rows in the order of the table, see <see cref="StandingsTable.Rank"/>.</summary>
    public static IEnumerable<StandingRow> InOrder(IEnumerable<StandingRow> rows) => rows
        .OrderByDescending(row => StandingsTable.HasEnough(
            Enum.Parse<PlayerKind>(row.Kind, ignoreCase: true), (int)row.Count))
        .ThenByDescending(row => row.Low);

    /// <summary>Rows with a suite beside the row of the same task without one.</summary>
    public static IEnumerable<AxisScore> AxesOf(IReadOnlyList<StandingRow> rows) =>
        from shifted in rows
        where shifted.Suite.Length > 0
        from usual in rows
        where usual.Suite.Length == 0 && usual.Task == shifted.Task && usual.OptionsJson == shifted.OptionsJson
        select new AxisScore
        {
            Axis = shifted.Axis,
            Task = shifted.Task,
            Suite = shifted.Suite,
            Normalised = shifted.Normalised,
            NormalisedUsual = usual.Normalised,
        };

    // What is right is decided by the reward alone: whoever earns what the expert earns was read.
    private static RowOutcomes OutcomesOf(ScoredRun counted, TaskSpec spec)
    {
        var texts = counted.Last.ToDictionary(answer => answer.Scene, answer => answer.Text);
        var outcomes = new RowOutcomes();
        foreach (var result in counted.Results)
        {
            var text = texts.GetValueOrDefault(result.Scene);
            var isRight = result.Reward >= spec.Anchors.Perfect;
            _ = result.Steps == 0 ? outcomes.Undelivered++
                : isRight ? outcomes.Right++
                : string.IsNullOrWhiteSpace(text) ? outcomes.CutOff++
                : AnswerText.Read(text, spec.Answer).IsLegal ? outcomes.Wrong++
                : outcomes.Unreadable++;
        }

        return outcomes;
    }

    private static StandingRow WithScore(StandingRow row, Interval score)
    {
        (row.Mean, row.Low, row.High, row.Count) = (score.Mean, score.Low, score.High, (uint)score.Count);
        return row;
    }

    private static RowCalibration Of(Calibration calibration) => new()
    {
        ExpectedError = calibration.ExpectedError,
        Brier = calibration.Brier,
        Bins =
        {
            calibration.Bins.Select(bin => new ConfidenceBin
            {
                Confidence = bin.Confidence, Accuracy = bin.Accuracy, Count = (uint)bin.Count,
            }),
        },
    };

    private static V1.AnswersTaken Of(Leaderboard.AnswersTaken taken) => new()
    {
        Answers = (uint)taken.Answers, Episodes = (uint)taken.Episodes, Mean = taken.Mean,
    };

    private static V1.TransferCell Of(Leaderboard.TransferCell? cell) => cell is null ? new() : new()
    {
        Mean = cell.Score.Mean,
        Low = cell.Score.Low,
        High = cell.Score.High,
        Count = (uint)cell.Score.Count,
        Normalised = cell.Normalised,
        Runs = (uint)cell.Runs,
    };
}
