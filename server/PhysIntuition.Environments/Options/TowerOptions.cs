namespace PhysIntuition.Environments.Options;

/// <summary>How close a call a scene is: its static margin over a block's width.</summary>
public enum Difficulty
{
    /// <summary>The three bins in equal shares.</summary>
    Any,

    /// <summary>0.16 to 0.30.</summary>
    Easy,

    /// <summary>0.08 to 0.16.</summary>
    Medium,

    /// <summary>0.02 to 0.08.</summary>
    Hard,
}

/// <summary>What tasks with towers let their users choose.</summary>
public abstract record TowerOptions : ColumnOptions
{
    /// <summary>How close a call the scenes are.</summary>
    public Difficulty Difficulty { get; init; }
}

/// <summary>The blocks of a tower.</summary>
public abstract record ColumnOptions : TaskOptions
{
    /// <summary>Blocks in the tower, in [2, 10]; every number in the range is equally frequent.</summary>
    [Within(2, 10)]
    public Between Blocks { get; init; } = new(2, 5);

    /// <summary>Width and depth of a block, m, in [0.2, 1.5]; drawn for each block.</summary>
    [Within(0.2, 1.5)]
    public NumberRange BlockWidth { get; init; } = NumberRange.At(1);

    /// <summary>Height of a block over its width, in [0.3, 1.5]; drawn for each block.</summary>
    [Within(0.3, 1.5)]
    public NumberRange BlockHeight { get; init; } = NumberRange.At(1);
}

/// <summary>How a yes/no answer is paid.</summary>
public enum YesNoReward
{
    /// <summary>1 right, 0 wrong, -1 unreadable.</summary>
    ZeroOne,

    /// <summary>1 right, -1 wrong or unreadable.</summary>
    Signed,
}

/// <summary>How the place of a block is paid.</summary>
public enum PlacementReward
{
    /// <summary>By distance from the target place alone.</summary>
    Geometric,

    /// <summary>In full only if the taller tower still stands at rest after a simulation.</summary>
    Physical,
}

/// <summary>What tasks with pyramids let their users choose.</summary>
public sealed record PyramidOptions : TaskOptions, IPairOptions
{
    /// <summary>Rows of the pyramid, in [2, 4]; the lowest has one block more than there are rows at most.</summary>
    [Within(2, 4)]
    public Between Rows { get; init; } = new(2, 3);

    /// <summary>Width and depth of the blocks, m, in [0.2, 1.5]; drawn once for all.</summary>
    [Within(0.2, 1.5)]
    public NumberRange BlockWidth { get; init; } = NumberRange.At(1);

    /// <summary>Height of a block over its width, in [0.3, 1.5]; drawn once for all.</summary>
    [Within(0.3, 1.5)]
    public NumberRange BlockHeight { get; init; } = NumberRange.At(1);

    /// <summary>Space between neighbours over a block's width, in [0.05, 0.6]; drawn once for all.</summary>
    [Within(0.05, 0.6)]
    public NumberRange Gap { get; init; } = new(0.15f, 0.45f);

    /// <summary>How answers are paid.</summary>
    public YesNoReward Reward { get; init; }

    /// <summary>
    /// Minimal pairs: seeds 2k and 2k + 1 give one pyramid twice, the second time with its upper rows shifted by a
    /// little, which changes the outcome; which of the two falls is random.
    /// </summary>
    public bool Pairs { get; init; }

    TaskOptions IPairOptions.WithPairs() => this with { Pairs = true };
}
