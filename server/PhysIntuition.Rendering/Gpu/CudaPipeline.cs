using System.Diagnostics;
using PhysIntuition.Rendering.Stages;
using PhysIntuition.Rendering.Stages.Preparation;

namespace PhysIntuition.Rendering.Gpu;

/// <summary>Brings scenes to a device and draws them there, chunk by chunk, in the order of a stream.</summary>
/// <remarks>
/// Stages: 1 fill inputs, 2 upload, 3 prepare, 4 cull, 5 draw. One caller at a time, in the device's context.
/// </remarks>
internal sealed unsafe class CudaPipeline : IDisposable
{
    private const int MaxChunk = 2048;                       // scenes that go to the device together
    private const long MaxChunkBytes = 64L << 20;            // of prepared scenes
    private const uint PrepareBlock = 32, CullBlock = 64;    // threads

    private readonly CudaDevice _device;
    private readonly int _threads;
    private readonly Staging[] _staging = new Staging[2];    // one is filled while the device works from the other
    private readonly nint _prepare, _cull, _draw;
    private int _next;

    /// <summary>Compiles and loads the kernels.</summary>
    /// <param name="device">Where.</param>
    /// <param name="threads">Threads that fill inputs.</param>
    public CudaPipeline(CudaDevice device, int threads)
    {
        (_device, _threads) = (device, threads);
        var start = Stopwatch.GetTimestamp();
        _prepare = Load(nameof(DeviceKernels.Prepare));
        _cull = Load(nameof(DeviceKernels.Cull));
        _draw = Load(nameof(DeviceKernels.Draw));
        CompileTime = Stopwatch.GetElapsedTime(start);
        using var scope = device.Enter();
        try
        {
            _staging[0] = new(device.Driver);
            _staging[1] = new(device.Driver);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How long ILGPU and the driver took.</summary>
    public TimeSpan CompileTime { get; }

    /// <summary>Registers and bytes of local memory that a thread of the largest kernel takes.</summary>
    public (int Registers, int LocalBytes) Footprint
    {
        get
        {
            using var scope = _device.Enter();
            return (_device.Driver.AttributeOfFunction(_draw, CudaDriver.Registers),
                _device.Driver.AttributeOfFunction(_draw, CudaDriver.LocalBytes));
        }
    }

    /// <summary>Draws into the device's memory; does not wait, but for its own staging memory.</summary>
    public void Send(ReadOnlySpan<Scene> scenes, in FrameFormat format, in DeviceFrames frames, nint stream)
    {
        int blocks = 0, overlays = 0;
        foreach (var scene in scenes)
        {
            (blocks, overlays) = (Math.Max(blocks, scene.Blocks.Count), Math.Max(overlays, scene.Overlays.Count));
        }

        var columns = ScenePreparation.TilesOf(format.Width);
        var grid = new Grid(
            columns, columns * ScenePreparation.TilesOf(format.Height), SceneInput.SizeOf(blocks, overlays),
            (ScenePreparation.SizeOf(blocks, overlays) + 15) & ~15);
        var places = (long)DeviceKernels.TilePixels * grid.Tiles;
        var chunk = (int)Math.Clamp(Math.Min(MaxChunkBytes / grid.SceneBytes, int.MaxValue / places), 1, MaxChunk);
        for (var first = 0; first < scenes.Length; first += chunk)
        {
            SendChunk(scenes.Slice(first, Math.Min(chunk, scenes.Length - first)), format, frames, first, grid, stream);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_staging, staging => staging?.Dispose());

    private void SendChunk(
        ReadOnlySpan<Scene> scenes, in FrameFormat format, in DeviceFrames frames, int first, Grid grid, nint stream)
    {
        var staging = _staging[_next];
        _next = (_next + 1) % _staging.Length;
        var inputs = (long)grid.InputBytes * scenes.Length;
        staging.Take(
            inputs, (long)grid.SceneBytes * scenes.Length, (long)grid.Tiles * sizeof(TileSets) * scenes.Length);
        Fill(scenes, format, (byte*)staging.Pinned, grid.InputBytes);
        _device.Driver.Upload(staging.Inputs, staging.Pinned, inputs, stream);
        LaunchPreparation(staging, grid, scenes.Length, stream);
        LaunchDrawing(staging, grid, scenes.Length, format, frames, first, stream);
        staging.Leave(stream);
    }

    private void Fill(ReadOnlySpan<Scene> scenes, FrameFormat format, byte* target, int stride)
    {
        if (_threads == 1 || scenes.Length < 4 * _threads)
        {
            for (var i = 0; i < scenes.Length; i++)
            {
                Fill(scenes[i], format, target + ((long)i * stride));
            }

            return;
        }

        var copies = scenes.ToArray();
        var options = new ParallelOptions { MaxDegreeOfParallelism = _threads };
        Parallel.For(0, copies.Length, options, i => Fill(copies[i], format, target + ((long)i * stride)));
    }

    private static void Fill(Scene scene, in FrameFormat format, byte* target) =>
        SceneUpload.Fill(scene, format, (SceneRecord*)Scratch.Current.Scene, (SceneInput*)target);

    private void LaunchPreparation(Staging staging, Grid grid, int scenes, nint stream)
    {
        PrepareArguments prepare = new()
        {
            Inputs = (long)staging.Inputs, Scenes = (long)staging.Scenes, InputBytes = grid.InputBytes,
            SceneBytes = grid.SceneBytes,
        };
        Launch(_prepare, scenes, PrepareBlock, &prepare, stream);
        CullArguments cull = new()
        {
            Scenes = (long)staging.Scenes, Sets = (long)staging.Sets, SceneBytes = grid.SceneBytes,
            Columns = grid.Columns, Tiles = grid.Tiles,
        };
        Launch(_cull, grid.Tiles * scenes, CullBlock, &cull, stream);
    }

    private void LaunchDrawing(
        Staging staging, Grid grid, int scenes, in FrameFormat format, in DeviceFrames frames, int first, nint stream)
    {
        DrawArguments draw = new()
        {
            Scenes = (long)staging.Scenes, Sets = (long)staging.Sets, SceneBytes = grid.SceneBytes,
            Columns = grid.Columns, Tiles = grid.Tiles, Width = format.Width, Height = format.Height,
            Rgb = AddressOf(frames.Rgb, Channels.Rgb, format, first),
            Depth = AddressOf(frames.Depth, Channels.Depth, format, first),
            Segmentation = AddressOf(frames.Segmentation, Channels.Segmentation, format, first),
            Normals = AddressOf(frames.Normals, Channels.Normals, format, first),
            Albedo = AddressOf(frames.Albedo, Channels.Albedo, format, first),
        };
        Launch(_draw, DeviceKernels.TilePixels * grid.Tiles * scenes, DeviceKernels.TilePixels, &draw, stream);
    }

    // ILGPU's kernels take the number of places, and then what the C# method takes.
    private void Launch(nint kernel, int places, uint block, void* arguments, nint stream)
    {
        void** list = stackalloc void*[2] { &places, arguments };
        _device.Driver.Launch(kernel, ((uint)places + block - 1) / block, block, stream, list);
    }

    private nint Load(string kernel) => _device.Load(PtxCompiler.Compile(kernel), PtxCompiler.EntryOf(kernel));

    private static long AddressOf(DeviceMemory memory, Channels channel, in FrameFormat format, int first) =>
        format.Channels.HasFlag(channel) ? (long)memory.From((long)format.BytesOf(channel) * first).Address : 0;

    /// <summary>A picture's tiles, and bytes from one scene to the next.</summary>
    private readonly record struct Grid(int Columns, int Tiles, int InputBytes, int SceneBytes);
}

/// <summary>The processor's part of preparing a scene: view, light, ground, marks; blocks are copied.</summary>
internal static unsafe class SceneUpload
{
    /// <summary>Fills one scene's input.</summary>
    /// <param name="scene">Checked.</param>
    /// <param name="format">Size and samples.</param>
    /// <param name="scratch">Room for the scene's record.</param>
    /// <param name="target">Room for <see cref="SceneInput.SizeOf"/> its blocks and overlays.</param>
    public static void Fill(Scene scene, in FrameFormat format, SceneRecord* scratch, SceneInput* target)
    {
        target->Look = LookSettings.Of(scene.Look);
        target->Rows = ScenePreparation.TilesOf(format.Height);
        target->Columns = ScenePreparation.TilesOf(format.Width);
        target->PerUnit = ScenePreparation.RunHead(scene, format, target->Look, scratch);
        scratch->Blocks = scene.Blocks.Count;
        scratch->Zones = scratch->Overlays = 0;
        if (scene.Overlays.Count > 0)
        {
            MaskPreparation.Clear(&scratch->Masks, target->Rows, target->Columns);
            OverlayPreparation.Run(scene, target->PerUnit, target->Rows, target->Columns, scratch);
        }

        SceneInput.Arrange(target, scratch->Blocks, scratch->Zones, scratch->Overlays);
        Copy(scene, scratch, target);
    }

    private static void Copy(Scene scene, SceneRecord* scratch, SceneInput* target)
    {
        var to = (byte*)target;
        NativeMemory.Copy(scratch, to + target->HeadAt, (nuint)SceneInput.HeadBytes);
        CollectionsMarshal.AsSpan(scene.Blocks).CopyTo(new((Block*)(to + target->BlocksAt), target->Blocks));
        var zones = (ZoneRecord*)((BlockRecord*)(scratch + 1) + scratch->Blocks);
        NativeMemory.Copy(zones, to + target->ZonesAt, (nuint)(target->Zones * sizeof(ZoneRecord)));
        if (target->Overlays > 0)
        {
            NativeMemory.Copy(
                OverlayStage.Overlays(scratch), to + target->OverlaysAt,
                (nuint)(target->Overlays * sizeof(OverlayRecord)));
            const int first = SceneRecord.MaxTiles * (int)TileMasks.Kind.Overlay;
            NativeMemory.Copy(&scratch->Masks.Rows[first], to + target->MasksAt, SceneInput.MaskBytes);
            NativeMemory.Copy(
                &scratch->Masks.Columns[first], to + target->MasksAt + SceneInput.MaskBytes, SceneInput.MaskBytes);
        }
    }
}
