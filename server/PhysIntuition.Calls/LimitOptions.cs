namespace PhysIntuition.Server;

/// <summary>What clients may use. Section <c>PhysIntuition:Limits</c>; beyond it they get RESOURCE_EXHAUSTED.</summary>
public sealed record LimitOptions : ISection
{
    /// <summary>Configuration path of this section.</summary>
    public const string Section = "PhysIntuition:Limits";

    /// <summary>Open sessions; an idle one costs about 1 KB.</summary>
    [Within(1, 10_000_000)]
    public int MaxSessions { get; init; } = 16_384;

    /// <summary>Open connections, over both ports; 0: as many as the process's descriptors (ulimit -n) allow.</summary>
    [Within(0, 10_000_000)]
    public int MaxConnections { get; init; }

    /// <summary>Environments of one session.</summary>
    [Within(1, 1_000_000)]
    public int MaxEnvironmentsPerSession { get; init; } = 64;

    /// <summary>Slots of one environment. A multiple of 16 fills every SIMD lane.</summary>
    [Within(1, 1_000_000)]
    public int MaxSlotsPerEnvironment { get; init; } = 16_384;

    /// <summary>Slots of one session.</summary>
    [Within(1, 100_000_000)]
    public int MaxSlotsPerSession { get; init; } = 65_536;

    /// <summary>Slots of all sessions.</summary>
    [Within(1, 100_000_000)]
    public int MaxSlots { get; init; } = 262_144;

    /// <summary>Longest edge of a picture, pixels.</summary>
    [Within(16, 1024)]
    public int MaxPictureEdge { get; init; } = 1024;

    /// <summary>One message in either direction, bytes.</summary>
    [Within(64 * 1024, int.MaxValue - 64)]
    public int MaxMessageBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Bytes of UTF-8 in one text answer; longer than any completion of a language model.</summary>
    [Within(64, 64_000_000)]
    public int MaxTextBytes { get; init; } = 256 * 1024;

    /// <summary>Requests of one session that wait or run.</summary>
    [Within(1, 1_000_000)]
    public int MaxRequestsPerSession { get; init; } = 256;

    /// <summary>Requests of all sessions that wait or run.</summary>
    [Within(1, 10_000_000)]
    public int MaxRequests { get; init; } = 8192;

    /// <summary>Answers in one Score.</summary>
    [Within(1, 1_000_000)]
    public int MaxScoreAnswers { get; init; } = 16_384;

    /// <summary>Rows in one StreamDataset.</summary>
    [Within(1, int.MaxValue)]
    public int MaxDatasetRows { get; init; } = 10_000_000;

    /// <summary>Replies that an environment keeps for retries.</summary>
    [Within(1, 1024)]
    public int MaxReplayWindow { get; init; } = 64;

    /// <summary>Bytes of observations that the environments of one session may hold in buffers.</summary>
    [Within(1024 * 1024, double.PositiveInfinity)]
    public long MaxBufferBytesPerSession { get; init; } = 4L * 1024 * 1024 * 1024;

    static string ISection.Path => Section;

    // What many share holds at least what one of them may have.
    IEnumerable<SettingFault> ISection.Check()
    {
        if (MaxSlotsPerSession < MaxSlotsPerEnvironment)
        {
            yield return new SettingFault(nameof(MaxSlotsPerSession), MaxSlotsPerSession,
                $"must be at least MaxSlotsPerEnvironment, {MaxSlotsPerEnvironment}");
        }

        if (MaxSlots < MaxSlotsPerSession)
        {
            yield return new SettingFault(
                nameof(MaxSlots), MaxSlots, $"must be at least MaxSlotsPerSession, {MaxSlotsPerSession}");
        }

        if (MaxRequests < MaxRequestsPerSession)
        {
            yield return new SettingFault(
                nameof(MaxRequests), MaxRequests, $"must be at least MaxRequestsPerSession, {MaxRequestsPerSession}");
        }
    }
}

/// <summary>How long sessions live. Section <c>PhysIntuition:Sessions</c>.</summary>
public sealed record LeaseOptions : ISection
{
    /// <summary>Configuration path of this section.</summary>
    public const string Section = "PhysIntuition:Sessions";

    /// <summary>Time without a request after which a session ends, unless its client asks for another.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The same for a session over HTTP whose client has not come back to it yet; many never do.</summary>
    public TimeSpan UnclaimedLease { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest lease that a client may ask for.</summary>
    [Within(1, 30 * 24 * 3600)]
    public TimeSpan MaxLease { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How often expired leases are looked for.</summary>
    [Within(0.01, 3600)]
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Ended sessions whose end is still explained to whoever comes back.</summary>
    [Within(0, 10_000_000)]
    public int Tombstones { get; init; } = 10_000;

    static string ISection.Path => Section;

    IEnumerable<SettingFault> ISection.Check()
    {
        foreach (var (key, lease) in new[] { (nameof(Lease), Lease), (nameof(UnclaimedLease), UnclaimedLease) })
        {
            if (lease < TimeSpan.FromSeconds(1) || lease > MaxLease)
            {
                yield return new SettingFault(key, lease, $"must be in [{TimeSpan.FromSeconds(1)}, {MaxLease}]");
            }
        }
    }
}
