namespace PhysIntuition.Rendering.Scenes;

/// <summary>From which side and how closely a structure is framed.</summary>
public sealed record FramingOptions
{
    /// <summary>Where the eye stands around the structure, rad in [-6.3, 6.3]; 0 is +z, growing towards +x.</summary>
    public float Azimuth { get; init; } = 0.6f;

    /// <summary>How far the eye looks down, rad in [0, 1.4].</summary>
    public float Elevation { get; init; } = 0.36f;

    /// <summary>Vertical field of view, rad in [0.1, 2].</summary>
    public float FieldOfView { get; init; } = 0.70f;

    /// <summary>Width over height of the picture, in [0.01, 100].</summary>
    public float Aspect { get; init; } = 1f;

    /// <summary>Part of the picture's half side left free around the structure, in [0, 0.9].</summary>
    public float Margin { get; init; } = 0.16f;
}
