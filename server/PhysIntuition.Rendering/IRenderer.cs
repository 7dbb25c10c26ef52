using PhysIntuition.Rendering.Scenes;

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
