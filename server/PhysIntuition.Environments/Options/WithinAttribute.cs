using System.ComponentModel.DataAnnotations;

namespace PhysIntuition.Environments.Options;

/// <summary>A number must lie in this interval; of a range both ends, and its minimum not above its maximum.</summary>
/// <param name="min">Smallest legal value.</param>
/// <param name="max">Largest legal value; infinite: none is too large.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WithinAttribute(double min, double max) : Attribute
{
    /// <summary>Smallest legal value.</summary>
    public double Min { get; } = min;

    /// <summary>Largest legal value.</summary>
    public double Max { get; } = max;

    /// <summary>The smallest value itself is not legal.</summary>
    public bool IsMinExcluded { get; init; }

    /// <summary>The largest value itself is not legal.</summary>
    public bool IsMaxExcluded { get; init; }

    /// <summary>Whether a number is legal; NaN never is.</summary>
    public bool Allows(double value) =>
        (IsMinExcluded ? value > Min : value >= Min) && (IsMaxExcluded ? value < Max : value <= Max);

    /// <summary>"in [0, 1)", "at least 1", "above 0".</summary>
    public override string ToString() => FormattableString.Invariant(double.IsPositiveInfinity(Max)
        ? $"{(IsMinExcluded ? "above" : "at least")} {Min}"
        : (FormattableString)$"in {(IsMinExcluded ? '(' : '[')}{Min}, {Max}{(IsMaxExcluded ? ')' : ']')}");
}

/// <summary>A closed range of whole numbers to draw from.</summary>
/// <param name="Min">Smallest value.</param>
/// <param name="Max">Largest value; at least <paramref name="Min"/>.</param>
public sealed record Between([property: Required] int Min, [property: Required] int Max);

/// <summary>A closed range of numbers to draw from.</summary>
/// <param name="Min">Smallest value.</param>
/// <param name="Max">Largest value; at least <paramref name="Min"/>.</param>
public sealed record NumberRange([property: Required] float Min, [property: Required] float Max)
{
    /// <summary>One value.</summary>
    public static NumberRange At(float value) => new(value, value);
}
