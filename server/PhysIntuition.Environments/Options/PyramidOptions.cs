namespace PhysIntuition.Environments.Options;

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

    internal override ulong SharedSeed(ulong seed) => Pairs ? seed >> 1 : seed;
}
