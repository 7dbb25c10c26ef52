namespace PhysIntuition.Environments.Options;

/// <summary>What tasks with blocks in short stacks side by side let their users choose.</summary>
public abstract record HeapOptions : TaskOptions
{
    /// <summary>Seen from so high that one sees which stack is nearer.</summary>
    protected HeapOptions()
    {
        Camera = new CameraOptions { Elevation = new(16, 24) };
    }

    /// <summary>Width and depth of a block, m, in [0.2, 1]; drawn for each block.</summary>
    [Within(0.2, 1)]
    public NumberRange BlockWidth { get; init; } = new(0.35f, 0.6f);

    /// <summary>Height of a block over its width, in [0.5, 1.5]; drawn for each block.</summary>
    [Within(0.5, 1.5)]
    public NumberRange BlockHeight { get; init; } = new(0.7f, 1.1f);

    /// <summary>Blocks in the picture.</summary>
    internal abstract Between Count { get; }

    /// <summary>Places for stacks, if that is enough for the blocks.</summary>
    internal virtual int LeastStacks => 3;

    /// <summary>The same with other numbers of blocks.</summary>
    internal abstract HeapOptions With(Between blocks);
}

/// <summary>What <see cref="Tasks.Count"/> lets its user choose.</summary>
public sealed record CountOptions : HeapOptions
{
    /// <summary>Blocks in the picture, in [1, 12]; every number in the range is equally frequent.</summary>
    [Within(1, 12)]
    public Between Blocks { get; init; } = new(1, 8);

    internal override Between Count => Blocks;

    internal override HeapOptions With(Between blocks) => this with { Blocks = blocks };
}

/// <summary>What <see cref="Tasks.Locate"/> lets its user choose.</summary>
public sealed record LocateOptions : HeapOptions
{
    /// <summary>Blocks in the picture, two of them with letters, in [2, 12].</summary>
    [Within(2, 12)]
    public Between Blocks { get; init; } = new(2, 6);

    internal override Between Count => Blocks;

    internal override HeapOptions With(Between blocks) => this with { Blocks = blocks };
}

/// <summary>What <see cref="Tasks.Order"/> asks about its numbered blocks.</summary>
public enum Relation
{
    /// <summary>One of the others, in equal shares.</summary>
    Any,

    /// <summary>Farthest to the left in the picture.</summary>
    Leftmost,

    /// <summary>Its top is farthest above the ground.</summary>
    Highest,

    /// <summary>Its front is nearest to the viewer.</summary>
    Nearest,

    /// <summary>Of the greatest volume.</summary>
    Largest,
}

/// <summary>What <see cref="Tasks.Order"/> lets its user choose.</summary>
public sealed record OrderOptions : HeapOptions
{
    // A largest block must be larger than the next by more than what four draws from a narrow range differ in.
    private const double LeastSpread = 1.8;

    /// <summary>Blocks in the picture, four of them with numbers, in [4, 12].</summary>
    [Within(4, 12)]
    public Between Blocks { get; init; } = new(4, 6);

    /// <summary>What is asked.</summary>
    public Relation Relation { get; init; }

    /// <summary>Whether one block may be clearly the largest; if not, <see cref="Relation.Any"/> is one of the
    /// rest.</summary>
    internal bool HasSizes
    {
        get
        {
            double widths = BlockWidth.Max / BlockWidth.Min, heights = BlockHeight.Max / BlockHeight.Min;

            return widths * widths * widths * heights >= LeastSpread;
        }
    }

    internal override Between Count => Blocks;

    internal override HeapOptions With(Between blocks) => this with { Blocks = blocks };

    internal override IEnumerable<OptionFault> Check()
    {
        foreach (var fault in base.Check())
        {
            yield return fault;
        }

        if (Relation == Relation.Largest && !HasSizes)
        {
            yield return new("relation", "'relation' is 'largest', but 'blockWidth' and 'blockHeight' make all blocks "
                + "nearly alike.");
        }
    }
}

/// <summary>What <see cref="Tasks.Margin"/> lets its user choose.</summary>
public sealed record MarginOptions : ColumnOptions
{
    /// <summary>Blocks of different sizes, so that masses count.</summary>
    public MarginOptions()
    {
        BlockWidth = new(0.7f, 1.1f);
        BlockHeight = new(0.6f, 1f);
    }
}

/// <summary>What <see cref="Tasks.Describe"/> lets its user choose.</summary>
public sealed record DescribeOptions : TaskOptions
{
    /// <summary>Blocks in the tower, in [1, 6]; every number in the range is equally frequent.</summary>
    [Within(1, 6)]
    public Between Blocks { get; init; } = new(2, 4);

    /// <summary>Width and depth of a block, m, in [0.2, 1.5]; drawn for each block, in whole hundredths.</summary>
    [Within(0.2, 1.5)]
    public NumberRange BlockWidth { get; init; } = new(0.5f, 1.1f);

    /// <summary>Height of a block over its width, in [0.5, 1.5]; drawn for each block.</summary>
    [Within(0.5, 1.5)]
    public NumberRange BlockHeight { get; init; } = new(0.6f, 1f);
}
