namespace PhysIntuition.Environments.Options;

/// <summary>What tasks with a pushed tower let their users choose.</summary>
public sealed record PushOutcomeOptions : ColumnOptions, IPairOptions
{
    /// <summary>
    /// How far the push would move its block against friction if nothing fell, over the block's width, in [0.08, 0.4].
    /// </summary>
    [Within(0.08, 0.4)]
    public NumberRange Slide { get; init; } = new(0.1f, 0.35f);

    /// <summary>How answers are paid.</summary>
    public YesNoReward Reward { get; init; }

    /// <summary>
    /// Minimal pairs: seeds 2k and 2k + 1 give one tower with one push twice, the second time with what is pushed
    /// shifted by a little, which changes the outcome; which of the two falls is random.
    /// </summary>
    public bool Pairs { get; init; }

    TaskOptions IPairOptions.WithPairs() => this with { Pairs = true };
}

/// <summary>What tasks with blocks that slide on the ground let their users choose.</summary>
public sealed record SlideOptions : TaskOptions
{
    internal const float UsualFriction = 0.3f;

    /// <summary>Surfaces; slippery by default, so that blocks slide and do not tip.</summary>
    public SlideOptions()
    {
        Physics = new PhysicsOptions { Friction = NumberRange.At(UsualFriction) };
        Camera = new CameraOptions { Elevation = new(18, 24), Azimuth = new(-4, 4) };
    }

    /// <summary>Speed at the start, m/s, in [0.5, 5].</summary>
    [Within(0.5, 5)]
    public NumberRange Speed { get; init; } = new(1.5f, 3.5f);

    /// <summary>Width of the blocks, m, in [0.3, 1.2]; drawn for each.</summary>
    [Within(0.3, 1.2)]
    public NumberRange BlockWidth { get; init; } = new(0.4f, 1f);

    /// <summary>How yes/no answers are paid.</summary>
    public YesNoReward Reward { get; init; }
}

/// <summary>What tasks with two bodies that meet let their users choose.</summary>
public sealed record CollisionOptions : TaskOptions, IPairOptions
{
    internal const float UsualFriction = 0.1f;

    /// <summary>Slippery ground, and bodies that rebound with half the speed.</summary>
    public CollisionOptions()
    {
        Physics = new PhysicsOptions { Friction = NumberRange.At(UsualFriction), Restitution = NumberRange.At(0.5f) };
        Camera = new CameraOptions { Elevation = new(14, 20), Azimuth = new(-4, 4) };
    }

    /// <summary>Speed of the striking block, m/s, in [1, 5].</summary>
    [Within(1, 5)]
    public NumberRange Speed { get; init; } = new(2f, 4f);

    /// <summary>Widths of the two blocks, m, in [0.2, 1.5]; drawn for each.</summary>
    [Within(0.2, 1.5)]
    public NumberRange BlockWidth { get; init; } = new(0.3f, 1.2f);

    /// <summary>How yes/no answers are paid.</summary>
    public YesNoReward Reward { get; init; }

    /// <summary>
    /// Minimal pairs: seeds 2k and 2k + 1 give the same two blocks, the second time with another speed of one of
    /// them, which changes the outcome; in which of the two the red block goes right is random.
    /// </summary>
    public bool Pairs { get; init; }

    TaskOptions IPairOptions.WithPairs() => this with { Pairs = true };
}

/// <summary>What <see cref="Tasks.Push"/> lets its user choose.</summary>
public sealed record PushOptions : TaskOptions
{
    /// <summary>Seen from high enough to judge directions on the ground.</summary>
    public PushOptions()
    {
        Camera = new CameraOptions { Elevation = new(38, 46), Azimuth = new(-4, 4) };
    }

    /// <summary>Other blocks, stacked in one tower, in [1, 4].</summary>
    [Within(1, 4)]
    public Between Blocks { get; init; } = new(1, 3);

    /// <summary>Width of every block, m, in [0.2, 0.8].</summary>
    [Within(0.2, 0.8)]
    public NumberRange BlockWidth { get; init; } = NumberRange.At(0.4f);

    /// <summary>How far the zone is from the red block, m, in [0.5, 3].</summary>
    [Within(0.5, 3)]
    public NumberRange Distance { get; init; } = new(0.8f, 2.2f);

    internal override IEnumerable<OptionFault> Check()
    {
        const float tipping = 0.9f;   // a cube on rougher ground turns over before it slides
        return Physics.Friction.Max <= tipping
            ? base.Check()
            : base.Check().Append(new("physics.friction.max", string.Create(CultureInfo.InvariantCulture,
                $"'physics.friction.max' is {Physics.Friction.Max}; cubes slide up to {tipping}, then turn over.")));
    }
}

/// <summary>What <see cref="Tasks.Balance"/> lets its user choose.</summary>
public sealed record BalanceOptions : TaskOptions
{
    /// <summary>Weights on the beam besides the red one, in [1, 3].</summary>
    [Within(1, 3)]
    public Between Weights { get; init; } = new(1, 2);

    /// <summary>Width of a weight, a cube, m, in [0.2, 0.6]; drawn for each.</summary>
    [Within(0.2, 0.6)]
    public NumberRange BlockWidth { get; init; } = new(0.3f, 0.5f);

    /// <summary>How the place is paid; physically means that the beam must stay level.</summary>
    public PlacementReward Reward { get; init; }
}

/// <summary>Options of tasks whose scenes come in minimal pairs where one wishes.</summary>
public interface IPairOptions
{
    /// <summary>
    /// Minimal pairs: seeds 2k and 2k + 1 give one scene twice, the second time with one small change that changes the
    /// outcome; which of the two has which outcome is random.
    /// </summary>
    bool Pairs { get; }

    /// <summary>The same options with pairs.</summary>
    internal TaskOptions WithPairs();
}
