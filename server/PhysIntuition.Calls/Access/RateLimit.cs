namespace PhysIntuition.Server.Access;

/// <summary>A steady rate with bursts of one second's worth: the generic cell rate algorithm (ITU-T I.371).</summary>
internal sealed class RateLimit(double perSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly double _interval = 1 / perSecond;      // s between requests at the steady rate
    private readonly double _burst = Math.Max(0, 1 - (1 / perSecond));   // s that a caller may be ahead of it
    private readonly long _start = time.GetTimestamp();
    private double _next;                                   // when the next request would be on time, s after start

    /// <summary>Takes a place if there is one.</summary>
    /// <returns>How long to wait before the next try; null: the place is taken.</returns>
    public TimeSpan? TryTake()
    {
        lock (_lock)
        {
            var now = time.GetElapsedTime(_start).TotalSeconds;
            var ahead = Math.Max(_next - now, 0);
            if (ahead > _burst + 1e-9)
            {
                return TimeSpan.FromSeconds(ahead - _burst);
            }

            _next = now + ahead + _interval;
            return null;
        }
    }
}
