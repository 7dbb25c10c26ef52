namespace PhysIntuition.Rendering.Stages.Records;

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
