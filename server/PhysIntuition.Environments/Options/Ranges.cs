using System.ComponentModel.DataAnnotations;

namespace PhysIntuition.Environments.Options;

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
