using Microsoft.Extensions.Diagnostics.HealthChecks;
using PhysIntuition.Faults;

namespace PhysIntuition.Server.Hosting;

/// <summary>Whether the server is on its way out: health says so first, then new work is refused.</summary>
internal sealed class Drain(IHostApplicationLifetime lifetime) : IHealthCheck
{
    /// <summary>Fires when the server was told to stop.</summary>
    public CancellationToken Started => lifetime.ApplicationStopping;

    /// <summary>Refuses new sessions, environments and streams once the drain has begun.</summary>
    /// <exception cref="PhysIntuitionException">The server drains.</exception>
    public void ThrowIfStarted()
    {
        if (Started.IsCancellationRequested)
        {
            throw ToException();
        }
    }

    /// <summary>What callers are told.</summary>
    public static PhysIntuitionException ToException() => new(Fault.Unavailable, "",
        "The server is shutting down. Go on at another server, or retry here after its restart.")
    {
        Reason = "DRAINING",
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Started.IsCancellationRequested
            ? HealthCheckResult.Unhealthy("The server is shutting down.")
            : HealthCheckResult.Healthy());
}
