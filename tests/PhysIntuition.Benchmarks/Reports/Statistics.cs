namespace PhysIntuition.Benchmarks.Reports;

/// <summary>Order statistics.</summary>
internal static class Statistics
{
    /// <summary>The middle value, or the mean of the two middle ones; NaN of nothing.</summary>
    public static double Median(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
        {
            return double.NaN;
        }

        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The smallest value that at least this share of all values does not exceed; NaN of nothing.</summary>
    /// <param name="values">In any order.</param>
    /// <param name="share">In (0, 1].</param>
    public static double Quantile(IReadOnlyCollection<double> values, double share)
    {
        if (values.Count == 0)
        {
            return double.NaN;
        }

        var rank = (int)Math.Ceiling(share * values.Count) - 1;
        return values.Order().ElementAt(Math.Clamp(rank, 0, values.Count - 1));
    }
}
