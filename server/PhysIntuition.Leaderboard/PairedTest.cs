using PhysIntuition.Simulation;

namespace PhysIntuition.Leaderboard;

/// <summary>Whether two methods differ on the scenes that both have answered.</summary>
/// <param name="Difference">Mean of first minus second over common scenes, with its interval.</param>
/// <param name="PValue">Chance of a difference at least as large if there were none; two-sided.</param>
/// <param name="Test">Which test gave it: <c>mcnemar-exact</c> or <c>sign-flip</c>.</param>
public readonly record struct PairedTest(Interval Difference, double PValue, string Test)
{
    private const int SignFlips = 10_000;
    private const ulong Stream = 0x51F1;   // keeps the sign flips apart from the resamples of the same count

    /// <summary>McNemar's exact test where all values are 0 or 1, else a sign-flip permutation test.</summary>
    /// <param name="first">Rewards of one method, scene by scene; at least one.</param>
    /// <param name="second">Rewards of the other on the same scenes, same order.</param>
    public static PairedTest Of(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        if (first.Length != second.Length || first.Length == 0)
        {
            throw new ArgumentException(
                $"'second' has {second.Length} values; expected {first.Length}, at least 1: one for each scene.");
        }

        var differences = new double[first.Length];
        var isBinary = true;
        for (var i = 0; i < differences.Length; i++)
        {
            differences[i] = first[i] - second[i];
            isBinary &= first[i] is 0 or 1 && second[i] is 0 or 1;
        }

        var interval = Interval.Bootstrap(differences);
        return isBinary
            ? new PairedTest(interval, McNemar(differences), "mcnemar-exact")
            : new PairedTest(interval, SignFlip(differences), "sign-flip");
    }

    // McNemar, Note on the sampling error of the difference between correlated proportions, Psychometrika 1947,
    // made exact: among discordant pairs each side wins with chance one half.
    private static double McNemar(double[] differences)
    {
        var wins = differences.Count(difference => difference > 0);
        var losses = differences.Count(difference => difference < 0);
        var pairs = wins + losses;
        if (pairs == 0)
        {
            return 1;
        }

        double logChoose = 0, tail = 0;
        for (var k = 0; k <= Math.Min(wins, losses); k++)
        {
            tail += Math.Exp(logChoose - (pairs * Math.Log(2)));
            logChoose += Math.Log(pairs - k) - Math.Log(k + 1);
        }

        return Math.Min(1, 2 * tail);
    }

    private static double SignFlip(double[] differences)
    {
        var random = new RandomStream((ulong)differences.Length, Stream);
        var observed = Math.Abs(differences.Sum());
        var atLeast = 1; // The observed signs are one of the arrangements.
        for (var i = 0; i < SignFlips; i++)
        {
            var sum = 0.0;
            foreach (var difference in differences)
            {
                sum += random.NextBits() >> 63 == 0 ? difference : -difference;
            }

            atLeast += Math.Abs(sum) >= observed * (1 - 1e-12) ? 1 : 0;
        }

        return atLeast / (SignFlips + 1.0);
    }
}

/// <summary>Correction for many comparisons.</summary>
public static class Holm
{
    /// <summary>Adjusted p-values, same order; below 0.05 means significant among all of them together.</summary>
    /// <remarks>Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scand. J. Statistics 1979.</remarks>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        var order = Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]).ToArray();
        var adjusted = new double[pValues.Count];
        var largest = 0.0;
        for (var rank = 0; rank < order.Length; rank++)
        {
            largest = Math.Max(largest, (order.Length - rank) * pValues[order[rank]]);
            adjusted[order[rank]] = Math.Min(1, largest);
        }

        return adjusted;
    }
}
