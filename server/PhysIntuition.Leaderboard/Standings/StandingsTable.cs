using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Statistics;

namespace PhysIntuition.Leaderboard.Standings;

/// <summary>Ranks the methods of one task.</summary>
public static class StandingsTable
{
    /// <summary>Rows, best first; methods with equal means stand in the order in which they were played.</summary>
    /// <param name="runs">Closed runs of one task, options and season, oldest first.</param>
    /// <param name="anchors">What counts as 0 and 1.</param>
    public static IReadOnlyList<Standing> Rank(IReadOnlyList<ScoredRun> runs, Anchors anchors)
    {
        var methods = runs
            .GroupBy(run => (run.Run.Request.Method, run.Run.Request.Kind, run.Run.Request.Owner))
            .Select(group => group.ToArray())
            .OrderByDescending(attempts => Interval.MeanOf(attempts[0].Rewards))
            .ToArray();
        if (methods.Length == 0)
        {
            return [];
        }

        var tests = methods.Skip(1).Select(attempts => Compare(methods[0][0], attempts[0])).ToArray();
        var adjusted = Holm.Adjust([.. tests.Select(test => test?.PValue ?? 1)]);
        return [.. methods.Select((attempts, rank) => Row(
            attempts, anchors, rank == 0 ? null : tests[rank - 1], rank == 0 ? 1 : adjusted[rank - 1]))];
    }

    /// <summary>Difference of two runs on the scenes that both have; null if they have none in common.</summary>
    public static PairedTest? Compare(ScoredRun first, ScoredRun second)
    {
        var common = Math.Min(first.CommonRewards.Length, second.CommonRewards.Length);
        return common == 0
            ? null
            : PairedTest.Of(first.CommonRewards.AsSpan(0, common), second.CommonRewards.AsSpan(0, common));
    }

    private static Standing Row(ScoredRun[] attempts, Anchors anchors, PairedTest? test, double adjustedP)
    {
        var counted = attempts[0];
        var score = Interval.Of(counted.Rewards);
        var span = anchors.Expert - anchors.Random;
        return new Standing(
            counted.Run.Id,
            counted.Run.Request,
            score,
            span == 0 ? 0 : (score.Mean - anchors.Random) / span,
            attempts.Length,
            attempts.Max(run => Interval.MeanOf(run.Rewards)),
            CalibrationOf(counted),
            test,
            adjustedP);
    }

    // Confidence is about being right, so only tasks whose rewards are 0 and 1 have a calibration.
    private static Calibration? CalibrationOf(ScoredRun run)
    {
        if (run.Rewards.Any(reward => reward is not (0 or 1)))
        {
            return null;
        }

        var rewards = run.Results.ToDictionary(result => result.Scene, result => result.Reward);
        return Calibration.Of([.. run.Answers
            .Where(answer => !double.IsNaN(answer.Confidence) && rewards.ContainsKey(answer.Scene))
            .Select(answer => (answer.Confidence, rewards[answer.Scene] == 1))]);
    }
}
