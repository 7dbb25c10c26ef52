using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Datasets;

/// <summary>Writes a split as a dataset: pictures, prompts, the expert's answers, and a data card.</summary>
/// <remarks>
/// Items are made in chunks, side by side; a chunk is either wholly on disk or not at all, so an export that was
/// stopped goes on with the chunk where it stopped, and gives the same bytes as one that was not.
/// </remarks>
public sealed class Exporter
{
    /// <summary>Items that are made and written together.</summary>
    public const int ChunkItems = 256;

    private readonly ITask _task;
    private readonly ExportOptions _options;
    private readonly TaskOptions _taskOptions;
    private readonly ISimulator _simulator;
    private readonly IRenderer _renderer;
    private readonly EnvironmentBatch _batch;

    /// <summary>Prepares an export.</summary>
    /// <exception cref="PhysIntuitionException">An option is out of range, or the split is held out.</exception>
    public Exporter(ITask task, ExportOptions options, ISimulator simulator, IRenderer renderer)
    {
        Check(options);
        (_task, _options, _simulator, _renderer) = (task, options, simulator, renderer);
        _taskOptions = options.Choice.Apply(options.Task ?? OptionsReader.DefaultsOf(task.Spec));
        _batch = Open(Math.Min(ChunkItems, options.Items));
    }

    /// <summary>Exports what is not yet there.</summary>
    /// <param name="progress">Told the number of finished items after each chunk.</param>
    /// <param name="cancellation">Stops between chunks; the next export of the same options goes on.</param>
    public void Run(IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(_options.Folder);
        using var progressFile = ExportProgress.Open(_options, _task.Spec.Id, OptionsReader.Write(_taskOptions));
        IItemSink sink = _options.Format == ExportFormat.Chat
            ? new ChatSink(_options.Folder, progressFile)
            : new TarSink(_options.Folder);
        for (var first = progressFile.Items; first < _options.Items; first += ChunkItems)
        {
            cancellation.ThrowIfCancellationRequested();
            var items = Make(first, Math.Min(ChunkItems, _options.Items - first));
            sink.Write(first, items);
            progressFile.Add(items, sink.Length);
            progress?.Report(progressFile.Items);
        }

        File.WriteAllText(Path.Combine(_options.Folder, "README.md"), DataCard.Write(
            _task, _options, OptionsReader.Write(_taskOptions), progressFile, _simulator.Name, _renderer.Name));
    }

    private DatasetItem[] Make(int first, int count)
    {
        var batch = count == _batch.Slots ? _batch : Open(count);
        batch.Reset(_options.FirstSeed + (ulong)first);
        var pictures = Draw(batch);
        var items = new DatasetItem[count];
        for (var i = 0; i < count; i++)
        {
            var examples = _taskOptions.Examples > 0 ? ExamplesOf(batch, i) : [];
            items[i] = ItemOf(batch, i, pictures[i], examples);
        }

        return items;
    }

    private DatasetItem[] ExamplesOf(EnvironmentBatch batch, int slot)
    {
        var examples = ExampleBatch.Open(batch, slot);
        var pictures = Draw(examples);

        return [.. Enumerable.Range(0, examples.Slots).Select(i => ItemOf(examples, i, pictures[i], []))];
    }

    private DatasetItem ItemOf(EnvironmentBatch batch, int slot, byte[] png, DatasetItem[] examples)
    {
        var episode = batch.View.Episode(slot);

        return new(batch.View.Prompt(slot), batch.View.Expert(slot), png, examples)
        {
            Facts = new JsonObject
            {
                ["task"] = _task.Spec.Id,
                ["split"] = _options.Choice.Name,
                ["seed"] = episode.Seed,
                ["scene_hash"] = episode.SceneHash.ToString("x16", CultureInfo.InvariantCulture),
                ["outcome_hash"] = episode.OutcomeHash.ToString("x16", CultureInfo.InvariantCulture),
                ["blocks"] = episode.World.Bodies.Count,
                ["margin"] = float.IsNaN(episode.Facts.Margin) ? null : Math.Round(episode.Facts.Margin, 4),
            },
            SceneHash = episode.SceneHash,
        };
    }

    private byte[][] Draw(EnvironmentBatch batch)
    {
        var format = new FrameFormat(_taskOptions.PictureWidth, _taskOptions.PictureHeight);
        var size = format.BytesOf(Channels.Rgb);
        var rgb = new byte[size * batch.Slots];
        int[] slots = [.. Enumerable.Range(0, batch.Slots)];
        batch.View.Render(slots, format, new FrameBuffers { Rgb = rgb });
        var files = new byte[batch.Slots][];
        Parallel.For(0, files.Length, i => files[i] = PngEncoder.Encode(
            rgb.AsSpan(i * size, size), _taskOptions.PictureWidth, _taskOptions.PictureHeight));

        return files;
    }

    private EnvironmentBatch Open(int slots) => new(
        _task, new BatchOptions
        {
            Slots = slots, Split = _options.Choice.Split, Task = _taskOptions, Autoreset = AutoresetMode.Disabled,
        }, _simulator, _renderer);

    private static void Check(ExportOptions options)
    {
        if (options.Choice.Split == Split.Heldout)
        {
            throw new PhysIntuitionException(Fault.NotAllowed, "split",
                "'split' is heldout, whose answers are withheld. Export train, val or test.");
        }

        if (options.Items is < 1 or > ExportOptions.MaxItems)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "items",
                $"'items' is {options.Items}; it must lie in [1, {ExportOptions.MaxItems}]. Choose one in this "
                + "range; export more in several parts.");
        }
    }
}

/// <summary>One item: a question with its picture, and the expert's answer.</summary>
/// <param name="Prompt">The question with the answer's form.</param>
/// <param name="Answer">Between answer tags.</param>
/// <param name="Png">The picture.</param>
/// <param name="Examples">Solved examples that come before the question.</param>
internal sealed record DatasetItem(string Prompt, string Answer, byte[] Png, DatasetItem[] Examples)
{
    /// <summary>Task, split, seed, hashes, margin.</summary>
    public required JsonObject Facts { get; init; }

    /// <summary>Of the scene.</summary>
    public required ulong SceneHash { get; init; }
}

/// <summary>Where items go.</summary>
internal interface IItemSink
{
    /// <summary>Bytes of the growing file, if there is one.</summary>
    long Length { get; }

    /// <summary>Writes a whole chunk.</summary>
    void Write(int first, DatasetItem[] items);
}
