
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
