
namespace PhysIntuition.Rendering.Gpu;

/// <summary>The channels of a chunk of pictures side by side in one piece of the device's memory.</summary>
internal readonly unsafe struct FrameLayout
{
    private readonly FrameFormat _format;
    private readonly int _scenes;

    /// <summary>Only sizes.</summary>
    public FrameLayout(FrameFormat format)
        : this(format, default, 1)
    {
    }

    /// <summary>Lays the channels out, floats first so that they are aligned.</summary>
    public FrameLayout(FrameFormat format, DeviceMemory memory, int scenes)
    {
        (_format, _scenes) = (format, scenes);
        var at = 0L;
        Frames = new()
        {
            Depth = Next(Channels.Depth, memory, ref at),
            Normals = Next(Channels.Normals, memory, ref at),
            Rgb = Next(Channels.Rgb, memory, ref at),
            Albedo = Next(Channels.Albedo, memory, ref at),
            Segmentation = Next(Channels.Segmentation, memory, ref at),
        };
        Bytes = at;
    }

    /// <summary>Where the channels lie.</summary>
    public DeviceFrames Frames { get; }

    /// <summary>Bytes of all channels of all scenes.</summary>
    public long Bytes { get; }

    /// <summary>Copies all channels to the processor, from this frame of its buffers on, and waits.</summary>
    public void Download(CudaDriver driver, in FrameBuffers frames, int first)
    {
        Copy(driver, Frames.Rgb, Channels.Rgb, frames.Rgb, first);
        Copy(driver, Frames.Albedo, Channels.Albedo, frames.Albedo, first);
        Copy(driver, Frames.Segmentation, Channels.Segmentation, frames.Segmentation, first);
        Copy(driver, Frames.Depth, Channels.Depth, frames.Depth, first);
        Copy(driver, Frames.Normals, Channels.Normals, frames.Normals, first);
    }

    private DeviceMemory Next(Channels channel, DeviceMemory memory, ref long at)
    {
        if (!_format.Channels.HasFlag(channel))
        {
            return default;
        }

        var bytes = (long)_format.BytesOf(channel) * _scenes;
        var place = memory.Address == 0 ? default : new DeviceMemory(memory.Address + (nuint)at, bytes);
        at += bytes;
        return place;
    }

    private void Copy<T>(CudaDriver driver, DeviceMemory source, Channels channel, Span<T> target, int first)
        where T : unmanaged
    {
        if (source.Address == 0)
        {
            return;
        }

        fixed (T* memory = target)
        {
            driver.Download((byte*)memory + ((long)_format.BytesOf(channel) * first), source.Address, source.Bytes, 0);
            driver.AwaitStream(0);   // while the buffer cannot move
        }
    }
}
