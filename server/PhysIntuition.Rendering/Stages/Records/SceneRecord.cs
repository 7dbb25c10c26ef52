namespace PhysIntuition.Rendering.Stages.Records;

/// <summary>One scene ready for casting; its block, zone and overlay records follow it in memory.</summary>
/// <remarks>
/// Lengths are in units of the scene, about a block's edge, so that one set of constants fits all sizes.
/// Blittable and self-contained: a device takes the bytes as they are.
/// </remarks>
internal unsafe struct SceneRecord
{
    public const int MaxTiles = 64;

    /// <summary>Pixels a side of the squares that the masks speak of.</summary>
    public const int Tile = 16;

    public ViewRecord View;

    /// <summary>Inverse depth of the ground, and of the wall where there is one.</summary>
    public Linear Floor, Wall;

    /// <summary>Above 0 where the ground is seen, else wall or sky; the most it changes within half a pixel.</summary>
    public Linear Brink;

    public float BrinkSlack;

    public int HasWall;

    /// <summary>Unit, towards the eye's side; a point p of the wall has WallNormal.p = WallOffset.</summary>
    public Triple WallNormal;

    public float WallOffset, BrinkOffset;

    /// <summary>Height of the lowest point of ground or wall that is seen: below 0 past the edge of a table.</summary>
    public float Lowest;

    public Triple WallColor;

    public Triple Sun, SunColor, Sky, Bounce, Horizon, Zenith, GroundColor;

    /// <summary>Light of ground that nothing shades or darkens.</summary>
    public Triple BareLight;

    public float SunRadius;

    /// <summary>How much of the sun a full shadow takes, and of the sky a full occlusion, in [0, 1].</summary>
    public float ShadowDepth, OcclusionDepth;

    /// <summary>Width of outlines, pixels; 0 draws none.</summary>
    public float Outline;

    /// <summary>Tone curve: x (P0 + P1 x + P2 x²) / (1 + x (Q0 + Q1 x + Q2 x²)).</summary>
    public ToneCurve Tone;

    /// <summary>m in one unit.</summary>
    public float MetresPerUnit;

    /// <summary>Inverse depth beyond which ground is drawn as if it were there; blocks are nearer.</summary>
    public float FarthestInverse;

    /// <summary>Depth at which the ground begins to fade into the horizon; at twice that, half of it has.</summary>
    public float FogDepth;

    /// <summary>0.5 / height of the eye over the ground.</summary>
    public float HalfPerHeight;

    public int Ground;

    public float GroundGrain;

    public int Blocks, Zones, Overlays;

    public TileMasks Masks;
}
