using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using ILGPU;
using PhysIntuition.Faults;
using PhysIntuition.Gpu.Cuda;
using PhysIntuition.Gpu.Stages;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Rendering.Stages;
using PhysIntuition.Rendering.Stages.Preparation;
using PhysIntuition.Rendering.Stages.Records;

namespace PhysIntuition.Gpu;

/// <summary>The renderer on a CUDA device, with the bytes of <see cref="CpuRenderer"/>.</summary>
/// <remarks>
/// Its kernel is the processor's one-lane kernel, compiled from its own IL to PTX by ILGPU and by the driver to machine
/// code. It works in the device's primary context, which ILGPU's own accelerators do not, so that torch's pointers and
/// streams are its own. Thread-safe: calls wait for one another while they are sent to the device.
/// </remarks>
public sealed unsafe class CudaRenderer : IRenderer, IDisposable
{
    private const int LargestChunk = 2048;                   // scenes that go to the device together
    private const long ChunkBytes = 64L << 20;               // of prepared scenes, at most
    private const long HostChunkBytes = 128L << 20;          // of pictures on their way to the processor, at most
    private const uint PrepareBlock = 32, CullBlock = 64;    // threads
    private const string UsualDriver = "libcuda.so.1";

    private readonly Lock _lock = new();
    private readonly CudaDevice _device;
    private readonly Staging[] _staging = new Staging[2];    // one is filled while the device works from the other
    private readonly nint _prepare, _cull, _draw;
    private readonly int _threads;
    private DeviceMemory _pictures;   // of calls whose buffers are the processor's
    private int _next;
    private bool _isDisposed;

    /// <summary>Compiles the kernels and loads them, a few seconds.</summary>
    /// <param name="device">Which device, as CUDA counts them.</param>
    /// <param name="threads">Threads that prepare scenes, 1 to 1024; 0 takes one per processor.</param>
    /// <exception cref="PhysIntuitionException">Threads are out of range.</exception>
    /// <exception cref="NotSupportedException">Says in a sentence what the machine lacks.</exception>
    /// <exception cref="CudaException">CUDA refused a call.</exception>
    public CudaRenderer(int device = 0, int threads = 0)
        : this(UsualDriver, device, threads)
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

