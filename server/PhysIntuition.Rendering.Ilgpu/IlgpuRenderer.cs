using ILGPU;
using ILGPU.Frontend;
using ILGPU.Frontend.Intrinsic;
using ILGPU.Runtime;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Rendering.Stages.Preparation;
using PhysIntuition.Rendering.Stages.Records;

namespace PhysIntuition.Rendering.Ilgpu;

/// <summary>The renderer on whatever ILGPU finds: RGB, depth and segmentation.</summary>
/// <remarks>
/// Its pictures are within 2 grey levels of the processor's on 99.9 % of pixels: ILGPU leaves it to the device's
/// compiler whether a product and a sum are rounded once or twice. Where bytes must be equal, take
/// <c>PhysIntuition.Gpu</c>. Thread-safe: calls wait for one another.
/// </remarks>
public sealed unsafe class IlgpuRenderer : IRenderer, IDisposable
{
    private const Channels Drawn = Channels.Rgb | Channels.Depth | Channels.Segmentation;

    // ILGPU knows no fused multiply-add; product and sum take its place, and the device's compiler may fuse them.
    static IlgpuRenderer() => RemappedIntrinsics.AddRemapping(
        typeof(MathF).GetMethod(nameof(MathF.FusedMultiplyAdd))!,
        (ref InvocationContext call) =>
            call.Method = typeof(IlgpuKernel).GetMethod(nameof(IlgpuKernel.MultiplyAdd))!);

    private readonly Lock _lock = new();
    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly Action<Index3D, DrawArguments> _draw;

    /// <summary>Takes the best device, or the processor's threads where there is none.</summary>
    /// <param name="onProcessor">Takes the threads in any case: slow, for tests.</param>
    public IlgpuRenderer(bool onProcessor = false)
    {
        _context = Context.CreateDefault();
        _accelerator = _context.GetPreferredDevice(onProcessor).CreateAccelerator(_context);
        _draw = _accelerator.LoadAutoGroupedStreamKernel<Index3D, DrawArguments>(IlgpuKernel.Draw);
    }

    /// <inheritdoc/>
    public string Name => "physintuition-raycaster-ilgpu 1";

    /// <summary>What ILGPU calls the device.</summary>
    public string Device => _accelerator.Name;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Normals or albedo are wanted.</exception>
    /// <exception cref="Faults.PhysIntuitionException">Names the field that is out of range.</exception>
    public void Draw(ReadOnlySpan<Scene> scenes, in FrameFormat format, in FrameBuffers frames)
    {
        DrawChecks.Check(scenes, format, frames);
        if ((format.Channels & ~Drawn) != 0)
        {
            throw new NotSupportedException(
                $"'format.channels' is {format.Channels}; ILGPU draws {Drawn}. Take the CPU renderer for the others.");
        }

        lock (_lock)
        {
            DrawAll(scenes, format, frames);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _accelerator.Dispose();
        _context.Dispose();
    }

    private void DrawAll(ReadOnlySpan<Scene> scenes, FrameFormat format, in FrameBuffers frames)
    {
        var records = Prepare(scenes, format, out var sceneBytes);
        using var prepared = _accelerator.Allocate1D(records);
        using var rgb = Room<byte>(format, Channels.Rgb, scenes.Length);
        using var depth = Room<float>(format, Channels.Depth, scenes.Length);
        using var segmentation = Room<byte>(format, Channels.Segmentation, scenes.Length);
        _draw(new Index3D(format.Width, format.Height, scenes.Length), new DrawArguments
        {
            Scenes = prepared.NativePtr,
            Rgb = rgb?.NativePtr ?? 0,
            Depth = depth?.NativePtr ?? 0,
            Segmentation = segmentation?.NativePtr ?? 0,
            SceneBytes = sceneBytes,
            Width = format.Width,
            Height = format.Height,
        });
        _accelerator.Synchronize();
        Take(rgb, frames.Rgb);
        Take(depth, frames.Depth);
        Take(segmentation, frames.Segmentation);
    }

    private static byte[] Prepare(ReadOnlySpan<Scene> scenes, in FrameFormat format, out int sceneBytes)
    {
        int blocks = 0, overlays = 0;
        foreach (var scene in scenes)
        {
            (blocks, overlays) = (Math.Max(blocks, scene.Blocks.Count), Math.Max(overlays, scene.Overlays.Count));
        }

        sceneBytes = (ScenePreparation.SizeOf(blocks, overlays) + 15) & ~15;
        var records = new byte[(long)sceneBytes * scenes.Length];
        fixed (byte* first = records)
        {
            for (var i = 0; i < scenes.Length; i++)
            {
                ScenePreparation.Run(scenes[i], format, (SceneRecord*)(first + ((long)i * sceneBytes)));
            }
        }

        return records;
    }

    private MemoryBuffer1D<T, Stride1D.Dense>? Room<T>(in FrameFormat format, Channels channel, int scenes)
        where T : unmanaged => format.Channels.HasFlag(channel)
            ? _accelerator.Allocate1D<T>((long)format.BytesOf(channel) / sizeof(T) * scenes)
            : null;

    private static void Take<T>(MemoryBuffer1D<T, Stride1D.Dense>? buffer, Span<T> target)
        where T : unmanaged => buffer?.GetAsArray1D().CopyTo(target);
}
