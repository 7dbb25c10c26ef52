namespace PhysIntuition.Environments.Datasets;

/// <summary>Whose rules a dataset follows on disk; docs/datasets.md says how each is loaded.</summary>
public enum ExportFormat
{
    /// <summary>metadata.jsonl and pictures/, a Hugging Face image folder: prompt, completion, images.</summary>
    Trl,

    /// <summary>data.jsonl and pictures/: messages with &lt;image&gt; in them, and the pictures' whole paths.</summary>
    MsSwift,

    /// <summary>data.jsonl, pictures/ and dataset_info.json: messages with &lt;image&gt; in them.</summary>
    LlamaFactory,

    /// <summary>shard-000000.tar and so on, each item a picture and a .json of one key.</summary>
    WebDataset,

    /// <summary>part-000000.parquet and so on: one table with the pictures inside.</summary>
    Parquet,

    /// <summary>data.jsonl and pictures/: one flat row an item, for tools of one's own.</summary>
    Jsonl,
}

/// <summary>Formats by the names that the command line takes.</summary>
public static class ExportFormats
{
    /// <summary>Formats as the command line spells them, in the order of <see cref="ExportFormat"/>.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["trl", "ms-swift", "llama-factory", "webdataset", "parquet", "jsonl"];

    /// <summary>The format of a name; capitals do not matter.</summary>
    /// <exception cref="PhysIntuitionException">There is none of that name; the message lists them.</exception>
    public static ExportFormat Find(string name)
    {
        var index = Names.ToList().FindIndex(known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        return index >= 0 ? (ExportFormat)index : throw new PhysIntuitionException(Fault.InvalidArgument, "format",
            $"'format' is '{name}'; there is {string.Join(", ", Names)}. Choose one of these."
            + KnownNames.Hint(name, Names));
    }
}

/// <summary>How the pictures of a dataset are packed.</summary>
public enum PictureFile
{
    /// <summary>Lossless; the same bytes on every machine.</summary>
    Png,

    /// <summary>A third of a PNG's bytes at quality 90.</summary>
    Jpeg,

    /// <summary>An eighth of a PNG's bytes at quality 90; lossless at 100.</summary>
    Webp,
}

/// <summary>What is exported, and where to.</summary>
public sealed record ExportOptions
{
    /// <summary>Most items in one dataset.</summary>
    public const int MaxItems = 10_000_000;

    /// <summary>
    /// The folder; made if it is not there. An unfinished or smaller export of the same in it goes on where it stopped.
    /// </summary>
    public required string Folder { get; init; }

    /// <summary>How it lies on disk.</summary>
    public ExportFormat Format { get; init; }

    /// <summary>How pictures are packed.</summary>
    public PictureFile Pictures { get; init; }

    /// <summary>Of JPEG and WebP, 1 to 100.</summary>
    public int Quality { get; init; } = 90;

    /// <summary>The split, and perhaps a suite. Held-out scenes are never exported.</summary>
    public SplitChoice Choice { get; init; } = new(Split.Train, null);

    /// <summary>The task's options; null takes the defaults.</summary>
    public TaskOptions? Task { get; init; }

    /// <summary>Item i is seed FirstSeed + i.</summary>
    public ulong FirstSeed { get; init; }

    /// <summary>In [1, <see cref="MaxItems"/>].</summary>
    public int Items { get; init; } = 1000;

    /// <summary>The command that leads here again; goes onto the data card.</summary>
    public string Command { get; init; } = "";

    /// <summary>The file that grows by a row an item; null where items lie in shards.</summary>
    internal string? RowFile => Format switch
    {
        ExportFormat.Trl => "metadata.jsonl",   // the name that Hugging Face's image folders look for
        ExportFormat.WebDataset or ExportFormat.Parquet => null,
        _ => "data.jsonl",
    };

    /// <summary>The name of an item's picture below the folder, or of its example's; a thousand to a folder.</summary>
    /// <param name="index">Of the item.</param>
    /// <param name="example">1, 2, ...; 0 is the item's own.</param>
    internal string PictureName(int index, int example) =>
        $"pictures/{index / 1000:d4}/{index:d7}{(example > 0 ? $"-{example}" : "")}.{PictureEnding}";

    /// <summary>The name of a shard.</summary>
    internal string ShardName(int shard) =>
        Format == ExportFormat.Parquet ? $"part-{shard:d6}.parquet" : $"shard-{shard:d6}.tar";

    /// <summary>What a picture's name ends in, without the dot.</summary>
    internal string PictureEnding => Pictures switch
    {
        PictureFile.Jpeg => "jpg", PictureFile.Webp => "webp", _ => "png",
    };
}