        _threads = DrawChecks.Threads(threads);
        _device = new(cuda, device);
        try
        {
            var start = Stopwatch.GetTimestamp();
            _prepare = Load(nameof(DeviceKernels.Prepare));
            _cull = Load(nameof(DeviceKernels.Cull));
            _draw = Load(nameof(DeviceKernels.Draw));
            CompileTime = Stopwatch.GetElapsedTime(start);
            using var scope = _device.Enter();
            _staging[0] = new(cuda);
            _staging[1] = new(cuda);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>The CPU renderer's: the bytes are the same.</remarks>
    public string Name { get; } = new CpuRenderer(threads: 1).Name;

    /// <summary>Device, compute capability and driver.</summary>
    public string Device => _device.Name;

    /// <summary>How long the kernels took to compile.</summary>
    public TimeSpan CompileTime { get; }

    /// <summary>Registers and bytes of local memory that a thread of the largest kernel takes.</summary>
    internal (int Registers, int LocalBytes) Footprint
    {
        get
        {
            using var scope = _device.Enter();
            return (_device.Driver.AttributeOfFunction(_draw, CudaDriver.Registers),
                _device.Driver.AttributeOfFunction(_draw, CudaDriver.LocalBytes));
        }
    }

    /// <summary>A renderer, or the sentence that says why this machine has none.</summary>
    public static bool TryCreate(
        [NotNullWhen(true)] out CudaRenderer? renderer, [NotNullWhen(false)] out string? reason, int threads = 0) =>
        TryCreate(UsualDriver, out renderer, out reason, threads);

    internal static bool TryCreate(
        string library, [NotNullWhen(true)] out CudaRenderer? renderer,
        [NotNullWhen(false)] out string? reason, int threads = 0)
    {
        try
        {
            (renderer, reason) = (new(library, 0, threads), null);
            return true;
        }
        catch (Exception fault) when (fault is NotSupportedException or CudaException
            or EntryPointNotFoundException or InternalCompilerException)
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
        var perScene = new Picture(format).Bytes;
        var chunk = (int)Math.Clamp(HostChunkBytes / perScene, 1, scenes.Length);
        lock (_lock)
        {
            using var scope = _device.Enter();
            Reserve(chunk * perScene);
            for (var first = 0; first < scenes.Length; first += chunk)
            {
                var part = scenes.Slice(first, Math.Min(chunk, scenes.Length - first));
                var picture = new Picture(format, _pictures, part.Length);
                Send(part, format, picture.Frames, stream: 0);
                picture.Download(_device.Driver, frames, first);
            }
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
        Require(frames.Rgb, Channels.Rgb, 1, format, scenes.Length);
        Require(frames.Depth, Channels.Depth, sizeof(float), format, scenes.Length);
        Require(frames.Segmentation, Channels.Segmentation, 1, format, scenes.Length);
        Require(frames.Normals, Channels.Normals, sizeof(float), format, scenes.Length);
        Require(frames.Albedo, Channels.Albedo, 1, format, scenes.Length);
        lock (_lock)
        {
            using var scope = _device.Enter();
            Send(scenes, format, frames, stream);
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
                Array.ForEach(_staging, staging => staging?.Dispose());
                Reserve(0);
            }

            _device.Dispose();
        }
    }

    // A device that meets a float at an odd address gives up the whole context, torch's too.
    private static void Require(DeviceMemory memory, Channels channel, int size, in FrameFormat format, int scenes)
    {
        DrawChecks.CheckBuffer(memory.Address == 0 ? 0 : memory.Bytes / size, channel, size, format, scenes);
        if (memory.Address % (nuint)size != 0)
        {
            var field = $"frames.{channel.ToString().ToLowerInvariant()}";
            throw new PhysIntuitionException(Fault.InvalidArgument, field,
                $"'{field}' is at address {memory.Address}; multiples of {size} are allowed. Pass a whole tensor.");
        }
    }

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

    private void Send(ReadOnlySpan<Scene> scenes, in FrameFormat format, in DeviceFrames frames, nint stream)
    {
        int blocks = 0, overlays = 0;
        foreach (var scene in scenes)
        {
            (blocks, overlays) = (Math.Max(blocks, scene.Blocks.Count), Math.Max(overlays, scene.Overlays.Count));
        }

        var inputBytes = SceneInput.SizeOf(blocks, overlays);
        var sceneBytes = (ScenePreparation.SizeOf(blocks, overlays) + 15) & ~15;
        var places = DeviceKernels.TilePixels * (long)ScenePreparation.TilesOf(format.Width)
            * ScenePreparation.TilesOf(format.Height);
        var chunk = (int)Math.Clamp(Math.Min(ChunkBytes / sceneBytes, int.MaxValue / places), 1, LargestChunk);
        for (var first = 0; first < scenes.Length; first += chunk)
        {
            var part = scenes.Slice(first, Math.Min(chunk, scenes.Length - first));
            Send(part, format, frames, first, new(inputBytes, sceneBytes), stream);
        }
    }

    private void Send(
        ReadOnlySpan<Scene> scenes, in FrameFormat format, in DeviceFrames frames, int first, Strides strides,
        nint stream)
    {
        var staging = _staging[_next];
        _next = (_next + 1) % _staging.Length;
        int columns = ScenePreparation.TilesOf(format.Width), tiles = columns * ScenePreparation.TilesOf(format.Height);
        long inputs = (long)strides.Input * scenes.Length, records = (long)strides.Scene * scenes.Length;
        staging.Take(inputs, records, (long)tiles * sizeof(TileSets) * scenes.Length);
        Fill(scenes, format, (byte*)staging.Pinned, strides.Input);
        _device.Driver.Upload(staging.Inputs, staging.Pinned, inputs, stream);
        LaunchPreparation(staging, strides, scenes.Length, columns, tiles, stream);
        LaunchDrawing(staging, strides, scenes.Length, columns, tiles, format, frames, first, stream);
        staging.Leave(stream);
    }

    private void Fill(ReadOnlySpan<Scene> scenes, FrameFormat format, byte* target, int stride)
    {
        if (_threads == 1 || scenes.Length < 4 * _threads)
        {
            for (var i = 0; i < scenes.Length; i++)
            {
                FillOne(scenes[i], format, target + ((long)i * stride));
            }

            return;
        }

        var copies = scenes.ToArray();
        var options = new ParallelOptions { MaxDegreeOfParallelism = _threads };
        Parallel.For(0, copies.Length, options, i => FillOne(copies[i], format, target + ((long)i * stride)));
    }

    private static void FillOne(Scene scene, in FrameFormat format, byte* target) =>
        SceneUpload.Fill(scene, format, (SceneRecord*)Scratch.Current.Scene, (SceneInput*)target);

    private void LaunchPreparation(Staging staging, Strides strides, int scenes, int columns, int tiles, nint stream)
    {
        PrepareArguments prepare = new()
        {
            Inputs = (long)staging.Inputs, Scenes = (long)staging.Scenes, InputBytes = strides.Input,
            SceneBytes = strides.Scene,
        };
        Launch(_prepare, scenes, PrepareBlock, &prepare, stream);
        CullArguments cull = new()
        {
            Scenes = (long)staging.Scenes, Sets = (long)staging.Sets, SceneBytes = strides.Scene, Columns = columns,
            Tiles = tiles,
        };
        Launch(_cull, tiles * scenes, CullBlock, &cull, stream);
    }

    private void LaunchDrawing(
        Staging staging, Strides strides, int scenes, int columns, int tiles, in FrameFormat format,
        in DeviceFrames frames, int first, nint stream)
    {
        DrawArguments draw = new()
        {
            Scenes = (long)staging.Scenes, Sets = (long)staging.Sets, SceneBytes = strides.Scene, Columns = columns,
            Tiles = tiles, Width = format.Width, Height = format.Height,
            Rgb = AddressOf(frames.Rgb, Channels.Rgb, format, first),
            Depth = AddressOf(frames.Depth, Channels.Depth, format, first),
            Segmentation = AddressOf(frames.Segmentation, Channels.Segmentation, format, first),
            Normals = AddressOf(frames.Normals, Channels.Normals, format, first),
            Albedo = AddressOf(frames.Albedo, Channels.Albedo, format, first),
        };
        Launch(_draw, DeviceKernels.TilePixels * tiles * scenes, DeviceKernels.TilePixels, &draw, stream);
    }

    // ILGPU's kernels take the number of places, and then what the C# method takes.
    private void Launch(nint kernel, int places, uint block, void* arguments, nint stream)
    {
        void** list = stackalloc void*[2] { &places, arguments };
        _device.Driver.Launch(kernel, ((uint)places + block - 1) / block, block, stream, list);
    }

    private nint Load(string kernel) => _device.Load(PtxText.Of(kernel), PtxText.EntryOf(kernel));

    private static long AddressOf(DeviceMemory memory, Channels channel, in FrameFormat format, int first) =>
        format.Channels.HasFlag(channel) ? (long)memory.From((long)format.BytesOf(channel) * first).Address : 0;

    private readonly record struct Strides(int Input, int Scene);
}
