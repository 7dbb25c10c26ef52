namespace PhysIntuition.Rendering.Scenes;

/// <summary>What the ground looks like.</summary>
public enum Ground : byte
{
    /// <summary>One warm grey.</summary>
    Plain,

    /// <summary>Tiles, one block edge wide: a depth cue.</summary>
    Tiles,

    /// <summary>Oak planks.</summary>
    Planks,

    /// <summary>Two greys in squares.</summary>
    Checker,

    /// <summary>A table top with an edge in front of a plaster wall.</summary>
    Table,

    /// <summary>A creased white backdrop.</summary>
    Backdrop,
}

/// <summary>The overall look.</summary>
public enum Look : byte
{
    /// <summary>Soft sun and sky, painted wood: the default.</summary>
    Studio,

    /// <summary>Flat and bright, like the stimuli of the paper.</summary>
    Cubeworld,

    /// <summary>Near to photographs of wooden cubes before a white backdrop.</summary>
    Photo,

    /// <summary>Outlines and flat colours.</summary>
    Schematic,
}

/// <summary>Everything that a picture depends on: same scene and format, same bytes.</summary>
public sealed class Scene
{
    /// <summary>Most blocks in one scene.</summary>
    public const int MaxBlocks = 64;

    /// <summary>Most marks in one scene.</summary>
    public const int MaxOverlays = 64;

    /// <summary>Cuboids; block i has segmentation id i + 1, the ground 0.</summary>
    public List<Block> Blocks { get; } = [];

    /// <summary>Marks drawn over the picture, in order.</summary>
    public List<Overlay> Overlays { get; } = [];

    /// <summary>From where it is seen.</summary>
    public Camera Camera { get; set; } = new();

    /// <summary>Sun and sky.</summary>
    public Light Light { get; set; } = new();

    /// <summary>Ground's look; its plane is y = 0.</summary>
    public Ground Ground { get; set; } = Ground.Tiles;

    /// <summary>The overall look.</summary>
    public Look Look { get; set; }

    /// <summary>Edge of a ground tile, m, in [0.01, 100]; 0 takes the mean of the blocks' middle edges.</summary>
    /// <remarks>Textures, bevels and contact shading scale with it. Set it where blocks come and go.</remarks>
    public float TileSize { get; set; }
}

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

/// <summary>What an overlay draws.</summary>
public enum OverlayKind : byte
{
    /// <summary>A ring on the ground: target zone; <see cref="Overlay.Size"/> is its radius, m.</summary>
    Zone,

    /// <summary>An arrow from <see cref="Overlay.From"/> to <see cref="Overlay.To"/>; size is its width, m.</summary>
    Arrow,

    /// <summary>A short text centred on the projection of <see cref="Overlay.From"/>; size in m of height.</summary>
    Label,
}

/// <summary>A mark that the task draws into the picture.</summary>
/// <param name="Kind">What is drawn.</param>
/// <param name="From">Place, m, world frame.</param>
/// <param name="To">End of an arrow, m, world frame; else unused.</param>
/// <param name="Size">m, in [0.001, 1000]; see the kind.</param>
/// <param name="Color">Linear RGB, each in [0, 1].</param>
/// <param name="Text">Of a label: 1 to 8 characters of ASCII; others are drawn as question marks.</param>
public readonly record struct Overlay(
    OverlayKind Kind, Vector3 From, Vector3 To, float Size, Vector3 Color, string? Text = null);

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
