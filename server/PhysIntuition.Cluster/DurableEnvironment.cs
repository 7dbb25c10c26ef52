using PhysIntuition.Server.Batches;

namespace PhysIntuition.Server.Cluster;

/// <summary>An environment of a durable session in memory, and how far its journal goes.</summary>
/// <param name="record">How it was opened.</param>
/// <param name="environment">The episodes.</param>
/// <param name="journal">What it did.</param>
internal sealed class DurableEnvironment(EnvironmentRecord record, HostedEnvironment environment, Journal journal)
{
    /// <summary>How it was opened.</summary>
    public EnvironmentRecord Record => record;

    /// <summary>The episodes.</summary>
    public HostedEnvironment Environment => environment;

    /// <summary>What it did.</summary>
    public Journal Journal => journal;

    /// <summary>One batch of calls at a time: carried out, stored, answered.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>Number of the last record.</summary>
    public long Number { get; set; }

    /// <summary>Records that the snapshot in the store stands for.</summary>
    public long SnapshotNumber { get; set; }

    /// <summary>Calls since the last snapshot was captured.</summary>
    public int Calls { get; set; }

    /// <summary>Captured, and not yet in the store: replies that may be asked for again lie behind it.</summary>
    public SnapshotRecord? Captured { get; set; }

    /// <summary>The last batch that changed something, by name and by place.</summary>
    public (Guid Name, Dictionary<int, byte[]> Replies) Last { get; set; } = (Guid.Empty, []);

    /// <summary>Whether the captured snapshot may replace what lies before it.</summary>
    /// <remarks>Every reply that the replay window keeps must follow from the records behind the snapshot.</remarks>
    public bool MayStoreCaptured => Captured is { } captured && (captured.LastStepId == 0 ||
        environment.Window.Last - captured.LastStepId >= (ulong)environment.Window.Capacity ||
        Number - SnapshotNumber >= Journal.Capacity - 2);
}
