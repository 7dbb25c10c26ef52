using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Datasets;

/// <summary>Writes a split as a dataset: pictures, prompts, the expert's answers, and a data card.</summary>
/// <remarks>
/// Items are made in chunks, side by side; a chunk is either wholly on disk or not at all, so an export that was
/// stopped goes on with the chunk where it stopped, and one that is asked for more items keeps those that it has.
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
        using var ledger = ExportLedger.Open(_options, _task.Spec.Id, OptionsReader.Write(_taskOptions));
        for (var first = ledger.State.Items; first < _options.Items; first = ledger.State.Items)
        {
            cancellation.ThrowIfCancellationRequested();
            var items = Make(first, Math.Min(ChunkItems - (first % ChunkItems), _options.Items - first));
            ledger.Begin(first + items.Length);
            Write(ledger, first, items);
            progress?.Report(ledger.State.Items);
        }

        if (_options.Format == ExportFormat.LlamaFactory)
        {
            ledger.SavePage("dataset_info.json", DataCard.DatasetInfo(_task));
        }

        ledger.SavePage("README.md", DataCard.Write(
            _task, _options, OptionsReader.Write(_taskOptions), ledger.State, _simulator.Name, _renderer.Name));
    }

    private void Write(ExportLedger ledger, int first, DatasetItem[] items)
    {
        switch (_options.Format)
        {
            case ExportFormat.WebDataset:
                TarSink.Write(ledger, _options, first, items);
                break;
            case ExportFormat.Parquet:
                ParquetSink.Write(ledger, _options, first, items);
                break;
            default:
                RowSink.Write(ledger, _options, first, items);
                break;
        }

        ledger.Commit(items, isShard: _options.RowFile is null);
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

    private DatasetItem ItemOf(EnvironmentBatch batch, int slot, byte[] picture, DatasetItem[] examples)
    {
        var episode = batch.View.Episode(slot);
        var margin = episode.State.Margin;

        return new(batch.View.Prompt(slot), batch.View.Expert(slot), picture, examples)
        {
            Facts = new(
                _task.Spec.Id, _options.Choice.Name, episode.Seed, episode.SceneHash, episode.OutcomeHash,
                episode.World.Bodies.Count, float.IsNaN(margin) ? null : Math.Round(margin, 4)),
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
        Parallel.For(0, files.Length, i => files[i] = Encode(rgb.AsSpan(i * size, size)));

        return files;
    }

    private byte[] Encode(ReadOnlySpan<byte> rgb)
    {
        var (width, height, quality) = (_taskOptions.PictureWidth, _taskOptions.PictureHeight, _options.Quality);
        return _options.Pictures switch
        {
            PictureFile.Jpeg => JpegEncoder.Encode(rgb, width, height, quality),
            PictureFile.Webp => WebpEncoder.Encode(rgb, width, height, quality),
            _ => PngEncoder.Encode(rgb, width, height),
        };
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

        if (options.Quality is < 1 or > 100)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "quality",
                $"'quality' is {options.Quality}; it must lie in [1, 100]. Choose 90.");
        }
    }
}
