using System.Diagnostics;
using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Aborts a call when its deadline passes.</summary>
internal sealed class CallDeadline : IDisposable
{
    // A timer takes at most 2^32 - 2 ms; longer deadlines arm it again.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(40);

    private readonly GrpcCall _call;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TimeSpan _timeout;
    private Timer? _timer;

    internal CallDeadline(GrpcCall call, DateTime deadline)
    {
        _call = call;
        var time = deadline.Kind == DateTimeKind.Local ? deadline.ToUniversalTime() : deadline;
        _timeout = time == DateTime.MaxValue ? Timeout.InfiniteTimeSpan : time - DateTime.UtcNow;
    }

    /// <summary>The time until the deadline; null when there is none, zero or less when it passed.</summary>
    internal TimeSpan? TimeLeft =>
        _timeout == Timeout.InfiniteTimeSpan ? null : _timeout - Stopwatch.GetElapsedTime(_start);

    public void Dispose() => _timer?.Dispose();

    internal void Start()
    {
        if (TimeLeft is not { } left)
        {
            return;
        }

        if (left <= TimeSpan.Zero)
        {
            Expire();
            return;
        }

        _timer = new Timer(static state => ((CallDeadline)state!).OnTimer(), this, -1, -1);
        Arm(left);
    }

    private void OnTimer()
    {
        var left = TimeLeft!.Value;
        if (left <= TimeSpan.Zero)
        {
            Expire();
        }
        else if (!_call.HasEnded)
        {
            Arm(left);
        }
    }

    // One millisecond more than asked: timers count whole milliseconds and must not fire early.
    private void Arm(TimeSpan left)
    {
        try
        {
            var wait = left < s_longestWait ? left : s_longestWait;
            _timer!.Change(wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The call ended between the check and here.
        }
    }

    private void Expire() =>
        _call.Abort(new Status(StatusCode.DeadlineExceeded, "The deadline passed before the call completed."));
}
