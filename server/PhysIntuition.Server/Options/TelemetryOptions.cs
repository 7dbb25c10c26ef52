namespace PhysIntuition.Server.Options;

/// <summary>Where metrics, traces and logs go. Section <c>PhysIntuition:Telemetry</c>.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Configuration path of this section.</summary>
    public const string Section = "PhysIntuition:Telemetry";

    /// <summary>Address of an OpenTelemetry receiver, OTLP over gRPC; empty: nothing is sent.</summary>
    public string OtlpEndpoint { get; init; } = "";

    /// <summary>How often metrics are sent.</summary>
    public TimeSpan ExportEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Part of the calls that is traced, 0 to 1; a call whose client traces it is traced always.</summary>
    public double TraceRatio { get; init; } = 0.01;
}
