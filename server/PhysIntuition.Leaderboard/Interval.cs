using PhysIntuition.Simulation;

namespace PhysIntuition.Leaderboard;

/// <summary>An estimate with its 95 % confidence interval.</summary>
/// <param name="Mean">The estimate.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Count">Independent observations behind it.</param>
public readonly record struct Interval(double Mean, double Low, double High, int Count)
{
    /// <summary>Standard normal quantile of 97.5 %.</summary>
    public const double Z = 1.959963984540054;

    private const ulong Stream = 0xB007;   // keeps the resamples apart from the sign flips of the same count

    /// <summary>Share of successes by Wilson's score interval; right also near 0 and 1 and for small counts.</summary>
    /// <remarks>Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 1927.</remarks>
    /// <param name="successes">0 to <paramref name="count"/>.</param>
    /// <param name="count">At least 1.</param>
    public static Interval Wilson(int successes, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)successes, (uint)count, nameof(successes));

        double n = count, share = successes / n, square = Z * Z;
        var centre = (share + (square / (2 * n))) / (1 + (square / n));
        var half = Z / (1 + (square / n)) * Math.Sqrt((share * (1 - share) / n) + (square / (4 * n * n)));
        return new Interval(share, Math.Max(0, centre - half), Math.Min(1, centre + half), count);
    }

    /// <summary>Mean by the percentile bootstrap; the same numbers give the same interval, on every machine
    /// and runtime.</summary>
    /// <remarks>Efron, Bootstrap Methods: Another Look at the Jackknife, Annals of Statistics 1979.</remarks>
    /// <param name="values">At least one.</param>
    /// <param name="resamples">How many resamples; 2,000 leave about 1 % noise in the ends.</param>
    public static Interval Bootstrap(ReadOnlySpan<double> values, int resamples = 2000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, 1, nameof(values));

        var random = new RandomStream((ulong)values.Length, Stream);
        var means = new double[resamples];
        for (var i = 0; i < resamples; i++)
        {
            means[i] = ResampledMean(values, ref random);
        }

        Array.Sort(means);
        return new Interval(MeanOf(values), Quantile(means, 0.025), Quantile(means, 0.975), values.Length);
    }

    /// <summary>Wilson where every value is 0 or 1, else the bootstrap.</summary>
    public static Interval Of(ReadOnlySpan<double> values)
    {
        var successes = 0;
        foreach (var value in values)
        {
            if (value is not (0 or 1))
            {
                return Bootstrap(values);
            }

            successes += (int)value;
        }

        return Wilson(successes, values.Length);
    }

    internal static double MeanOf(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }

    private static double ResampledMean(ReadOnlySpan<double> values, ref RandomStream random)
    {
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            sum += values[random.NextInt(0, values.Length)];
        }

        return sum / values.Length;
    }

    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}

/// <summary>Mean rewards that count as 0 and 1.</summary>
/// <param name="Random">Of uniformly random legal answers.</param>
/// <param name="Expert">Of the expert.</param>
public readonly record struct Anchors(double Random, double Expert)
{
    /// <summary>A mean reward on that scale.</summary>
    public double Normalise(double mean) => Expert == Random ? 0 : (mean - Random) / (Expert - Random);
}
