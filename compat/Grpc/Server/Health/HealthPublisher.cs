using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.HealthChecks.Internal;

/// <summary>Takes the application's periodic health reports over into the health service.</summary>
internal sealed class HealthPublisher(HealthServiceImpl service, IOptions<GrpcHealthChecksOptions> options)
    : IHealthCheckPublisher
{
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        foreach (var mapping in options.Value.Services)
        {
            var worst = report.Entries
                .Where(entry => mapping.Includes(entry.Key, entry.Value.Tags))
                .Select(entry => entry.Value.Status)
                .DefaultIfEmpty(HealthStatus.Healthy)
                .Min();
            service.SetStatus(mapping.Name, ToServingStatus(worst));
        }

        return Task.CompletedTask;
    }

    internal static HealthCheckResponse.Types.ServingStatus ToServingStatus(HealthStatus status) =>
        status == HealthStatus.Unhealthy
            ? HealthCheckResponse.Types.ServingStatus.NotServing
            : HealthCheckResponse.Types.ServingStatus.Serving;
}
