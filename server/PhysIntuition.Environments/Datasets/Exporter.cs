using System.Buffers;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Environments.Datasets;

/// <summary>Writes a split as a dataset: pictures, prompts, the expert's answers, and a data card.</summary>
/// <remarks>
/// Items are made in chunks. A shard is written while the next chunk is made, a picture with a file of its own by the
/// thread that has drawn it. A chunk counts wholly or not at all, so an export that was stopped goes on with the chunk
/// where it stopped, and one that is asked for more items keeps those that it has.
/// </remarks>
public sealed class Exporter
{
    /// <summary>Items that are made and written together.</summary>
    public const int ChunkItems = 256;

    private const int ArrangedItems = 4 * ChunkItems;   // at once: a small batch ends with few worlds in the lanes
    private const int DrawnAtOnce = 64;                 // through one buffer

    private readonly ITask _task;
    private readonly ExportOptions _options;
    private readonly TaskOptions _taskOptions;
    private readonly ISimulator _simulator;
    private readonly IRenderer _renderer;
    private EnvironmentBatch _batch;
    private int _arranged = -1;   // the item in its first slot
    private byte[] _pixels = [];

    /// <summary>Prepares an export.</summary>
    /// <exception cref="PhysIntuitionException">An option is out of range, or the split is held out.</exception>
    public Exporter(ITask task, ExportOptions options, ISimulator simulator, IRenderer renderer)
    {
        Check(options);
        (_task, _options, _simulator, _renderer) = (task, options, simulator, renderer);
        _taskOptions = options.Choice.Apply(options.Task ?? OptionsReader.DefaultsOf(task.Spec));
        _batch = Open(Math.Min(ArrangedItems, options.Items));
    }

    /// <summary>Exports what is not yet there.</summary>
    /// <param name="progress">Told the number of finished items after each chunk.</param>
    /// <param name="cancellation">Stops between chunks; the next export of the same options goes on.</param>
    public void Run(IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        using var ledger = ExportLedger.Open(_options, _task.Spec.Id, OptionsReader.Write(_taskOptions));
        var hasShards = _options.RowFile is null;
        Task? writing = null;   // the chunk before, while the next one is made
        try
        {
            for (var first = ledger.State.Items; first < _options.Items;)
            {
                cancellation.ThrowIfCancellationRequested();
                var (start, count) = (first, Math.Min(ChunkItems - (first % ChunkItems), _options.Items - first));
                Arrange(first);
                if (!hasShards)
                {
                    Begin();   // before its pictures are there
                }

                var items = Make(ledger, first, count);
                if (hasShards)
                {
                    Begin();
                }

                writing = Task.Run(() => Write(ledger, start, items), CancellationToken.None);
                first += count;

                void Begin()
                {
                    Await(writing, ledger, progress);
                    cancellation.ThrowIfCancellationRequested();
                    ledger.Begin(start + count);
                }
            }

            Await(writing, ledger, progress);
        }
        finally
        {
            // Whatever else went wrong, nothing is written once the ledger is closed.
            writing?.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }

        if (_options.Format == ExportFormat.LlamaFactory)
        {
            ledger.SavePage("dataset_info.json", DataCard.DatasetInfo(_task));
        }

        ledger.SavePage("README.md", DataCard.Write(
            _task, _options, OptionsReader.Write(_taskOptions), ledger.State, _simulator.Name, _renderer.Name));
    }

    private static void Await(Task? writing, ExportLedger ledger, IProgress<int>? progress)
    {
        if (writing is not null)
        {
            writing.GetAwaiter().GetResult();
            progress?.Report(ledger.State.Items);
        }
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

    // Worlds of several chunks at once.
    private void Arrange(int first)
    {
        if (_arranged < 0 || first < _arranged || first >= _arranged + _batch.Slots)
        {
            var slots = Math.Min(ArrangedItems - (first % ArrangedItems), _options.Items - first);
            (_batch, _arranged) = (slots == _batch.Slots ? _batch : Open(slots), -1);
            _batch.Reset(_options.FirstSeed + (ulong)first);
            _arranged = first;
        }
    }

    private DatasetItem[] Make(ExportLedger ledger, int first, int count)
    {
        var start = first - _arranged;
        var pictures = Draw(ledger, _batch, start, count, i => _options.PictureName(first + i, 0));
        var items = new DatasetItem[count];
        for (var i = 0; i < count; i++)
        {
            var examples = _taskOptions.Examples > 0 ? ExamplesOf(ledger, start + i, first + i) : [];
            items[i] = ItemOf(_batch, start + i, pictures[i], examples);
        }

        return items;
    }

    private DatasetItem[] ExamplesOf(ExportLedger ledger, int slot, int item)
    {
        var examples = ExampleBatch.Open(_batch, slot);
        var pictures = Draw(ledger, examples, 0, examples.Slots, i => _options.PictureName(item, i + 1));

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

    private byte[][] Draw(ExportLedger ledger, EnvironmentBatch batch, int first, int count, Func<int, string> nameOf)
    {
        var format = new FrameFormat(_taskOptions.PictureWidth, _taskOptions.PictureHeight);
        var size = format.BytesOf(Channels.Rgb);
        var files = new byte[count][];
        for (var done = 0; done < count; done += DrawnAtOnce)
        {
            int[] slots = [.. Enumerable.Range(first + done, Math.Min(DrawnAtOnce, count - done))];
            if (_pixels.Length < slots.Length * size)
            {
                _pixels = new byte[slots.Length * size];
            }

            var start = done;
            batch.View.Render(slots, format, new FrameBuffers
            {
                Rgb = _pixels, Drawn = i => files[start + i] = Keep(_pixels.AsSpan(i * size, size), start + i),
            });
        }

        return files;

        // While it is in the processor's cache: in a file already where it has one of its own, else as it goes there.
        byte[] Keep(ReadOnlySpan<byte> rgb, int index)
        {
            if (_options.RowFile is null)
            {
                return Encode(rgb);
            }

            Save(ledger, nameOf(index), rgb);
            return [];
        }
    }

    private void Save(ExportLedger ledger, string name, ReadOnlySpan<byte> rgb)
    {
        if (_options.Pictures != PictureFile.Png)
        {
            ledger.Save(name, Encode(rgb));
            return;
        }

        var (width, height) = (_taskOptions.PictureWidth, _taskOptions.PictureHeight);
        var file = ArrayPool<byte>.Shared.Rent(PngEncoder.MaxBytes(width, height, PixelFormat.Rgb8));
        ledger.Save(name, file.AsSpan(0, PngEncoder.Encode(rgb, width, height, PixelFormat.Rgb8, file)));
        ArrayPool<byte>.Shared.Return(file);
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
