using System.Threading.RateLimiting;
using PhysIntuition.Server.Faults;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>How many scenes a caller may have opened and scored, weighed by what they cost.</summary>
/// <param name="perSecond">Scenes, with bursts of 150 seconds' worth.</param>
internal sealed class SceneLimit(int perSecond)
{
    private const int ScenesOfACall = 50; // what a run costs besides: nobody shall fill the disk with empty ones
    private const int BurstSeconds = 150;

    private readonly PartitionedRateLimiter<string> _rate = PartitionedRateLimiter.Create<string, string>(
        caller => RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = BurstSeconds * perSecond,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));

    /// <summary>Takes the cost of a call.</summary>
    /// <param name="caller">Whose rate it counts against.</param>
    /// <param name="scenes">How many the call is about; more than a burst counts as a burst.</param>
    public void Take(RunCaller caller, int scenes)
    {
        using var taken = _rate.AttemptAcquire(caller.Key, Math.Min(scenes + ScenesOfACall, BurstSeconds * perSecond));
        if (!taken.IsAcquired)
        {
            Throw.TooFast($"{LeaderboardOptions.Section}:{nameof(LeaderboardOptions.ScenesPerSecond)}",
                taken.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1));
        }
    }
}
