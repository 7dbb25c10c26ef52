using Microsoft.Extensions.Options;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.Options;

namespace PhysIntuition.Server.Sessions;

/// <summary>Counts what all sessions use together, and refuses what goes beyond the limits.</summary>
internal sealed class Quota(IOptions<LimitOptions> options)
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(50);

    private int _sessions;
    private int _slots;
    private int _requests;

    /// <summary>The limits in force.</summary>
    public LimitOptions Limits { get; } = options.Value;

    /// <summary>Open sessions.</summary>
    public int Sessions => Volatile.Read(ref _sessions);

    /// <summary>Slots of all environments.</summary>
    public int Slots => Volatile.Read(ref _slots);

    /// <summary>Requests that wait or run.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Counts one session more.</summary>
    public void AddSession()
    {
        if (Interlocked.Increment(ref _sessions) > Limits.MaxSessions)
        {
            Interlocked.Decrement(ref _sessions);
            Throw.LimitReached(
                $"{LimitOptions.Section}:{nameof(Limits.MaxSessions)}", Limits.MaxSessions, "sessions", s_retry * 20);
        }
    }

    /// <summary>Counts one session less.</summary>
    public void RemoveSession() => Interlocked.Decrement(ref _sessions);

    /// <summary>Counts slots more.</summary>
    public void AddSlots(int count)
    {
        if (Interlocked.Add(ref _slots, count) > Limits.MaxSlots)
        {
            Interlocked.Add(ref _slots, -count);
            Throw.LimitReached($"{LimitOptions.Section}:{nameof(Limits.MaxSlots)}", Limits.MaxSlots, "slots");
        }
    }

    /// <summary>Counts slots less.</summary>
    public void RemoveSlots(int count) => Interlocked.Add(ref _slots, -count);

    /// <summary>Counts one waiting or running request more.</summary>
    public void AddRequest()
    {
        if (Interlocked.Increment(ref _requests) > Limits.MaxRequests)
        {
            Interlocked.Decrement(ref _requests);
            Throw.LimitReached(
                $"{LimitOptions.Section}:{nameof(Limits.MaxRequests)}", Limits.MaxRequests, "request places", s_retry);
        }
    }

    /// <summary>Counts one request less.</summary>
    public void RemoveRequest() => Interlocked.Decrement(ref _requests);

    /// <summary>A request place that is given back on disposal.</summary>
    public Holding TakeRequest()
    {
        AddRequest();
        return new Holding(RemoveRequest);
    }

    /// <summary>Slots that are given back on disposal.</summary>
    public Holding TakeSlots(int count)
    {
        AddSlots(count);
        return new Holding(() => RemoveSlots(count));
    }

    /// <summary>Something counted until it is disposed.</summary>
    public readonly struct Holding(Action release) : IDisposable
    {
        public void Dispose() => release();
    }
}
