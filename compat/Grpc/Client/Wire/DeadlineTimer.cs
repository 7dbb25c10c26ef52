using System.Diagnostics;

namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>Calls back once when a call's time is over; counts on the monotonic clock.</summary>
internal sealed class DeadlineTimer(TimeSpan timeout, Action<object> onPassed, object state) : IDisposable
{
    // A timer takes at most 2^32 - 2 ms; longer deadlines arm it again.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(40);

    private readonly long _start = Stopwatch.GetTimestamp();
    private Timer? _timer;

    /// <summary>The time left, zero or less when it is over.</summary>
    internal TimeSpan TimeLeft => timeout - Stopwatch.GetElapsedTime(_start);

    public void Dispose() => _timer?.Dispose();

    /// <summary>Starts to wait; calls back at once when the time is over already.</summary>
    internal void Start()
    {
        if (TimeLeft <= TimeSpan.Zero)
        {
            onPassed(state);
            return;
        }

        _timer = new Timer(static timer => ((DeadlineTimer)timer!).OnTimer(), this, -1, -1);
        Arm(TimeLeft);
    }

    private void OnTimer()
    {
        var left = TimeLeft;
        if (left <= TimeSpan.Zero)
        {
            onPassed(state);
        }
        else
        {
            Arm(left);
        }
    }

    // One millisecond more than asked: timers count whole milliseconds and must not fire early.
    private void Arm(TimeSpan left)
    {
        var wait = left <= TimeSpan.Zero ? TimeSpan.Zero : left < s_longestWait ? left : s_longestWait;
        try
        {
            _timer!.Change(wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The call ended between the timer and here.
        }
    }
}
