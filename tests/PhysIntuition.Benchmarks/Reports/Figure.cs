namespace PhysIntuition.Benchmarks.Reports;

/// <summary>What a figure should reach.</summary>
/// <param name="Relation">At least or at most.</param>
/// <param name="Value">In the figure's unit.</param>
internal readonly record struct Mark(Relation Relation, double Value)
{
    /// <summary>The figure should be this large or larger.</summary>
    public static Mark AtLeast(double value) => new(Relation.AtLeast, value);

    /// <summary>The figure should be this small or smaller.</summary>
    public static Mark AtMost(double value) => new(Relation.AtMost, value);

    /// <summary>Whether a value reaches the mark; NaN never does.</summary>
    public bool IsReachedBy(double value) => Relation == Relation.AtLeast ? value >= Value : value <= Value;
}

/// <summary>Which side of a mark is good.</summary>
internal enum Relation
{
    /// <summary>Larger is better.</summary>
    AtLeast,

    /// <summary>Smaller is better.</summary>
    AtMost,
}

/// <summary>One named result.</summary>
/// <param name="Name">Lower case with underscores; unique in its run.</param>
/// <param name="Value">The number, or the median of the samples; NaN where the figure is a text.</param>
/// <param name="Unit">SI, or "x" for a ratio.</param>
internal sealed record Figure(string Name, double Value, string Unit)
{
    /// <summary>A hash or a word in place of a number.</summary>
    public string? Text { get; init; }

    /// <summary>What it should reach, if anything.</summary>
    public Mark? Mark { get; init; }

    /// <summary>Every sample behind the median, in the order measured.</summary>
    public double[] Samples { get; init; } = [];

    /// <summary>Whether the mark is reached; true without a mark.</summary>
    public bool IsReached => Mark is not { } mark || mark.IsReachedBy(Value);
}
