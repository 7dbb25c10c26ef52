namespace PhysIntuition.Leaderboard.Statistics;

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
