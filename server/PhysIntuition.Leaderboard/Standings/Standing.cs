using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Statistics;

namespace PhysIntuition.Leaderboard.Standings;

/// <summary>One method on one task: a row of the table.</summary>
/// <param name="Run">Id of the run that counts: the first of the method, so that many tries do not help.</param>
/// <param name="Request">Method, player, task, options, what it was trained on.</param>
/// <param name="Score">Mean reward with its 95 % interval.</param>
/// <param name="Normalised">(mean - random) / (expert - random): 0 is chance, 1 is the expert.</param>
/// <param name="Attempts">Closed runs of the method on this task in this season.</param>
/// <param name="BestOfAttempts">Mean reward of its best run: how much trying again would have gained.</param>
/// <param name="Calibration">Of stated confidence; null if none was stated.</param>
/// <param name="VersusBest">Paired test against the first row on common scenes; null in the first row.</param>
/// <param name="AdjustedP">The test's p-value after Holm's correction over all rows; 1 in the first row.</param>
public sealed record Standing(
    string Run,
    RunRequest Request,
    Interval Score,
    double Normalised,
    int Attempts,
    double BestOfAttempts,
    Calibration? Calibration,
    PairedTest? VersusBest,
    double AdjustedP);

/// <summary>A closed run with everything that is counted.</summary>
/// <param name="Run">The run.</param>
/// <param name="Results">Those that count, in order.</param>
/// <param name="Answers">As accepted.</param>
public sealed record ScoredRun(Run Run, IReadOnlyList<SceneResult> Results, IReadOnlyList<Answer> Answers)
{
    /// <summary>Rewards of the scenes that count.</summary>
    public double[] Rewards { get; } = [.. Results.Select(result => result.Reward)];

    /// <summary>Rewards of the scenes that all runs meet, by scene.</summary>
    public double[] CommonRewards { get; } =
        [.. Results.Where(result => SeedSchedule.IsCommon(result.Scene)).Select(result => result.Reward)];
}

/// <summary>Mean rewards that count as 0 and 1.</summary>
/// <param name="Random">Of uniformly random legal answers.</param>
/// <param name="Expert">Of the expert.</param>
public readonly record struct Anchors(double Random, double Expert);
