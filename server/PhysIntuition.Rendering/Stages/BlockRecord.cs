namespace PhysIntuition.Rendering.Stages;

/// <summary>A pair of parallel faces as the sun sees them.</summary>
/// <remarks>The plane in their middle is reached after Offset + (X, Y, Z).p along the beam from p.</remarks>
internal struct SunSlab
{
    public float X, Y, Z, Offset;

    /// <summary>Half the way through the slab along the beam.</summary>
    public float Half;
}

/// <summary>One block ready for casting, in units of the scene.</summary>
internal struct BlockRecord
{
    /// <summary>Sets of the blocks that may throw a shadow on this one, or take sky from it.</summary>
    public ulong ShadedBy, DarkenedBy;

    /// <summary>Inverse depth of the planes that face the eye; unused ones repeat the first.</summary>
    public Linear Near0, Near1, Near2;

    /// <summary>Inverse depth of the planes that face away; unused ones repeat the first.</summary>
    public Linear Far0, Far1, Far2, Far3, Far4;

    /// <summary>Not 0 when more than three planes face away.</summary>
    public int HasFiveFar;

    /// <summary>The most that near - far changes within half a pixel.</summary>
    public float Slack;

    public Triple Center;

    /// <summary>Unit axes, U the longest, and half the edge lengths along them.</summary>
    public Triple AxisU, AxisV, AxisW, Half;

    public SunSlab Slab0, Slab1, Slab2;

    /// <summary>1 / |gradient| of the difference of two slabs: turns it into a distance.</summary>
    public float Scale01, Scale02, Scale12;

    /// <summary>Where the block starts and ends along the sun's direction.</summary>
    public float SunNear, SunFar;

    /// <summary>At least 0 where the ground may lie in the block's shadow: six linear sides.</summary>
    public Linear Shadow0, Shadow1, Shadow2, Shadow3, Shadow4, Shadow5;

    /// <summary>The same for the ground that the block may darken.</summary>
    public Linear Apron0, Apron1, Apron2, Apron3, Apron4, Apron5;

    /// <summary>Linear RGB.</summary>
    public Triple Color;

    public int Material;

    /// <summary>Strength of texture and highlight, width of the bevel, start of the grain.</summary>
    public float Grain, Gloss, Bevel, Seed;
}
