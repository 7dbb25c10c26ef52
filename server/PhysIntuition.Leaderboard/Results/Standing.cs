using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Statistics;

namespace PhysIntuition.Leaderboard.Results;

/// <summary>One method on one board: a row of the table.</summary>
/// <param name="Run">The run that counts: of an agent the one closed first, so that many tries do not help; of a
/// baseline the longest; of people the first of all that are counted together.</param>
/// <param name="Rank">Place among the agents that have enough scenes, from 1; 0 for all other rows.</param>
/// <param name="Score">Mean reward with its 95 % interval.</param>
/// <param name="Normalised">(mean - random) / (expert - random): 0 is chance, 1 is the expert.</param>
/// <param name="Attempts">Mean reward of each closed run of the method on this board and season, in the order in which
/// they were closed.</param>
/// <param name="ByAnswers">Mean reward by the number of answers that an episode took; one entry for one-step
/// tasks.</param>
/// <param name="Calibration">Of stated confidence; null if none was stated.</param>
/// <param name="VersusBest">Paired test against the reference row on common scenes; null in that row, and where
/// there are none.</param>
/// <param name="AdjustedP">The test's p-value after Holm's correction over all rows; 1 where there is none.</param>
/// <param name="Counted">What counts for the row: scenes and their last answers, of people of all together.</param>
public sealed record Standing(
    Run Run,
    int Rank,
    Interval Score,
    double Normalised,
    IReadOnlyList<double> Attempts,
    IReadOnlyList<AnswersTaken> ByAnswers,
    Calibration? Calibration,
    PairedTest? VersusBest,
    double AdjustedP,
    ScoredRun Counted)
{
    /// <summary>Mean reward of its best run: how much trying again would have gained.</summary>
    public double BestOfAttempts => Attempts.Max();
}

/// <summary>Episodes that took equally many answers.</summary>
/// <param name="Answers">How many; 0 was never answered.</param>
/// <param name="Episodes">How many episodes.</param>
/// <param name="Mean">Their mean reward.</param>
public readonly record struct AnswersTaken(int Answers, int Episodes, double Mean);

/// <summary>A closed run with everything that is counted.</summary>
/// <param name="Run">The run.</param>
/// <param name="Results">Those that count, in order.</param>
/// <param name="Answers">Those that state a confidence.</param>
public sealed record ScoredRun(Run Run, IReadOnlyList<SceneResult> Results, IReadOnlyList<SceneAnswer> Answers)
{
    /// <summary>The last answer to each scene.</summary>
    public IReadOnlyList<SceneAnswer> Last { get; init; } = [];

    /// <summary>Rewards of the scenes that count.</summary>
    public double[] Rewards { get; } = [.. Results.Select(result => result.Reward)];

    /// <summary>Results of the scenes that all runs meet.</summary>
    public IEnumerable<SceneResult> Common => Results.Where(result => Run.IsCommon(result.Scene));
}
