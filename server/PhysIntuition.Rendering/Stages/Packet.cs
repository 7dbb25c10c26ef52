namespace PhysIntuition.Rendering.Stages;

/// <summary>Three lane values.</summary>
internal struct Triple<V> where V : unmanaged
{
    public V X, Y, Z;
}

/// <summary>A packet of pixels on its way through the stages: what each stage reads and writes.</summary>
/// <remarks>Keep it 64-byte aligned: a 512-bit store across two cache lines costs double.</remarks>
internal struct Packet<V> where V : unmanaged
{
    /// <summary>Screen point, pixels.</summary>
    public V X, Y;

    /// <summary>Inverse depth of what is seen; 0 is the sky.</summary>
    public V Inverse;

    /// <summary>What is seen: -1 sky or wall, 0 ground, i + 1 block i.</summary>
    public V Id;

    /// <summary>Mask: an outline passes within half a pixel; once sampled, whether samples differ.</summary>
    public V Edge;

    /// <summary>Depth, and the width of a pixel there.</summary>
    public V Depth, Foot;

    /// <summary>Parts of the sun and of the sky that are not hidden, in [0, 1].</summary>
    public V Sun, Open;

    /// <summary>Strength of the highlight.</summary>
    public V Gloss;

    public Triple<V> Ray, Point;

    /// <summary>Normal of the face, and of the bevelled surface.</summary>
    public Triple<V> Face, Normal;

    /// <summary>Linear surface colour, then linear light.</summary>
    public Triple<V> Color;

    /// <summary>Display value in [0, 255.5): truncated, it is the byte.</summary>
    public Triple<V> Display;

    /// <summary>Point and size of the current block's texture, in its own axes; where it is meant.</summary>
    public Triple<V> Local;

    public V IsMine;

    /// <summary>What was seen at the pixel's centre, kept while its edge is blended.</summary>
    public V CenterX, CenterY, CenterInverse;

    /// <summary>Lowest id that a sample of an edge sees.</summary>
    public V Lowest;

    /// <summary>Colour of the first surface of an edge, and the part of the pixel it covers.</summary>
    public Triple<V> First;

    public V Part;
}

/// <summary>What the samples of edge pixels see; apart, so that a device keeps the packet in registers.</summary>
internal struct SampleSet<V> where V : unmanaged
{
    public V Inverse0, Inverse1, Inverse2, Inverse3, Inverse4, Inverse5, Inverse6, Inverse7;
    public V Id0, Id1, Id2, Id3, Id4, Id5, Id6, Id7;
}
