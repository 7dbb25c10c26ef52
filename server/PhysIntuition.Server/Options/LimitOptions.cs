namespace PhysIntuition.Server.Options;

/// <summary>What clients may use. Section <c>PhysIntuition:Limits</c>; beyond it they get RESOURCE_EXHAUSTED.</summary>
public sealed record LimitOptions
{
    /// <summary>Configuration path of this section.</summary>
    public const string Section = "PhysIntuition:Limits";

    /// <summary>Open sessions; an idle one costs about 1 KB.</summary>
    public int MaxSessions { get; init; } = 16_384;

    /// <summary>Environments of one session.</summary>
    public int MaxEnvironmentsPerSession { get; init; } = 64;

    /// <summary>Slots of one environment. A multiple of 16 fills every SIMD lane.</summary>
    public int MaxSlotsPerEnvironment { get; init; } = 16_384;

    /// <summary>Slots of one session.</summary>
    public int MaxSlotsPerSession { get; init; } = 65_536;

    /// <summary>Slots of all sessions.</summary>
    public int MaxSlots { get; init; } = 262_144;

    /// <summary>Longest edge of a picture, pixels.</summary>
    public int MaxPictureEdge { get; init; } = 1024;

    /// <summary>One message in either direction, bytes.</summary>
    public int MaxMessageBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Bytes of UTF-8 in one text answer; longer than any completion of a language model.</summary>
    public int MaxTextBytes { get; init; } = 256 * 1024;

    /// <summary>Requests of one session that wait or run.</summary>
    public int MaxRequestsPerSession { get; init; } = 256;

    /// <summary>Requests of all sessions that wait or run.</summary>
    public int MaxRequests { get; init; } = 8192;

    /// <summary>Answers in one Score.</summary>
    public int MaxScoreAnswers { get; init; } = 16_384;

    /// <summary>Rows in one StreamDataset.</summary>
    public int MaxDatasetRows { get; init; } = 10_000_000;

    /// <summary>Replies that an environment keeps for retries.</summary>
    public int MaxReplayWindow { get; init; } = 64;

    /// <summary>Bytes of observations that the environments of one session may hold in buffers.</summary>
    public long MaxBufferBytesPerSession { get; init; } = 4L * 1024 * 1024 * 1024;
}
