namespace PhysIntuition.Server;

/// <summary>Where metrics, traces and logs go. Section <c>PhysIntuition:Telemetry</c>.</summary>
public sealed record TelemetryOptions : ISection
{
    /// <summary>Configuration path of this section.</summary>
    public const string Section = "PhysIntuition:Telemetry";

    /// <summary>Address of an OpenTelemetry receiver, OTLP over gRPC; empty: nothing is sent.</summary>
    public string OtlpEndpoint { get; init; } = "";

    /// <summary>How often metrics are sent.</summary>
    [Within(0.1, 3600)]
    public TimeSpan ExportEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Part of the calls that is traced, 0 to 1; a call whose client traces it is traced always.</summary>
    [Within(0, 1)]
    public double TraceRatio { get; init; } = 0.01;

    static string ISection.Path => Section;

    IEnumerable<SettingFault> ISection.Check()
    {
        var isAddress = Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var address) &&
            address.Scheme is "http" or "https";
        if (OtlpEndpoint.Length > 0 && !isAddress)
        {
            yield return new SettingFault(
                nameof(OtlpEndpoint), OtlpEndpoint, "must be an address such as http://127.0.0.1:4317, or empty");
        }
    }
}
