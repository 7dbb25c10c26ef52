namespace PhysIntuition.Environments.Options;

/// <summary>Both ends of a range must lie in this interval, and its minimum not above its maximum.</summary>
/// <param name="min">Smallest legal value.</param>
/// <param name="max">Largest legal value.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WithinAttribute(double min, double max) : Attribute
{
    /// <summary>Smallest legal value.</summary>
    public double Min { get; } = min;

    /// <summary>Largest legal value.</summary>
    public double Max { get; } = max;
}
