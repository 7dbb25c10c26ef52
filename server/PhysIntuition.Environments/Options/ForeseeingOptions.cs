namespace PhysIntuition.Environments.Options;

/// <summary>In what the scenes differ whose ends are offered.</summary>
public enum Difference
{
    /// <summary>One of the others, drawn for each scene.</summary>
    Any,

    /// <summary>How fast the red block is.</summary>
    Push,

    /// <summary>Friction.</summary>
    Friction,

    /// <summary>How heavy the red block is.</summary>
    Mass,

    /// <summary>Where the red block starts.</summary>
    Place,
}

/// <summary>What tasks with a red block that slides towards a tower let their users choose.</summary>
public abstract record StruckTowerOptions : TaskOptions
{
    internal const float UsualFriction = 0.6f;

    /// <summary>Seen from a little higher than towers.</summary>
    protected StruckTowerOptions()
    {
        Camera = new CameraOptions { Elevation = new(14, 20), Azimuth = new(-4, 4) };
    }

    /// <summary>Blocks of the tower that stands in the way, in [1, 3].</summary>
    [Within(1, 3)]
    public Between Blocks { get; init; } = new(1, 2);

    /// <summary>Width of every block, m, in [0.3, 0.7]; drawn once for all.</summary>
    [Within(0.3, 0.7)]
    public NumberRange BlockWidth { get; init; } = new(0.5f, 0.6f);

    internal override IEnumerable<OptionFault> Check()
    {
        const float bouncing = 0.5f;   // what rebounds more does not come to rest in time
        return Physics.Restitution.Max <= bouncing
            ? base.Check()
            : base.Check().Append(new("physics.restitution.max", string.Create(CultureInfo.InvariantCulture,
                $"'physics.restitution.max' is {Physics.Restitution.Max}; it must be at most {bouncing} for ends.")));
    }
}

/// <summary>What <see cref="Tasks.SlideOutcome"/> lets its user choose.</summary>
public sealed record OutcomeOptions : StruckTowerOptions
{
    /// <summary>In what the four scenes differ whose ends are offered.</summary>
    public Difference Differs { get; init; }

    /// <summary>How answers are paid.</summary>
    public YesNoReward Reward { get; init; }
}

/// <summary>What <see cref="Tasks.Cause"/> lets its user choose.</summary>
public sealed record CauseOptions : StruckTowerOptions
{
    /// <summary>How answers are paid.</summary>
    public YesNoReward Reward { get; init; }
}

/// <summary>What <see cref="Tasks.Impulse"/> lets its user choose.</summary>
public sealed record ImpulseOptions : StruckTowerOptions;

/// <summary>What <see cref="Tasks.Sequence"/> lets its user choose.</summary>
public sealed record SequenceOptions : ColumnOptions
{
    /// <summary>Three to five blocks of half a metre, from which pictures are told apart.</summary>
    public SequenceOptions()
    {
        (Blocks, BlockWidth) = (new(3, 5), NumberRange.At(0.5f));
    }

    /// <summary>How answers are paid.</summary>
    public YesNoReward Reward { get; init; }
}
