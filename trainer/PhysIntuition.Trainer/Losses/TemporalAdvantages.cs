namespace PhysIntuition.Trainer.Losses;

/// <summary>Generalised advantage estimation over one completion's tokens, and whitening over a batch.</summary>
/// <remarks>Schulman et al., High-Dimensional Continuous Control Using Generalized Advantage Estimation.</remarks>
public static class TemporalAdvantages
{
    /// <summary>Advantages A and returns A + V of one completion.</summary>
    /// <param name="rewards">One per token; after the last nothing more is earned.</param>
    /// <param name="values">The value head's estimate before each token.</param>
    /// <param name="gamma">Discount per token.</param>
    /// <param name="lambda">0 trusts the values, 1 the rewards.</param>
    public static (double[] Advantages, double[] Returns) Estimate(
        ReadOnlySpan<double> rewards, ReadOnlySpan<double> values, double gamma = 1, double lambda = 0.95)
    {
        var (advantages, returns) = (new double[rewards.Length], new double[rewards.Length]);
        double next = 0;
        for (var t = rewards.Length - 1; t >= 0; t--)
        {
            var nextValue = t + 1 < values.Length ? values[t + 1] : 0;
            var surprise = rewards[t] + (gamma * nextValue) - values[t];
            next = surprise + (gamma * lambda * next);
            (advantages[t], returns[t]) = (next, next + values[t]);
        }

        return (advantages, returns);
    }

    /// <summary>Brings all values to mean 0 and standard deviation 1 in place.</summary>
    public static void Whiten(IReadOnlyList<double[]> rows)
    {
        var all = rows.SelectMany(row => row).ToArray();
        if (all.Length == 0)
        {
            return;
        }

        var (mean, deviation) = (all.Average(), Losses.Advantages.Deviation(all));
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = (row[i] - mean) / Math.Sqrt((deviation * deviation) + 1e-8);   // 1e-8: equal rewards
            }
        }
    }
}
