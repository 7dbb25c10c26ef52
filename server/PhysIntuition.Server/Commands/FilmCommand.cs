using PhysIntuition.Environments.Datasets;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Server.Commands;

/// <summary><c>film</c>: writes what comes of an answer as animated PNG, MP4, WebM or single frames.</summary>
internal static class FilmCommand
{
    private static readonly FilmOptions s_defaults = new();

    private static readonly Argument<FileInfo> s_file = new("file")
    {
        Description = "Where to. .png: animated PNG; .mp4, .webm: through the system's ffmpeg; no ending: a folder " +
            "of single frames.",
    };

    private static readonly Option<ulong> s_seed =
        NumberOption.Of("--seed", "Seed of the scene.", 0ul, new(0, double.PositiveInfinity));

    private static readonly Option<string?> s_answer = new("--answer")
    {
        Description = "The answer as a player writes it: \"<answer>yes</answer>\"; by default the expert's.",
    };

    private static readonly Option<float> s_seconds = NumberOption.Of(
        "--seconds", "Simulated time, above 0 and at most 20.", s_defaults.Seconds,
        new(0, 20) { IsMinExcluded = true });

    private static readonly Option<int> s_fps =
        NumberOption.Of("--fps", "Frames per second, 1 to 60.", s_defaults.FramesPerSecond, new(1, 60));

    private static readonly Option<int> s_size =
        NumberOption.Of("--size", "Pixels a side, 16 to 1024.", s_defaults.Side, new(16, 1024));

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var command = new Command("film", "Film what comes of an answer: animated PNG, MP4, WebM or single frames.")
        {
            SceneArguments.Task, s_file, SceneArguments.Split, s_seed, s_answer, SceneArguments.Options, s_seconds,
            s_fps, s_size,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var task = TaskCatalog.Find(arguments.GetValue(SceneArguments.Task)!);
        var file = arguments.GetValue(s_file)!;
        CheckEnding(file);
        var options = new FilmOptions
        {
            Choice = SuiteCatalog.Find(task.Spec, arguments.GetValue(SceneArguments.Split)),
            Task = OptionsReader.Read(task.Spec, arguments.GetValue(SceneArguments.Options)),
            Seed = arguments.GetValue(s_seed),
            Answer = arguments.GetValue(s_answer),
            Seconds = arguments.GetValue(s_seconds),
            FramesPerSecond = arguments.GetValue(s_fps),
            Side = arguments.GetValue(s_size),
        };
        using var simulator = new BatchSimulator();
        var (frames, reward) = new OutcomeFilm(simulator, new CpuRenderer()).Draw(task, options);
        Write(frames, options, file);
        var count = frames.Length / (options.Side * options.Side * 3);
        arguments.Out().WriteLine(FormattableString.Invariant(
            $"{count} frames of {task.Spec.Id}, seed {options.Seed}, are in {file}; the answer earns {reward:0.##}."));
        return 0;
    }

    private static void CheckEnding(FileInfo file)
    {
        if (file.Extension.ToLowerInvariant() is not ("" or ".png" or ".apng" or ".mp4" or ".webm"))
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "file",
                $"'file' is {file}; it must end in .png, .mp4 or .webm, or have no ending for a folder. Rename it.");
        }
    }

    private static void Write(byte[] frames, FilmOptions options, FileInfo file)
    {
        var (side, fps) = (options.Side, options.FramesPerSecond);
        Directory.CreateDirectory(file.DirectoryName!);
        switch (file.Extension.ToLowerInvariant())
        {
            case ".png" or ".apng":
                File.WriteAllBytes(file.FullName, AnimatedPngEncoder.Encode(frames, side, side, fps));
                break;
            case "":
                WriteFrames(frames, side, file.FullName);
                break;
            default:
                VideoEncoder.Write(frames, side, side, fps, file.FullName);
                break;
        }
    }

    private static void WriteFrames(byte[] frames, int side, string folder)
    {
        Directory.CreateDirectory(folder);
        var size = side * side * 3;
        for (var i = 0; i < frames.Length / size; i++)
        {
            File.WriteAllBytes(
                Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{i:0000}.png")),
                PngEncoder.Encode(frames.AsSpan(i * size, size), side, side));
        }
    }
}
