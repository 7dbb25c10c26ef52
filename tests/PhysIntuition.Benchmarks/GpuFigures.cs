using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Gpu;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Benchmarks;

/// <summary>Pictures per second on a CUDA device, left in its memory; a sentence where there is none.</summary>
internal static class GpuFigures
{
    private const int Batch = 4096, Rounds = 7, Different = 64;

    // Size, samples, and the mark on an H200.
    private static readonly (int Side, int Samples, double Mark)[] s_cases =
        [(64, 4, 0), (128, 4, 500_000), (224, 4, 200_000), (224, 1, 0), (448, 4, 0)];

    /// <summary>Adds the figures; bytes are compared with the processor's first.</summary>
    public static void Measure(Figures figures)
    {
        if (!CudaRenderer.TryCreate(out var gpu, out var reason))
        {
            figures.Add("gpu", $"not measured: {reason}");
            return;
        }

        using (gpu)
        {
            var footprint = gpu.Footprint;
            figures.Add("gpu", gpu.Device);
            figures.Add("gpu_compile_s", gpu.CompileTime.TotalSeconds, "s");
            figures.Add("gpu_registers", footprint.Registers);
            figures.Add("gpu_local_bytes", footprint.LocalBytes, "B");
            var some = RenderingScenes.Make(Different);
            figures.Add("gpu_bytes_differ", CountDifferent(gpu, some), "", Mark.AtMost(0));
            Scene[] scenes = [.. Enumerable.Range(0, Batch).Select(i => some[i % Different])];
            foreach (var (side, samples, mark) in s_cases)
            {
                Measure(gpu, scenes, new(side, side, Channels.Rgb, samples), mark, figures);
            }

            MeasurePreparation(gpu, scenes, figures);
        }
    }

    private static void Measure(CudaRenderer gpu, Scene[] scenes, FrameFormat format, double mark, Figures figures)
    {
        var memory = gpu.Allocate((long)format.BytesOf(Channels.Rgb) * scenes.Length);
        var seconds = Clock.Rounds(Rounds, Clock.WallSeconds, () =>
        {
            gpu.Draw(scenes, format, new DeviceFrames { Rgb = memory });
            gpu.Wait();
        });
        gpu.Free(memory);
        var isH200 = gpu.Device.Contains("H200", StringComparison.Ordinal);
        figures.AddMedian(
            $"gpu_frames_{format.Width}_aa{format.Samples}_per_s", [.. seconds[0].Select(s => scenes.Length / s)],
            "1/s", isH200 && mark > 0 ? Mark.AtLeast(mark) : null);
    }

    // Pictures so small that drawing costs next to nothing: what is left is preparation, upload and launches.
    private static void MeasurePreparation(CudaRenderer gpu, Scene[] scenes, Figures figures)
    {
        var format = new FrameFormat(16, 16, Channels.Segmentation, 1);
        var memory = gpu.Allocate((long)format.Pixels * scenes.Length);
        var seconds = Clock.Rounds(Rounds, Clock.WallSeconds, () =>
        {
            gpu.Draw(scenes, format, new DeviceFrames { Segmentation = memory });
            gpu.Wait();
        });
        gpu.Free(memory);
        figures.AddMedian("gpu_scenes_prepared_per_s", [.. seconds[0].Select(s => scenes.Length / s)], "1/s");
    }

    private static int CountDifferent(CudaRenderer gpu, Scene[] scenes)
    {
        var format = new FrameFormat();
        byte[] one = new byte[scenes.Length * format.BytesOf(Channels.Rgb)], other = new byte[one.Length];
        new CpuRenderer().Draw(scenes, format, new() { Rgb = one });
        gpu.Draw(scenes, format, new FrameBuffers { Rgb = other });
        return one.Zip(other).Count(pair => pair.First != pair.Second);
    }
}
