using PhysIntuition.Environments.Options;

namespace PhysIntuition.Server;

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
