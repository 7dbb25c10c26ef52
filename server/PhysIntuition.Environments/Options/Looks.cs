namespace PhysIntuition.Environments.Options;

/// <summary>Families of block colours. Red is kept for blocks that a question names.</summary>
public enum PaletteName
{
    /// <summary>Saturated paints.</summary>
    Paints,

    /// <summary>The blue, green and yellow of painted wooden cubes.</summary>
    Cubes,

    /// <summary>Light tints.</summary>
    Pastels,

    /// <summary>Greys.</summary>
    Greys,

    /// <summary>Browns of bare wood.</summary>
    Woods,

    /// <summary>All blocks alike.</summary>
    Uniform,
}

/// <summary>What blocks are made of.</summary>
public enum Surface
{
    /// <summary>Painted wood with a faint grain.</summary>
    PaintedWood,

    /// <summary>Bare wood with full grain.</summary>
    PlainWood,

    /// <summary>Smooth with a highlight.</summary>
    Plastic,

    /// <summary>Speckled.</summary>
    Stone,

    /// <summary>Corrugated paperboard.</summary>
    Cardboard,

    /// <summary>One flat colour.</summary>
    Flat,

    /// <summary>Another one for each block.</summary>
    Mixed,
}

/// <summary>From where the scene is seen. Ranges are drawn from once per scene.</summary>
public sealed record CameraOptions
{
    /// <summary>Height of the view above the horizontal, degrees, in [2, 60].</summary>
    [Within(2, 60)]
    public NumberRange Elevation { get; init; } = new(10, 16);

    /// <summary>Turn of the view around the vertical, degrees, 0 is frontal, in [-45, 45].</summary>
    [Within(-45, 45)]
    public NumberRange Azimuth { get; init; } = new(-8, 8);

    /// <summary>Distance over the least that shows everything with some room around it, in [1, 3].</summary>
    [Within(1, 3)]
    public NumberRange Distance { get; init; } = new(1f, 1.15f);

    /// <summary>Vertical field of view, degrees, in [10, 80].</summary>
    [Within(10, 80)]
    public NumberRange FieldOfView { get; init; } = NumberRange.At(36);
}

/// <summary>How the scene is lit. Ranges are drawn from once per scene.</summary>
public sealed record LightOptions
{
    /// <summary>Turn of the sun around the vertical against the view, degrees, in [-180, 180].</summary>
    [Within(-180, 180)]
    public NumberRange Azimuth { get; init; } = new(-75, -35);

    /// <summary>The sun's height, degrees, in [20, 85].</summary>
    [Within(20, 85)]
    public NumberRange Elevation { get; init; } = new(46, 58);

    /// <summary>The sun's strength over the studio's, in [0, 2].</summary>
    [Within(0, 2)]
    public NumberRange Strength { get; init; } = new(0.9f, 1.1f);

    /// <summary>The sky's strength over the studio's, in [0.2, 2].</summary>
    [Within(0.2, 2)]
    public NumberRange Sky { get; init; } = NumberRange.At(1);
}

/// <summary>What bodies and ground are like. Ranges are drawn from once per scene.</summary>
public sealed record PhysicsOptions
{
    /// <summary>Coulomb coefficient of every surface, in [0.05, 1.5].</summary>
    [Within(0.05, 1.5)]
    public NumberRange Friction { get; init; } = NumberRange.At(0.6f);

    /// <summary>Rebound speed over impact speed, in [0, 0.9].</summary>
    [Within(0, 0.9)]
    public NumberRange Restitution { get; init; } = NumberRange.At(0);

    /// <summary>kg/m³, in [50, 5000].</summary>
    [Within(50, 5000)]
    public NumberRange Density { get; init; } = NumberRange.At(500);

    /// <summary>m/s², in [1.5, 30]: the moon has 1.62.</summary>
    [Within(1.5, 30)]
    public NumberRange Gravity { get; init; } = NumberRange.At(9.81f);
}
