namespace PhysIntuition.Rendering.Stages;

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

/// <summary>Where one frame goes; a channel that is not wanted has a null pointer.</summary>
internal unsafe struct FrameRecord
{
    public int Width, Height;

    public byte* Rgb;
    public float* Depth;
    public byte* Segmentation;
    public float* Normals;
    public byte* Albedo;

    /// <summary>Whether colour is all that is wanted.</summary>
    public readonly bool HasRgbAlone =>
        Rgb != null && Depth == null && Segmentation == null && Normals == null && Albedo == null;
}

/// <summary>A camera ready for casting: the ray of pixel (x, y) is Ray + x RayX + y RayY, of unit depth.</summary>
internal unsafe struct ViewRecord
{
    /// <summary>In units of the scene.</summary>
    public Triple Eye;

    public Triple Ray, RayX, RayY;

    /// <summary>Unit axes of the camera.</summary>
    public Triple Forward, Right, Up;

    /// <summary>Width of a pixel at depth one, and its inverse.</summary>
    public float Pixel, PerPixel;

    /// <summary>The picture's middle, pixels.</summary>
    public float MiddleX, MiddleY;

    /// <summary>Where the samples of an edge pixel lie from its centre, pixels.</summary>
    public fixed float SampleX[8];

    /// <inheritdoc cref="SampleX"/>
    public fixed float SampleY[8];

    public int Samples;
}

/// <summary>Linear light to display: x (P0 + P1 x + P2 x²) / (1 + x (Q0 + Q1 x + Q2 x²)), one division.</summary>
/// <remarks>Both curves rise all the way and end just below 1, so that no clamp is needed after them.</remarks>
internal struct ToneCurve
{
    /// <summary>Light from here on is white.</summary>
    public float White;

    public float P0, P1, P2, Q0, Q1, Q2;

    /// <summary>The sRGB curve alone; its worst error is 0.41 / 255.</summary>
    public static ToneCurve Plain => new()
    {
        White = 1f,
        P0 = 15.1723566f,
        P1 = 186.813648f,
        P2 = 62.6024224f,
        Q0 = 69.7890852f,
        Q1 = 193.976284f,
    };

    /// <summary>A soft shoulder, then sRGB; white is reached at four times the light of a white surface.</summary>
    public static ToneCurve Filmic => new()
    {
        White = 4f,
        P0 = 13.38298f,
        P1 = 65.55474f,
        P2 = 65.62512f,
        Q0 = 44.56838f,
        Q1 = 41.18935f,
        Q2 = 70.17996f,
    };
}

/// <summary>A ring on the ground, in units of the scene.</summary>
internal struct ZoneRecord
{
    public float X, Z, Radius, HalfWidth;

    /// <summary>Linear RGB.</summary>
    public Triple Color;

    /// <summary>Makes it whole 8 bytes: 64-bit numbers follow, and a GPU reads them at multiples of 8 alone.</summary>
    public int Padding;
}

/// <summary>An arrow or a label on the picture, in pixels.</summary>
internal unsafe struct OverlayRecord
{
    public const int MaxLetters = 8;

    /// <summary>Of an arrow: its tail, unit direction and length. Of a label: its top left, whole pixels.</summary>
    public float X, Y, DirectionX, DirectionY, Length;

    /// <summary>Half the width of an arrow's shaft.</summary>
    public float HalfWidth;

    /// <summary>Display values in [0, 255].</summary>
    public Triple Color, Halo;

    /// <summary>Letters of a label; 0 is an arrow. Pixels per dot of its font.</summary>
    public int Letters, Scale;

    public fixed ulong Dots[MaxLetters];
}
