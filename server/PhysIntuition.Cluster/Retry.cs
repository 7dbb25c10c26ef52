namespace PhysIntuition.Server.Cluster;

/// <summary>Asks again, after pauses that double, for as long as its patience lasts.</summary>
/// <param name="patience">From the first try on.</param>
/// <param name="longestPause">Between two tries.</param>
/// <param name="time">The clock.</param>
internal sealed class Retry(TimeSpan patience, TimeSpan longestPause, TimeProvider time)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(20);

    /// <summary>From the first try on.</summary>
    public TimeSpan Patience => patience;

    /// <summary>Between two tries; whoever was given up on may be asked again after it.</summary>
    public TimeSpan LongestPause => longestPause;

    /// <summary>Makes a call until it succeeds.</summary>
    /// <param name="call">Safe to repeat.</param>
    /// <param name="isPassing">Whether another try may help.</param>
    /// <param name="giveUp">What is told once patience is at its end.</param>
    /// <param name="retrying">Told before each further try; null: nobody.</param>
    public async Task<T> RunAsync<T>(
        Func<Task<T>> call, Func<Exception, bool> isPassing, Func<Exception, Exception> giveUp, Action? retrying = null)
    {
        var start = time.GetTimestamp();
        for (var pause = s_firstPause; ; pause = pause * 2 < longestPause ? pause * 2 : longestPause)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (Exception failure) when (isPassing(failure))
            {
                if (time.GetElapsedTime(start) >= patience)
                {
                    throw giveUp(failure);
                }

                retrying?.Invoke();
                await Task.Delay(pause, time).ConfigureAwait(false);
            }
        }
    }
}
