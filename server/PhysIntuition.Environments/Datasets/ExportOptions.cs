using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Splits;

namespace PhysIntuition.Environments.Datasets;

/// <summary>How a dataset lies on disk.</summary>
public enum ExportFormat
{
    /// <summary>data.jsonl in the chat form that SFT trainers take, and PNG files under pictures/.</summary>
    Chat,

    /// <summary>WebDataset: shard-000000.tar and so on, each item a .png and a .json of one key.</summary>
    WebDataset,
}

/// <summary>What is exported, and where to.</summary>
public sealed record ExportOptions
{
    /// <summary>Most items in one dataset.</summary>
    public const int MaxItems = 10_000_000;

    /// <summary>The folder; made if it is not there. An unfinished export in it goes on where it stopped.</summary>
    public required string Folder { get; init; }

    /// <summary>How it lies on disk.</summary>
    public ExportFormat Format { get; init; }

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
}
