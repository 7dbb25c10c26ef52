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
