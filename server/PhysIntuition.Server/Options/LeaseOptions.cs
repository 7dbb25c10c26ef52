namespace PhysIntuition.Server.Options;

/// <summary>How long sessions live. Section <c>PhysIntuition:Sessions</c>.</summary>
public sealed record LeaseOptions
{
    /// <summary>Configuration path of this section.</summary>
    public const string Section = "PhysIntuition:Sessions";

    /// <summary>Time without a request after which a session ends, unless its client asks for another.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The same for a session over HTTP whose client has not come back to it yet; many never do.</summary>
    public TimeSpan UnclaimedLease { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest lease that a client may ask for.</summary>
    public TimeSpan MaxLease { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How often expired leases are looked for.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Ended sessions whose end is still explained to whoever comes back.</summary>
    public int Tombstones { get; init; } = 10_000;
}
