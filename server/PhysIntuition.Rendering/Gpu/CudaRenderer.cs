using System.Diagnostics.CodeAnalysis;

namespace PhysIntuition.Rendering.Gpu;

/// <summary>The renderer on a CUDA device, with the bytes of <see cref="CpuRenderer"/>.</summary>
/// <remarks>
/// Its kernels are the processor's one-lane kernels, compiled from their own IL to PTX by ILGPU and by the driver to
/// machine code. It works in the device's primary context, which ILGPU's own accelerators do not, so that torch's
/// pointers and streams are its own. Thread-safe: calls wait for one another while they are sent to the device.
/// </remarks>
public sealed unsafe class CudaRenderer : IRenderer, IDisposable
{
    private const long HostChunkBytes = 128L << 20;   // of pictures on their way to the processor, at most
    private const string DefaultDriver = "libcuda.so.1";

    private readonly Lock _lock = new();
    private readonly CudaDevice _device;
    private readonly CudaPipeline _pipeline;
    private DeviceMemory _pictures;                   // of calls whose buffers are the processor's
    private bool _isDisposed;

    /// <summary>Compiles the kernels and loads them, a few seconds.</summary>
    /// <param name="device">Which device, as CUDA counts them.</param>
    /// <param name="threads">Threads that prepare scenes, 1 to 1024; 0 takes one per processor.</param>
    /// <exception cref="PhysIntuitionException">Threads are out of range.</exception>
    /// <exception cref="NotSupportedException">Says in a sentence what the machine lacks.</exception>
    /// <exception cref="CudaException">CUDA refused a call.</exception>
    public CudaRenderer(int device = 0, int threads = 0)
        : this(DefaultDriver, device, threads)
    {
    }

