using System.Runtime.InteropServices;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Rendering.Stages;
using PhysIntuition.Rendering.Stages.Preparation;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering;

/// <summary>The canonical renderer: an analytic ray caster on the processor's vector registers.</summary>
/// <remarks>Its bytes are the same at every lane width, thread count and on every machine. Thread-safe.</remarks>
/// <param name="width">Lanes; the default takes the widest that the hardware has.</param>
/// <param name="threads">Threads over scenes, 1 to 1024; 0 takes one per processor.</param>
/// <exception cref="Faults.PhysIntuitionException">There is no such width, or threads are out of range.</exception>
public sealed unsafe class CpuRenderer(LaneWidth width = LaneWidth.Widest, int threads = 0) : IRenderer
{
    private readonly LaneWidth _width = LaneWidths.Resolve(width);
    private readonly int _threads = DrawChecks.Threads(threads);

    /// <summary>Whether tiles skip the blocks that cannot matter there.</summary>
    internal bool Culls { get; init; } = true;

    /// <summary>Whether scenes after the second of one view copy its bare ground.</summary>
    internal bool KeepsGround { get; init; } = true;

    /// <inheritdoc/>
    public string Name => "physintuition-raycaster 1";

    /// <inheritdoc/>
    /// <exception cref="Faults.PhysIntuitionException">Names the field that is out of range.</exception>
    public void Draw(ReadOnlySpan<Scene> scenes, in FrameFormat format, in FrameBuffers frames)
    {
        DrawChecks.Check(scenes, format, frames);
        fixed (byte* rgb = frames.Rgb, segmentation = frames.Segmentation, albedo = frames.Albedo)
        fixed (float* depth = frames.Depth, normals = frames.Normals)
        {
            var first = new FrameRecord
            {
                Width = format.Width,
                Height = format.Height,
                Rgb = format.Channels.HasFlag(Channels.Rgb) ? rgb : null,
                Depth = format.Channels.HasFlag(Channels.Depth) ? depth : null,
                Segmentation = format.Channels.HasFlag(Channels.Segmentation) ? segmentation : null,
                Normals = format.Channels.HasFlag(Channels.Normals) ? normals : null,
                Albedo = format.Channels.HasFlag(Channels.Albedo) ? albedo : null,
            };
            if (_threads == 1 || scenes.Length == 1)
            {
                for (var i = 0; i < scenes.Length; i++)
                {
                    DrawOne(scenes[i], format, first, i);
                    frames.Drawn?.Invoke(i);
                }
            }
            else
            {
                DrawMany(scenes, format, first, frames.Drawn);
            }
        }
    }

    /// <summary>Compiles everything that a first picture needs, about 0.1 s: call it while a process starts.</summary>
    public void WarmUp()
    {
        var format = new FrameFormat(64, 64);   // has room for bare floor, floor in shadow, and outlines
        var rgb = new byte[format.BytesOf(Channels.Rgb)];
        foreach (var ground in Enum.GetValues<Ground>())
        {
            var scene = new Scene { Ground = ground };
            foreach (var material in Enum.GetValues<Material>())
            {
                scene.Blocks.Add(new() { Position = new((int)material - 2.5f, 0.5f, 0f), Material = material });
            }

            Draw([scene], format, new() { Rgb = rgb });
        }
    }

    private void DrawMany(ReadOnlySpan<Scene> scenes, FrameFormat format, FrameRecord first, Action<int>? drawn)
    {
        var copies = scenes.ToArray();
        Parallel.For(
            0, copies.Length, new ParallelOptions { MaxDegreeOfParallelism = _threads },
            i =>
            {
                DrawOne(copies[i], format, first, i);
                drawn?.Invoke(i);
            });
    }

    private void DrawOne(Scene scene, in FrameFormat format, in FrameRecord first, int index)
    {
        var scratch = Scratch.Current;
        var record = (SceneRecord*)scratch.Scene;
        ScenePreparation.Run(scene, format, record);
        if (!Culls)
        {
            PairPreparation.TakeAll(record);
        }

        var frame = first;
        var pixels = (long)format.Pixels * index;
        frame.Rgb = frame.Rgb == null ? null : frame.Rgb + (pixels * 3);
        frame.Depth = frame.Depth == null ? null : frame.Depth + pixels;
        frame.Segmentation = frame.Segmentation == null ? null : frame.Segmentation + pixels;
        frame.Normals = frame.Normals == null ? null : frame.Normals + (pixels * 3);
        frame.Albedo = frame.Albedo == null ? null : frame.Albedo + (pixels * 3);
        switch (_width)
        {
            case LaneWidth.Sixteen:
                Paint<Lane16>(record, &frame, scratch);
                break;
            case LaneWidth.Eight:
                Paint<Lane8>(record, &frame, scratch);
                break;
            default:
                Paint<Lane1>(record, &frame, scratch);
                break;
        }
    }

    private void Paint<V>(SceneRecord* scene, FrameRecord* frame, Scratch scratch)
        where V : unmanaged, ILanes<V> =>
        FramePainter<V>.Draw(
            scene, frame, Culls, KeepsGround && Culls && frame->HasRgbAlone ? scratch.Ground : null,
            (Workbench<V>*)scratch.Bench);
}

/// <summary>One thread's working memory, aligned to cache lines.</summary>
internal sealed unsafe class Scratch
{
    private const int Alignment = 64;        // bytes; 512-bit stores across cache lines cost double

    private static readonly int s_benchBytes = (sizeof(Workbench<Lane16>) + Alignment - 1) / Alignment * Alignment;

    [ThreadStatic]
    private static Scratch? s_current;

    private readonly void* _memory;

    private Scratch() => _memory = NativeMemory.AlignedAlloc(
        (nuint)(s_benchBytes + ScenePreparation.SizeOf(Scenes.Scene.MaxBlocks, Scenes.Scene.MaxOverlays)), Alignment);

    /// <summary>Frees the memory after its thread is gone.</summary>
    ~Scratch() => NativeMemory.AlignedFree(_memory);

    /// <summary>The calling thread's own.</summary>
    public static Scratch Current => s_current ??= new();

    /// <summary>What is kept of a still camera's ground.</summary>
    public GroundCache Ground { get; } = new();

    /// <summary>Room for a <see cref="Workbench{V}"/> of any width.</summary>
    public void* Bench => _memory;

    /// <summary>Room for the largest scene.</summary>
    public void* Scene => (byte*)_memory + s_benchBytes;
}
