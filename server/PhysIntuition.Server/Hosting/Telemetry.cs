using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PhysIntuition.Server.Options;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.Server.Services;

namespace PhysIntuition.Server.Hosting;

/// <summary>Sends metrics, traces and logs to an OpenTelemetry receiver as long as the server runs.</summary>
internal sealed class Telemetry(TelemetryOptions options) : IHostedService
{
    private const string ServiceName = "physintuition";
    private const string RequestSource = "Microsoft.AspNetCore"; // one span a request, parent of the calls' spans

    private MeterProvider? _meters;
    private TracerProvider? _traces;

    /// <summary>Adds what the options ask for; nothing without an address.</summary>
    public static void Add(IServiceCollection services, TelemetryOptions options)
    {
        if (options.OtlpEndpoint.Length == 0)
        {
            return;
        }

        services.AddSingleton<IHostedService>(new Telemetry(options));
        services.AddLogging(logging => logging.AddOpenTelemetry(logs =>
        {
            logs.IncludeFormattedMessage = true;
            logs.SetResourceBuilder(Resource());
            logs.AddOtlpExporter(otlp => Address(otlp, options));
        }));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(Resource())
            .AddMeter(ServerMetrics.MeterName)
            .AddOtlpExporter((otlp, reader) =>
            {
                Address(otlp, options);
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds =
                    (int)options.ExportEvery.TotalMilliseconds;
            })
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(Resource())
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceRatio)))
            .AddSource(Tracing.SourceName, RequestSource)
            .AddOtlpExporter(otlp => Address(otlp, options))
            .Build();
        return Task.CompletedTask;
    }

    // Disposing sends what is left.
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _meters?.Dispose();
        _traces?.Dispose();
        return Task.CompletedTask;
    }

    private static ResourceBuilder Resource() => ResourceBuilder.CreateDefault()
        .AddService(ServiceName, serviceVersion: ServerDescription.Version, serviceInstanceId: Environment.MachineName);

    private static void Address(OtlpExporterOptions otlp, TelemetryOptions options) =>
        (otlp.Endpoint, otlp.Protocol) = (new Uri(options.OtlpEndpoint), OtlpExportProtocol.Grpc);
}
