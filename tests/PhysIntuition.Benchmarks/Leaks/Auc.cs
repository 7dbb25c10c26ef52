namespace PhysIntuition.Benchmarks.Leaks;

/// <summary>How well one number tells two classes apart: the chance that it is larger in a scene of the second class
/// than in one of the first, ties counting one half. 0.5 tells nothing.</summary>
/// <param name="Value">In [0, 1].</param>
/// <param name="Error">Standard error.</param>
/// <param name="Count">Scenes in the smaller class.</param>
internal readonly record struct Auc(double Value, double Error, int Count)
{
    /// <summary>Distance from telling nothing.</summary>
    public double Distance => Math.Abs(Value - 0.5);

    /// <summary>Whether the interval of this many standard errors on each side leaves 0.5 out.</summary>
    public bool Tells(double reach) => Distance > reach * Error;

    /// <summary>Standard errors on each side so that of so many fair numbers none tells, but for a chance of
    /// <paramref name="alpha"/>.</summary>
    /// <remarks>Bonferroni's share of alpha for each, and Chernoff's bound P(|Z| > z) ≤ 2 exp(-z²/2) on the normal
    /// tail. It is the first step of Holm's procedure, which rejects something if and only if that step does.</remarks>
    public static double ReachOf(int numbers, double alpha) =>
        Math.Sqrt(2 * Math.Log(2 * Math.Max(1, numbers) / alpha));

    /// <summary>The area of two samples.</summary>
    /// <remarks>
    /// The variance of Mann and Whitney's statistic without a difference, corrected for ties, or that of DeLong, DeLong
    /// and Clarke-Pearson, Comparing the Areas under Two or More Correlated ROC Curves, Biometrics 1988, if that is
    /// larger: theirs is 0 where the classes lie apart.
    /// </remarks>
    /// <param name="no">Of the first class; not empty.</param>
    /// <param name="yes">Of the second; not empty.</param>
    public static Auc Of(IReadOnlyCollection<double> no, IReadOnlyCollection<double> yes)
    {
        double[] first = [.. no.Order()];
        double[] second = [.. yes.Order()];
        double[] below = [.. second.Select(value => ShareBelow(first, value))];
        double[] above = [.. first.Select(value => 1 - ShareBelow(second, value))];
        var spread = Math.Max(
            (VarianceOf(below) / second.Length) + (VarianceOf(above) / first.Length),
            VarianceWithoutDifference(first, second));
        return new Auc(below.Average(), Math.Sqrt(spread), Math.Min(first.Length, second.Length));
    }

    // Share of sorted values below one, those equal to it counting one half.
    private static double ShareBelow(double[] sorted, double value) =>
        (CountUpTo(sorted, value, isIncluded: false) + CountUpTo(sorted, value, isIncluded: true))
        / (2.0 * sorted.Length);

    private static int CountUpTo(double[] sorted, double value, bool isIncluded)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < value || (isIncluded && sorted[middle] == value))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static double VarianceOf(double[] values)
    {
        var mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, values.Length - 1);
    }

    private static double VarianceWithoutDifference(double[] first, double[] second)
    {
        double all = first.Length + second.Length;
        var ties = first.Concat(second).CountBy(value => value)
            .Sum(group => (Math.Pow(group.Value, 3) - group.Value) / (all * (all - 1)));
        return (all + 1 - ties) / (12.0 * first.Length * second.Length);
    }
}
