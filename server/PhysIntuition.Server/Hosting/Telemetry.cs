using System.Net;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace PhysIntuition.Server.Hosting;

/// <summary>Sends metrics, traces and logs to an OpenTelemetry receiver as long as the server runs.</summary>
internal static class Telemetry
{
    /// <summary>Adds what the options ask for; nothing without an address.</summary>
    public static void Add(IServiceCollection services, TelemetryOptions options)
    {
        if (options.OtlpEndpoint.Length == 0)
        {
            return;
        }

        var receiver = new Uri(options.OtlpEndpoint);
        if (receiver.IsLoopback)
        {
            HttpClient.DefaultProxy = new WebProxy();   // This machine has none, and the server calls nobody else.
        }

        services.Configure<MetricReaderOptions>(reader =>
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds =
                (int)options.ExportEvery.TotalMilliseconds);
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("physintuition",
                serviceVersion: ServerDescription.Version, serviceInstanceId: Environment.MachineName))
            .WithMetrics(metrics => metrics.AddMeter(ServerMetrics.MeterName)
                .AddAspNetCoreInstrumentation().AddRuntimeInstrumentation())
            .WithTracing(traces => traces.AddSource(Tracing.SourceName).AddAspNetCoreInstrumentation()
                .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceRatio))))
            .WithLogging(configureBuilder: null, logs => logs.IncludeFormattedMessage = true)
            .UseOtlpExporter(OtlpExportProtocol.Grpc, receiver);
    }
}
