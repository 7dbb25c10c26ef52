namespace PhysIntuition.Server.Leaderboards;

/// <summary>Where held-out scenes are simulated and drawn: one piece of work at a time, after the calls of sessions,
/// and apart from the server's meters.</summary>
/// <param name="waiting">How many calls of sessions wait for the processor; null: there are no sessions.</param>
internal sealed class HeldoutWork(Func<int>? waiting = null) : IDisposable
{
    private const long Coarse = 64 << 20;   // bytes
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(1);
    private const int MostSteps = 100;      // longer than this nobody has to wait for others

    private readonly SemaphoreSlim _place = new(1);
    private long _allocated;
    private volatile int _awaited;
    private long _scenes;
    private long _shown;

    /// <summary>Bytes that this work has allocated: what a meter of the whole process has to leave out, or its change
    /// around a call would tell what came of the scene.</summary>
    public long Allocated => Interlocked.Read(ref _allocated);

    /// <summary>Bytes allocated for runs that are closed, rounded up to 64 MiB.</summary>
    public long AllocatedByClosed => Interlocked.Read(ref _shown);

    /// <summary>Scenes of runs that are closed.</summary>
    public long ScenesOfClosed => Interlocked.Read(ref _scenes);

    /// <summary>A run was closed: what was done so far may be shown.</summary>
    public void Closed(int scenes)
    {
        Interlocked.Add(ref _scenes, scenes);
        Interlocked.Exchange(ref _shown, RoundUp(Allocated));
    }

    /// <summary>Bytes of the whole process; once there was held-out work rounded up to 64 MiB, far more than any scene
    /// takes.</summary>
    public long Coarsely(long bytes) => Allocated == 0 ? bytes : RoundUp(bytes);

    private static long RoundUp(long bytes) => (bytes + Coarse - 1) / Coarse * Coarse;

    /// <summary>Does a piece of work on a thread of the pool.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="isAhead">Whether nobody waits for it yet: work that somebody waits for comes first.</param>
    /// <param name="cancel">Stops the waiting.</param>
    public async Task<T> RunAsync<T>(Func<T> work, bool isAhead = false, CancellationToken cancel = default)
    {
        Interlocked.Add(ref _awaited, isAhead ? 0 : 1);
        try
        {
            for (var step = 0; step < MostSteps && (waiting?.Invoke() > 0 || (isAhead && _awaited > 0)); step++)
            {
                await Task.Delay(s_step, cancel);
            }

            await _place.WaitAsync(cancel);
            try
            {
                return await Task.Run(() => Measure(work), cancel);
            }
            finally
            {
                _place.Release();
            }
        }
        finally
        {
            Interlocked.Add(ref _awaited, isAhead ? 0 : -1);
        }
    }

    public void Dispose() => _place.Dispose();

    private T Measure<T>(Func<T> work)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            return work();
        }
        finally
        {
            Interlocked.Add(ref _allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }
}
