using System.Globalization;

namespace PhysIntuition.Trainer.Study;

/// <summary>A range of numbers with ticks at multiples of 1, 2 or 5 times a power of ten.</summary>
/// <param name="From">Where it begins.</param>
/// <param name="To">Where it ends; above <paramref name="From"/>.</param>
/// <param name="Step">From tick to tick.</param>
internal readonly record struct ChartAxis(double From, double To, double Step)
{
    private const int Intervals = 5;

    /// <summary>An axis that ends where its numbers do.</summary>
    public static ChartAxis Exactly(double low, double high)
    {
        (low, high) = Widen(low, high);
        return new ChartAxis(low, high, NiceStep(high - low));
    }

    /// <summary>An axis that begins and ends at ticks.</summary>
    public static ChartAxis Around(double low, double high)
    {
        (low, high) = Widen(low, high);
        var step = NiceStep(high - low);
        return new ChartAxis(Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step);
    }

    /// <summary>Where a number lies: 0 at the beginning, 1 at the end.</summary>
    public double Share(double value) => (value - From) / (To - From);

    /// <summary>The ticks within the axis.</summary>
    public IEnumerable<double> Ticks()
    {
        var first = Math.Ceiling((From / Step) - 1e-9);
        for (var i = first; i * Step <= To + (Step * 1e-9); i++)
        {
            yield return i * Step;
        }
    }

    /// <summary>A tick's number with as many places as the step needs.</summary>
    public string Text(double tick)
    {
        var places = Math.Clamp(-(int)Math.Floor(Math.Log10(Step) + 1e-9), 0, 12);
        var value = Math.Abs(tick) < Step / 2 ? 0 : tick; // neither -0 nor what summing left of it
        return value.ToString(Step is < 1e-6 or >= 1e6 ? "0.##e+0" : $"F{places}", CultureInfo.InvariantCulture);
    }

    // One number alone stands in the middle.
    private static (double Low, double High) Widen(double low, double high)
    {
        var room = Math.Abs(low) > 0 ? Math.Abs(low) / 2 : 0.5;
        return high > low ? (low, high) : (low - room, high + room);
    }

    private static double NiceStep(double span)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(span / Intervals)));
        return (span / Intervals / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
    }
}
