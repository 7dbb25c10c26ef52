using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Rendering.Gpu;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Benchmarks;

/// <summary>Pictures per second and core, against the scalar twin and against other renderers.</summary>
/// <remarks>One run: five blocks, studio look, soft shadow, occlusion, 4 samples, 224 x 224, one thread.</remarks>
internal sealed class RenderingArea : IArea
{
    private const int Frames = 24, Rounds = 9, Children = 5;

    private static readonly FrameFormat s_format = new();

    private readonly Option<bool> _first = new("--first-picture")
    {
        Description = "Only print how long a new process takes for its first picture: cold, then after warming up, ms.",
    };

    private readonly Option<bool> _onlyDrawing = new("--only-drawing")
    {
        Description = "Only the pictures per second of this renderer: of every width, a still camera, masks alone.",
    };

    private readonly Option<DirectoryInfo?> _pictures = new("--pictures")
    {
        Description = "Write the same scene as each renderer draws it to this folder.",
    };

    private readonly Option<FileInfo?> _gpuText = new("--gpu-text")
    {
        Description = "Only write the kernels' PTX to this file, as the driver gets it.",
    };

    /// <inheritdoc/>
    public string Name => "rendering";

    /// <inheritdoc/>
    public string Summary => "Pictures per second, encoding, and rivals on the same scenes.";

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        command.Add(_first);
        command.Add(_onlyDrawing);
        command.Add(_pictures);
        command.Add(_gpuText);
    }

    /// <inheritdoc/>
    public Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        if (arguments.GetValue(_first))
        {
            PrintFirstPicture();
            return Task.CompletedTask;
        }

        if (arguments.GetValue(_gpuText) is { } file)
        {
            string[] kernels = [nameof(DeviceKernels.Prepare), nameof(DeviceKernels.Cull), nameof(DeviceKernels.Draw)];
            File.WriteAllText(file.FullName, string.Concat(kernels.Select(PtxCompiler.Compile)));
            return Task.CompletedTask;
        }

        var scenes = RenderingScenes.Make(Frames);
        var perFrame = MeasureWidths(scenes, figures);
        MeasureStill(figures);
        MeasureChannels(scenes, figures);
        if (arguments.GetValue(_onlyDrawing))
        {
            return Task.CompletedTask;
        }

        MeasurePng(scenes, figures);
        MeasureFirstPicture(figures);
        LeakFigures.Measure(figures);
        MeasureRivals(scenes, perFrame, arguments.GetValue(_pictures), figures);
        GpuFigures.Measure(figures);
        return Task.CompletedTask;
    }

    // CPU seconds per frame at the widest lanes that run in hardware.
    private static double MeasureWidths(Scene[] scenes, Figures figures)
    {
        var (scalar, eight, sixteen) = (Drawing(scenes[..(Frames / 4)], LaneWidth.One),
            Drawing(scenes, LaneWidth.Eight), Drawing(scenes, LaneWidth.Sixteen));
        var isWide = Vector512.IsHardwareAccelerated;
        var rounds = isWide
            ? Clock.Rounds(Rounds, Clock.CpuSeconds, scalar, eight, sixteen)
            : Clock.Rounds(Rounds, Clock.CpuSeconds, scalar, eight);
        var perScalar = rounds[0].Select(s => s * 4).ToArray();   // a quarter of the frames
        figures.AddMedian("wide256_vs_scalar", Clock.Ratios(perScalar, rounds[1]), "x", Mark.AtLeast(7));
        if (isWide)
        {
            figures.AddMedian("wide512_vs_scalar", Clock.Ratios(perScalar, rounds[2]), "x", Mark.AtLeast(11));
        }
        else
        {
            figures.Add("wide512_vs_scalar", "not measured: this processor has no 512-bit registers");
        }

        figures.AddMedian(
            "frames_224_per_s_core", FramesPerSecond(rounds[^1]), "1/s", Mark.AtLeast(isWide ? 3000 : 1900));
        figures.AddMedian("frames_224_per_s_core_256", FramesPerSecond(rounds[1]), "1/s", Mark.AtLeast(1900));
        figures.AddMedian("frames_224_per_s_core_scalar", FramesPerSecond(perScalar), "1/s");
        return Statistics.Median(rounds[^1]) / Frames;
    }

    // One camera, as in a film: blocks turn a little from frame to frame.
    private static void MeasureStill(Figures figures)
    {
        var scenes = Enumerable.Range(0, Frames).Select(RenderingScenes.OfAFilm).ToArray();
        var seconds = Clock.Rounds(Rounds, Clock.CpuSeconds, Drawing(scenes, LaneWidth.Widest));
        figures.AddMedian("frames_224_per_s_core_still_camera", FramesPerSecond(seconds[0]), "1/s");
    }

    private static void MeasureChannels(Scene[] scenes, Figures figures)
    {
        var renderer = new CpuRenderer(threads: 1);
        var masks = new byte[Frames * s_format.Pixels];
        var format = s_format with { Channels = Channels.Segmentation };
        var seconds = Clock.Rounds(
            Rounds, Clock.CpuSeconds, () => renderer.Draw(scenes, format, new() { Segmentation = masks }));
        figures.AddMedian("segmentation_224_per_s_core", FramesPerSecond(seconds[0]), "1/s");
    }

    private static void MeasurePng(Scene[] scenes, Figures figures)
    {
        var rgb = new byte[Frames * s_format.BytesOf(Channels.Rgb)];
        new CpuRenderer().Draw(scenes, s_format, new() { Rgb = rgb });
        var size = s_format.BytesOf(Channels.Rgb);
        var file = new byte[PngEncoder.MaxBytes(s_format.Width, s_format.Height, PixelFormat.Rgb8)];
        var written = 0L;
        var seconds = Clock.Rounds(Rounds, Clock.CpuSeconds, () =>
        {
            written = 0;
            for (var i = 0; i < Frames; i++)
            {
                written += PngEncoder.Encode(
                    rgb.AsSpan(i * size, size), s_format.Width, s_format.Height, PixelFormat.Rgb8, file);
            }
        });
        figures.AddMedian("png_mb_per_s", [.. seconds[0].Select(s => rgb.Length / s / 1e6)], "MB/s", Mark.AtLeast(300));
        figures.Add("png_part_of_raw", (double)written / rgb.Length);
    }

    private static void MeasureFirstPicture(Figures figures)
    {
        var cold = new List<double>();
        var warm = new List<double>();
        for (var i = 0; i < Children; i++)
        {
            using var child = Process.Start(new ProcessStartInfo("dotnet",
                [Path.Combine(AppContext.BaseDirectory, "PhysIntuition.Benchmarks.dll"), "rendering",
                    "--first-picture"])
            {
                RedirectStandardOutput = true,
            })!;
            var numbers = child.StandardOutput.ReadLine()!.Split(' ');
            child.StandardOutput.ReadToEnd();
            child.WaitForExit();
            cold.Add(double.Parse(numbers[0], CultureInfo.InvariantCulture));
            warm.Add(double.Parse(numbers[1], CultureInfo.InvariantCulture));
        }

        figures.AddMedian("first_picture_ms", warm, "ms", Mark.AtMost(50));
        figures.AddMedian("warm_up_cpu_ms", cold, "ms");
    }

    private static void PrintFirstPicture()
    {
        var renderer = new CpuRenderer(threads: 1);
        var warmUp = Clock.CpuSeconds(renderer.WarmUp);
        var scenes = RenderingScenes.Make(1);
        var rgb = new byte[s_format.BytesOf(Channels.Rgb)];
        var first = Clock.WallSeconds(() => renderer.Draw(scenes, s_format, new() { Rgb = rgb }));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{warmUp * 1e3:F2} {first * 1e3:F2}"));
    }

    private static void MeasureRivals(Scene[] scenes, double perFrame, DirectoryInfo? pictures, Figures figures)
    {
        const string mujoco = "libmujoco-dev and libosmesa6-dev", embree = "libembree-dev",
            mesa = "libegl-dev, libopengl-dev and libgl1-mesa-dri";
        pictures?.Create();
        using var rivals = new Rivals(scenes, Path.Combine(AppContext.BaseDirectory, "rivals"));
        (string Figure, string Name, string Libraries, string Packages, string Arguments, Mark? Mark)[] runs =
        [
            ("wide_vs_mujoco_osmesa", "mujoco", "-lmujoco -lOSMesa", mujoco, "4096 4", Mark.AtLeast(40)),
            ("wide_vs_mujoco_1024", "mujoco", "-lmujoco -lOSMesa", mujoco, "1024 4", Mark.AtLeast(15)),
            ("wide_vs_llvmpipe_1024", "llvmpipe", "-lEGL -lOpenGL", mesa, "1024 4", null),
            ("wide_vs_embree_hard_shadow", "embree", "-lembree3", embree, "4 1", null),
            ("wide_vs_embree_soft_shadow", "embree", "-lembree3", embree, "4 16", null),
        ];
        foreach (var run in runs)
        {
            var file = $"{run.Figure["wide_vs_".Length..].Replace('_', '-')}.png";
            var picture = pictures is null ? null : Path.Combine(pictures.FullName, file);
            var seconds = rivals.CpuSecondsPerFrame(run.Name, run.Libraries, run.Packages, run.Arguments, picture);
            figures.Add(run.Figure, (seconds ?? double.NaN) / perFrame, "x", seconds is null ? null : run.Mark);
        }

        if (pictures is not null)
        {
            var rgb = new byte[s_format.BytesOf(Channels.Rgb)];
            new CpuRenderer().Draw([scenes[1]], s_format, new() { Rgb = rgb });
            File.WriteAllBytes(Path.Combine(pictures.FullName, "own.png"),
                PngEncoder.Encode(rgb, s_format.Width, s_format.Height));
        }
    }

    private static Action Drawing(Scene[] scenes, LaneWidth width)
    {
        var renderer = new CpuRenderer(width, threads: 1);
        var rgb = new byte[scenes.Length * s_format.BytesOf(Channels.Rgb)];
        return () => renderer.Draw(scenes, s_format, new() { Rgb = rgb });
    }

    private static double[] FramesPerSecond(double[] seconds) => [.. seconds.Select(s => Frames / s)];
}
