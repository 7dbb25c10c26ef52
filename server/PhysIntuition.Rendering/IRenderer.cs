namespace PhysIntuition.Rendering;

/// <summary>Draws many scenes at a time. The CPU renderer defines the bytes.</summary>
public interface IRenderer
{
    /// <summary>Name and version of the renderer, part of every provenance record.</summary>
    string Name { get; }

    /// <summary>Draws each scene into the caller's buffers, one frame after the other, without padding.</summary>
    /// <param name="scenes">At least one; each frame depends on its own scene alone.</param>
    /// <param name="format">Size and channels, the same for all.</param>
    /// <param name="frames">A buffer for each channel asked for.</param>
    void Draw(ReadOnlySpan<Scene> scenes, in FrameFormat format, in FrameBuffers frames);
}

/// <summary>The caller's memory for the channels asked for; the others stay empty.</summary>
public readonly ref struct FrameBuffers
{
    /// <summary>uint8[scenes, height, width, 3].</summary>
    public Span<byte> Rgb { get; init; }

    /// <summary>float32[scenes, height, width].</summary>
    public Span<float> Depth { get; init; }

    /// <summary>uint8[scenes, height, width].</summary>
    public Span<byte> Segmentation { get; init; }

    /// <summary>float32[scenes, height, width, 3].</summary>
    public Span<float> Normals { get; init; }

    /// <summary>uint8[scenes, height, width, 3].</summary>
    public Span<byte> Albedo { get; init; }

    /// <summary>
    /// Called with each scene's index when its frame is drawn, in any order and on several threads at once: a frame is
    /// still in the processor's cache then. Null: nobody wants to know.
    /// </summary>
    public Action<int>? Drawn { get; init; }
}

/// <summary>Which images of a scene are wanted; each is paid for only if asked.</summary>
[Flags]
public enum Channels
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>uint8[height, width, 3], sRGB.</summary>
    Rgb = 1,

    /// <summary>float32[height, width], depth along the view direction, m; infinity where nothing is.</summary>
    Depth = 2,

    /// <summary>uint8[height, width]: 0 ground, i + 1 block i, 255 sky or wall.</summary>
    Segmentation = 4,

    /// <summary>float32[height, width, 3], unit normals of faces, world frame; zero where nothing is.</summary>
    Normals = 8,

    /// <summary>uint8[height, width, 3], sRGB surface colour without light; zero where nothing is.</summary>
    Albedo = 16,
}

/// <summary>Size and content of frames.</summary>
/// <param name="Width">Pixels, 16 to 1024.</param>
/// <param name="Height">Pixels, 16 to 1024.</param>
/// <param name="Channels">Which images.</param>
/// <param name="Samples">Samples per edge pixel: 1, 4 or 8.</param>
public readonly record struct FrameFormat(
    int Width = 224, int Height = 224, Channels Channels = Channels.Rgb, int Samples = 4)
{
    /// <summary>224 x 224 pixels of RGB with 4 samples.</summary>
    public FrameFormat()
        : this(224)
    {
    }

    /// <summary>Pixels in one frame.</summary>
    public int Pixels => Width * Height;

    /// <summary>Bytes of one frame of one channel.</summary>
    public int BytesOf(Channels channel) => channel switch
    {
        Channels.Rgb or Channels.Albedo => Pixels * 3,
        Channels.Depth => Pixels * sizeof(float),
        Channels.Segmentation => Pixels,
        Channels.Normals => Pixels * 3 * sizeof(float),
        _ => 0,
    };
}
