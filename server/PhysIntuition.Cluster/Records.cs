using Orleans;

namespace PhysIntuition.Server.Cluster;

/// <summary>What a store holds under one name, and which write put it there.</summary>
/// <typeparam name="T">The content.</typeparam>
[GenerateSerializer]
internal sealed class Stored<T>
{
    /// <summary>New with each write: after a lost reply it tells whether the write arrived.</summary>
    [Id(0)]
    public Guid Write { get; set; }

    /// <summary>What was written.</summary>
    [Id(1)]
    public T? Content { get; set; }
}

/// <summary>A durable session but for what its environments did.</summary>
[GenerateSerializer]
internal sealed class SessionRecord
{
    /// <summary>SHA-256 of the token.</summary>
    [Id(0)]
    public byte[] TokenHash { get; set; } = [];

    /// <summary>What the client calls itself.</summary>
    [Id(1)]
    public string Client { get; set; } = "";

    /// <summary>s without a request after which the session ends.</summary>
    [Id(2)]
    public double LeaseSeconds { get; set; }

    /// <summary>Number of the last environment that was opened.</summary>
    [Id(3)]
    public uint LastEnvironment { get; set; }

    /// <summary>Journals that were ever used.</summary>
    [Id(4)]
    public int Journals { get; set; }

    /// <summary>Open environments, in the order of their numbers.</summary>
    [Id(5)]
    public List<EnvironmentRecord> Environments { get; set; } = [];

    /// <summary>How the session ended, for programs and for people; empty: it is open.</summary>
    [Id(6)]
    public string EndReason { get; set; } = "";

    /// <inheritdoc cref="EndReason"/>
    [Id(7)]
    public string EndMessage { get; set; } = "";

    /// <summary>Id of the API token that opened it; empty: none was asked for.</summary>
    [Id(8)]
    public string Owner { get; set; } = "";
}

/// <summary>How an environment was opened.</summary>
[GenerateSerializer]
internal sealed class EnvironmentRecord
{
    /// <summary>1, 2, 3, ... within its session.</summary>
    [Id(0)]
    public uint Number { get; set; }

    /// <summary>Which of the session's journals it writes.</summary>
    [Id(1)]
    public int Journal { get; set; }

    /// <summary>The client's number for its opening.</summary>
    [Id(2)]
    public ulong CreateId { get; set; }

    /// <summary>Of its slots' first streams.</summary>
    [Id(3)]
    public ulong Seed { get; set; }

    /// <summary>The CreateRequest.</summary>
    [Id(4)]
    public byte[] Create { get; set; } = [];

    /// <summary>ForkRequests with the slots that each took, from the first environment to this one.</summary>
    [Id(5)]
    public List<ForkRecord> Forks { get; set; } = [];
}

/// <summary>A fork on the way from a created environment to another.</summary>
[GenerateSerializer]
internal sealed class ForkRecord
{
    /// <summary>Slots that it has.</summary>
    [Id(0)]
    public int Slots { get; set; }

    /// <summary>The ForkRequest.</summary>
    [Id(1)]
    public byte[] Request { get; set; } = [];
}

/// <summary>Calls that were carried out one after the other and stored together.</summary>
[GenerateSerializer]
internal sealed class JournalRecord
{
    /// <summary>Whose calls; a record of a former environment of the same journal is void; 0: nobody's.</summary>
    [Id(0)]
    public uint Environment { get; set; }

    /// <summary>1, 2, 3, ... within the environment.</summary>
    [Id(1)]
    public long Number { get; set; }

    /// <summary>The batch in which the calls came; one that comes again is not carried out again.</summary>
    [Id(2)]
    public Guid Batch { get; set; }

    /// <summary>RunRequests that changed the environment.</summary>
    [Id(3)]
    public byte[][] Requests { get; set; } = [];

    /// <summary>Where each stood in its batch.</summary>
    [Id(4)]
    public int[] Places { get; set; } = [];

    /// <summary>Of what they answered and what they led to.</summary>
    [Id(5)]
    public ulong Hash { get; set; }
}

/// <summary>An environment after a number of records.</summary>
[GenerateSerializer]
internal sealed class SnapshotRecord
{
    /// <summary>Whose state.</summary>
    [Id(0)]
    public uint Environment { get; set; }

    /// <summary>Records that it stands for.</summary>
    [Id(1)]
    public long Number { get; set; }

    /// <summary>Number of the last numbered request among them; 0: none.</summary>
    [Id(2)]
    public ulong LastStepId { get; set; }

    /// <summary>The slots that have an episode.</summary>
    [Id(3)]
    public int[] Slots { get; set; } = [];

    /// <summary>Their states, as the call Snapshot seals them.</summary>
    [Id(4)]
    public byte[] States { get; set; } = [];
}
