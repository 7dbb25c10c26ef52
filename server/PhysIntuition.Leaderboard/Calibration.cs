namespace PhysIntuition.Leaderboard;

/// <summary>How far stated confidence is from being right that often.</summary>
/// <param name="ExpectedError">Mean absolute gap between confidence and accuracy, weighted by bin size; 0 is
/// best.</param>
/// <param name="Brier">Mean squared gap between confidence and outcome; 0 is best, 0.25 is a coin.</param>
/// <param name="Bins">Ten equal bins of confidence, empty ones left out.</param>
public sealed record Calibration(double ExpectedError, double Brier, IReadOnlyList<CalibrationBin> Bins)
{
    private const int BinCount = 10;

    /// <summary>From one (confidence, was right) pair for each answer that stated a confidence.</summary>
    /// <returns>Null if none did.</returns>
    public static Calibration? Of(IReadOnlyList<(double Confidence, bool IsRight)> answers)
    {
        if (answers.Count == 0)
        {
            return null;
        }

        var bins = answers
            .GroupBy(answer => Math.Clamp((int)(answer.Confidence * BinCount), 0, BinCount - 1))
            .OrderBy(group => group.Key)
            .Select(group => new CalibrationBin(
                group.Average(answer => answer.Confidence),
                group.Average(answer => answer.IsRight ? 1.0 : 0.0),
                group.Count()))
            .ToArray();
        var error = bins.Sum(bin => bin.Count * Math.Abs(bin.Confidence - bin.Accuracy)) / answers.Count;
        var brier = answers.Average(answer => Math.Pow(answer.Confidence - (answer.IsRight ? 1 : 0), 2));
        return new Calibration(error, brier, bins);
    }
}

/// <summary>Answers of about equal confidence.</summary>
/// <param name="Confidence">Their mean confidence, in [0, 1].</param>
/// <param name="Accuracy">The share that was right.</param>
/// <param name="Count">How many there are.</param>
public readonly record struct CalibrationBin(double Confidence, double Accuracy, int Count);
