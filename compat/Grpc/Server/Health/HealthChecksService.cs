using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.HealthChecks.Internal;

/// <summary>The health service over the application's health checks.</summary>
internal sealed class HealthChecksService : Health.V1.Health.HealthBase
{
    private readonly HealthServiceImpl _published;
    private readonly HealthCheckService _checks;
    private readonly GrpcHealthChecksOptions _options;

    public HealthChecksService(
        HealthServiceImpl published,
        HealthCheckService checks,
        IOptions<GrpcHealthChecksOptions> options,
        IHostApplicationLifetime lifetime)
    {
        _published = published;
        _checks = checks;
        _options = options.Value;
        lifetime.ApplicationStopping.Register(published.CompleteWatchers);
    }

    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        if (_options.UseHealthChecksCache)
        {
            return await _published.Check(request, context).ConfigureAwait(false);
        }

        var mapping = _options.Services.Find(request.Service) ?? throw new RpcException(new Status(
            StatusCode.NotFound, $"Service '{request.Service}' has no health status."));
        var report = await _checks.CheckHealthAsync(mapping.Includes, context.CancellationToken).ConfigureAwait(false);
        return new HealthCheckResponse { Status = HealthPublisher.ToServingStatus(report.Status) };
    }

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        await PublishUnlessPublished(request, context).ConfigureAwait(false);
        await _published.Watch(request, responseStream, context).ConfigureAwait(false);
    }

    // The first report is published seconds after the start; a watcher need not wait for it.
    private async Task PublishUnlessPublished(HealthCheckRequest request, ServerCallContext context)
    {
        if (_options.Services.Find(request.Service) is { } mapping && !_published.Knows(request.Service))
        {
            var report = await _checks.CheckHealthAsync(mapping.Includes, context.CancellationToken)
                .ConfigureAwait(false);
            _published.SetStatus(request.Service, HealthPublisher.ToServingStatus(report.Status));
        }
    }
}