    /// <param name="library">The driver's name or path.</param>
    /// <param name="device">Which device.</param>
    /// <param name="threads">Threads that prepare scenes.</param>
    internal CudaRenderer(string library, int device = 0, int threads = 0)
    {
        if (!NativeLibrary.TryLoad(library, out var driver))
        {
            throw new NotSupportedException($"No CUDA driver ({library}) is installed.");
        }

        var cuda = new CudaDriver(driver);
        var count = cuda.CountDevices();
        if (device < 0 || device >= count)
        {
            throw new NotSupportedException($"There is no CUDA device {device}: the driver sees {count}.");
        }

        threads = DrawChecks.Threads(threads);
        _device = new(cuda, device);
        try
        {
            _pipeline = new(_device, threads);
        }
        catch
        {
            _device.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>The CPU renderer's: the bytes are the same.</remarks>
    public string Name { get; } = new CpuRenderer(threads: 1).Name;

    /// <summary>Device, compute capability and driver.</summary>
    public string Device => _device.Name;

    /// <summary>How long the kernels took to compile.</summary>
    public TimeSpan CompileTime => _pipeline.CompileTime;

    /// <summary>Registers and bytes of local memory that a thread of the largest kernel takes.</summary>
    internal (int Registers, int LocalBytes) Footprint => _pipeline.Footprint;

    /// <summary>A renderer, or the sentence that says why this machine has none.</summary>
    public static bool TryCreate(
        [NotNullWhen(true)] out CudaRenderer? renderer, [NotNullWhen(false)] out string? reason, int threads = 0) =>
        TryCreate(DefaultDriver, out renderer, out reason, threads);

    internal static bool TryCreate(
        string library, [NotNullWhen(true)] out CudaRenderer? renderer,
        [NotNullWhen(false)] out string? reason, int threads = 0)
    {
        try
        {
            (renderer, reason) = (new(library, 0, threads), null);
            return true;
        }
        catch (Exception fault) when (fault is NotSupportedException or CudaException or EntryPointNotFoundException)
        {
            (renderer, reason) = (null, fault.Message);
            return false;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="PhysIntuitionException">Names the field that is out of range.</exception>
    public void Draw(ReadOnlySpan<Scene> scenes, in FrameFormat format, in FrameBuffers frames)
    {
        DrawChecks.Check(scenes, format, frames);
        var perScene = new FrameLayout(format).Bytes;
        var chunk = (int)Math.Clamp(HostChunkBytes / perScene, 1, scenes.Length);
        lock (_lock)
        {
            using var scope = _device.Enter();
            Reserve(chunk * perScene);
            for (var first = 0; first < scenes.Length; first += chunk)
            {
                var part = scenes.Slice(first, Math.Min(chunk, scenes.Length - first));
                var layout = new FrameLayout(format, _pictures, part.Length);
                _pipeline.Send(part, format, layout.Frames, stream: 0);
                layout.Download(_device.Driver, frames, first);
            }
        }

        if (frames.Drawn is { } drawn)
        {
            Parallel.For(0, scenes.Length, drawn);
        }
    }

    /// <summary>Draws into the device's memory, in the order of a stream; the call does not wait.</summary>
    /// <param name="scenes">At least one; they may change as soon as the call returns.</param>
    /// <param name="format">Size and channels.</param>
    /// <param name="frames">Memory for each channel asked for: a CUDA tensor's, or from <see cref="Allocate"/>.</param>
    /// <param name="stream">Handle of a CUDA stream; 0 is the one that torch works in unless told otherwise.</param>
    /// <exception cref="PhysIntuitionException">Names the field that is out of range.</exception>
    public void Draw(ReadOnlySpan<Scene> scenes, in FrameFormat format, in DeviceFrames frames, nint stream = 0)
    {
        DrawChecks.Check(scenes, format);
        Check(frames.Rgb, Channels.Rgb, 1, format, scenes.Length);
        Check(frames.Depth, Channels.Depth, sizeof(float), format, scenes.Length);
        Check(frames.Segmentation, Channels.Segmentation, 1, format, scenes.Length);
        Check(frames.Normals, Channels.Normals, sizeof(float), format, scenes.Length);
        Check(frames.Albedo, Channels.Albedo, 1, format, scenes.Length);
        lock (_lock)
        {
            using var scope = _device.Enter();
            _pipeline.Send(scenes, format, frames, stream);
        }
    }

    /// <summary>Memory of the device, for callers without torch; <see cref="Free"/> gives it back.</summary>
    public DeviceMemory Allocate(long bytes)
    {
        using var scope = _device.Enter();
        return new(_device.Driver.Allocate(bytes), bytes);
    }

    /// <summary>Frees what <see cref="Allocate"/> gave.</summary>
    public void Free(DeviceMemory memory)
    {
        using var scope = _device.Enter();
        _device.Driver.Free(memory.Address);
    }

    /// <summary>Copies from the device and waits for it.</summary>
    public void Download(DeviceMemory source, Span<byte> target, nint stream = 0)
    {
        using var scope = _device.Enter();
        fixed (byte* memory = target)
        {
            _device.Driver.Download(memory, source.Address, Math.Min(source.Bytes, target.Length), stream);
            _device.Driver.AwaitStream(stream);
        }
    }

    /// <summary>Waits until a stream is done.</summary>
    public void Wait(nint stream = 0)
    {
        using var scope = _device.Enter();
        _device.Driver.AwaitStream(stream);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            using (_device.Enter())
            {
                _pipeline.Dispose();
                Reserve(0);
            }

            _device.Dispose();
        }
    }

    // A device that meets a float at an odd address gives up the whole context, torch's too.
    private static void Check(DeviceMemory memory, Channels channel, int size, in FrameFormat format, int scenes)
    {
        DrawChecks.CheckBuffer(memory.Address == 0 ? 0 : memory.Bytes / size, channel, size, format, scenes);
        if (memory.Address % (nuint)size != 0)
        {
            var field = $"frames.{channel.ToString().ToLowerInvariant()}";
            throw new PhysIntuitionException(Fault.InvalidArgument, field,
                $"'{field}' is at address {memory.Address}; multiples of {size} are allowed. Pass a whole tensor.");
        }
    }

    // Grows only; zero bytes free it.
    private void Reserve(long bytes)
    {
        if (bytes > 0 && bytes <= _pictures.Bytes)
        {
            return;
        }

        if (_pictures.Address != 0)
        {
            _device.Driver.AwaitStream(0);
            _device.Driver.Free(_pictures.Address);
            _pictures = default;
        }

        _pictures = bytes > 0 ? new(_device.Driver.Allocate(bytes), bytes) : default;
    }
}
