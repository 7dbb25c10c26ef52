namespace PhysIntuition.Rendering.Scenes;

/// <summary>What a surface is made of; each look is procedural, without image files.</summary>
public enum Material : byte
{
    /// <summary>Wood under a coat of paint: the block's colour with a faint grain.</summary>
    PaintedWood,

    /// <summary>Bare wood with full grain, tinted by the block's colour.</summary>
    PlainWood,

    /// <summary>Smooth with a highlight.</summary>
    Plastic,

    /// <summary>Speckled.</summary>
    Stone,

    /// <summary>Corrugated paperboard.</summary>
    Cardboard,

    /// <summary>One flat colour.</summary>
    Flat,
}

/// <summary>One cuboid as it looks. SI units, right-handed world, y up.</summary>
public record struct Block
{
    /// <summary>A unit cube of painted wood at the origin.</summary>
    public Block()
    {
    }

    /// <summary>Centre, m, each within 1000.</summary>
    public Vector3 Position { get; set; }

    /// <summary>Block to world, unit quaternion.</summary>
    public Quaternion Orientation { get; set; } = Quaternion.Identity;

    /// <summary>Half the edge lengths along the block's own axes, m, each in [0.005, 50].</summary>
    public Vector3 HalfExtents { get; set; } = new(0.5f);

    /// <summary>Linear RGB, each in [0, 1].</summary>
    public Vector3 Color { get; set; } = new(0.5f);

    /// <summary>Surface.</summary>
    public Material Material { get; set; }

    /// <summary>Chooses the grain; never depends on a label.</summary>
    public uint TextureSeed { get; set; }
}
