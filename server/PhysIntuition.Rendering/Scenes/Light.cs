using System.Numerics;

namespace PhysIntuition.Rendering.Scenes;

/// <summary>A sun of finite size and a sky.</summary>
public readonly record struct Light
{
    /// <summary>The studio's light.</summary>
    public Light()
    {
    }

    /// <summary>Towards the sun, unit, y above 0.2.</summary>
    public Vector3 SunDirection { get; init; } = new(-0.49642305f, 0.76719926f, 0.40616431f);

    /// <summary>Linear RGB of the sun's irradiance, each in [0, 10].</summary>
    public Vector3 SunColor { get; init; } = new(1.95f, 1.78f, 1.50f);

    /// <summary>Linear RGB of the sky's irradiance on a surface that faces up, each in [0, 10].</summary>
    public Vector3 SkyColor { get; init; } = new(0.50f, 0.58f, 0.70f);

    /// <summary>Tangent of the sun's angular radius: how soft shadows are, in [0, 0.3].</summary>
    public float SunRadius { get; init; } = 0.07f;
}
