namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Ends a call when its deadline passes.</summary>
internal sealed class ServerDeadline : IDisposable
{
    // A timer takes at most 2^32 - 2 ms; longer deadlines arm it again.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(40);

    private readonly HttpServerCallContext _call;
    private readonly Timer _timer;

    internal ServerDeadline(HttpServerCallContext call, TimeSpan timeout)
    {
        _call = call;
        Time = DateTime.UtcNow + timeout;
        _timer = new Timer(static state => ((ServerDeadline)state!).OnTimer(), this, -1, -1);
        Arm(timeout);
    }

    /// <summary>The deadline, UTC.</summary>
    internal DateTime Time { get; }

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        var left = Time - DateTime.UtcNow;
        if (left <= TimeSpan.Zero)
        {
            _call.Expire();
        }
        else
        {
            Arm(left);
        }
    }

    // One millisecond more than asked: timers count whole milliseconds and must not fire early.
    private void Arm(TimeSpan left)
    {
        try
        {
            _timer.Change(
                (left < s_longestWait ? left : s_longestWait) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The call ended between the timer and here.
        }
    }
}
