using System.Numerics;

namespace PhysIntuition.Rendering.Scenes;

/// <summary>A pinhole camera without roll.</summary>
public readonly record struct Camera
{
    /// <summary>Looks at a small tower from a little above.</summary>
    public Camera()
    {
    }

    /// <summary>Where the eye is, m, each within 1000; at least 1 mm above the ground.</summary>
    public Vector3 Eye { get; init; } = new(0f, 2.6f, 6f);

    /// <summary>The point in the middle of the picture, m, at least 1 mm from the eye.</summary>
    public Vector3 Target { get; init; } = new(0f, 1f, 0f);

    /// <summary>Vertical field of view, rad, in [0.1, 2].</summary>
    public float FieldOfView { get; init; } = 0.70f;
}
