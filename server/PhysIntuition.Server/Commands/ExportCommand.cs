using System.CommandLine.Parsing;
using System.Diagnostics;
using PhysIntuition.Environments.Datasets;

namespace PhysIntuition.Server.Commands;

/// <summary><c>export</c>: writes a split as a dataset; goes on where an unfinished export stopped.</summary>
internal static class ExportCommand
{
    private static readonly Argument<DirectoryInfo> s_folder = new("folder")
    {
        Description = "Where to; an unfinished or smaller export of the same in it goes on where it stopped.",
    };

    private static readonly Option<int> s_items =
        NumberOption.Of("--items", "Items in the dataset.", 1000, new(1, ExportOptions.MaxItems));

    private static readonly Option<ulong> s_seed =
        NumberOption.Of("--first-seed", "Seed of the first item.", 0ul, new(0, double.PositiveInfinity));

    private static readonly Option<string> s_format = new("--format")
    {
        Description = $"Whose rules it follows: {string.Join(", ", ExportFormats.Names)}. docs/datasets.md shows each.",
        DefaultValueFactory = _ => ExportFormats.Names[0],
    };

    private static readonly Option<PictureFile> s_pictures = new("--pictures")
    {
        Description = "How pictures are packed: png (lossless), jpeg or webp.",
    };

    private static readonly Option<int> s_quality =
        NumberOption.Of("--quality", "Of jpeg and webp, 1 to 100; webp at 100 is lossless.", 90, new(1, 100));

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var command = new Command("export", "Write a split as a dataset for a trainer, or as plain rows.")
        {
            SceneArguments.Task, s_folder, s_items, SceneArguments.Split, s_seed, s_format, s_pictures, s_quality,
            SceneArguments.Options,
        };
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), cancellation));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var task = TaskCatalog.Find(arguments.GetValue(SceneArguments.Task)!);
        var items = arguments.GetValue(s_items);
        using var simulator = new BatchSimulator();
        var exporter = new Exporter(task, new ExportOptions
        {
            Folder = arguments.GetValue(s_folder)!.FullName,
            Items = items,
            Format = FormatOf(arguments),
            Pictures = arguments.GetValue(s_pictures),
            Quality = arguments.GetValue(s_quality),
            Choice = SuiteCatalog.Find(task.Spec, arguments.GetValue(SceneArguments.Split)),
            FirstSeed = arguments.GetValue(s_seed),
            Task = OptionsReader.Read(task.Spec, arguments.GetValue(SceneArguments.Options)),
            Command = "./physintuition export "
                + string.Join(' ', arguments.Tokens.Where(token => token.Type != TokenType.Command)
                    .Select(token => Quoted(token.Value))),
        }, simulator, new CpuRenderer());
        var clock = Stopwatch.StartNew();
        try
        {
            exporter.Run(new Reporter(items, clock, arguments.Error()), cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(
                $"\nStopped. What is in {arguments.GetValue(s_folder)} stays; the same command goes on from there.");
        }

        arguments.Error().WriteLine();
        arguments.Out().WriteLine($"{items} items of {task.Spec.Id} are in {arguments.GetValue(s_folder)}.");
        return 0;
    }

    private static ExportFormat FormatOf(ParseResult arguments)
    {
        var name = arguments.GetValue(s_format)!;
        if (name.Equals("chat", StringComparison.OrdinalIgnoreCase))
        {
            arguments.Error().WriteLine("--format chat is called trl now, whose rules its rows follow.");
            name = "trl";
        }

        return ExportFormats.Find(name);
    }

    // As a shell must be given it, so that the card's command can be run as it stands.
    private static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c)
        || "-_./:=,+@".Contains(c, StringComparison.Ordinal))
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // Written at once, in order: Progress<T> would post to the thread pool.
    private sealed class Reporter(int items, Stopwatch clock, TextWriter output) : IProgress<int>
    {
        private const int Width = 30;

        private int _first = -1;   // a resumed export has items that took no time

        public void Report(int value)
        {
            _first = _first < 0 ? Math.Max(0, value - Exporter.ChunkItems) : _first;
            var rate = (value - _first) / clock.Elapsed.TotalSeconds;
            var left = TimeSpan.FromSeconds((items - value) / rate);
            var filled = (int)((long)Width * value / items);
            output.Write($"\r[{new string('#', filled)}{new string('.', Width - filled)}] "
                + $"{value} of {items}, {rate:F0} items/s, {left:hh\\:mm\\:ss} left ");
        }
    }
}
