using Grpc.Core;

namespace PhysIntuition.Client;

/// <summary>Calls that cannot reach the server are made again for a while.</summary>
internal static class RetryPolicy
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);

    /// <summary>Makes a call, again and again while the server cannot be reached.</summary>
    /// <param name="call">One attempt; may be carried out more than once.</param>
    /// <param name="limit">For how long.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="EnvironmentException">The server refused, or the time is over.</exception>
    public static async Task<T> TryAsync<T>(
        Func<Task<T>> call, TimeSpan limit, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var pause = s_firstPause;; pause = pause < s_longestPause ? pause * 2 : pause)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (RpcException failure) when (
                failure.StatusCode is not (StatusCode.Unavailable or StatusCode.DeadlineExceeded)
                || TimeProvider.System.GetElapsedTime(start) >= limit)
            {
                throw EnvironmentException.From(failure);
            }
            catch (RpcException)
            {
                await Task.Delay(pause, cancellation).ConfigureAwait(false);
            }
        }
    }
}
