using Microsoft.Extensions.Diagnostics.HealthChecks;
using PhysIntuition.Server.Services;

namespace PhysIntuition.Server.Hosting;

/// <summary>Tells load balancers that the server is on its way out, before it refuses anything.</summary>
internal sealed class DrainHealth(Drain drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(drain.Started.IsCancellationRequested
            ? HealthCheckResult.Unhealthy("The server is shutting down.")
            : HealthCheckResult.Healthy());
}
