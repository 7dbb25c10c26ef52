using System.Threading.RateLimiting;
using PhysIntuition.Server.Faults;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>How often and how many at a time a run may be looked at.</summary>
/// <param name="perSecond">Pictures of 224 x 224; bursts of four seconds' worth.</param>
internal sealed class LookLimit(int perSecond)
{
    private const int MostAtOnce = 32;
    private const int BurstSeconds = 4;

    private readonly PartitionedRateLimiter<string> _rate = PartitionedRateLimiter.Create<string, string>(
        run => RateLimitPartition.GetTokenBucketLimiter(run, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = BurstSeconds * perSecond,
            TokensPerPeriod = Math.Max(1, perSecond / 10),
            ReplenishmentPeriod = TimeSpan.FromSeconds(0.1),
            QueueLimit = 0,
        }));

    private readonly PartitionedRateLimiter<string> _places = PartitionedRateLimiter.Create<string, string>(
        run => RateLimitPartition.GetConcurrencyLimiter(run, _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = MostAtOnce,
            QueueLimit = 0,
        }));

    /// <summary>Takes a place until it is disposed.</summary>
    /// <param name="run">Whose scenes are looked at.</param>
    /// <param name="pictures">What the look costs; more than a burst counts as a burst.</param>
    public IDisposable Take(string run, int pictures)
    {
        var place = _places.AttemptAcquire(run);
        if (!place.IsAcquired)
        {
            Throw.LimitReached("looks at a run at a time", MostAtOnce, "places", TimeSpan.FromMilliseconds(50));
        }

        using var taken = _rate.AttemptAcquire(run, Math.Min(pictures, BurstSeconds * perSecond));
        if (!taken.IsAcquired)
        {
            place.Dispose();
            Throw.TooFast($"{LeaderboardOptions.Section}:{nameof(LeaderboardOptions.LooksPerSecond)}",
                taken.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1));
        }

        return place;
    }
}
