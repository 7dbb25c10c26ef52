using System.Net;
using Microsoft.Extensions.Options;
using PhysIntuition.Server.Hosting;

namespace PhysIntuition.Server.Options;

/// <summary>Checks <see cref="ListenOptions"/> at the start.</summary>
internal sealed class ListenOptionsValidator : IValidateOptions<ListenOptions>
{
    public ValidateOptionsResult Validate(string? name, ListenOptions options)
    {
        var faults = new FaultList(ListenOptions.Section);
        var isAddress = IPAddress.TryParse(options.Address, out var address);
        var hasTls = options.Certificate.Length > 0;

        faults.Require(isAddress, "Address", options.Address, "must be an IP address such as 127.0.0.1 or 0.0.0.0");
        faults.Range("Port", options.Port, 0, 65_535);
        faults.Range("HttpPort", options.HttpPort ?? 0, -1, 65_535);
        faults.Range("DrainTime", options.DrainTime, TimeSpan.Zero, TimeSpan.FromHours(1));
        faults.Require(
            !isAddress || IPAddress.IsLoopback(address!) || hasTls || options.AllowPlaintext, "Address",
            options.Address, "is open to other machines: set Certificate and CertificateKey, or AllowPlaintext=true " +
            "behind a proxy that terminates TLS");
        faults.Require(
            !isAddress || IPAddress.IsLoopback(address!) || options.TokenFile.Length > 0 || options.AllowAnonymous,
            "Address", options.Address,
            "is open to other machines: set TokenFile (see `physintuition tokens`), or AllowAnonymous=true");
        foreach (var origin in Origins.Parse(options.Origins))
        {
            faults.Require(Origins.IsOrigin(origin), "Origins", origin,
                "must be scheme, host and perhaps port, as browsers send them: https://lab.example");
        }

        faults.Require(hasTls == options.CertificateKey.Length > 0, "CertificateKey", options.CertificateKey,
            "must be set if and only if Certificate is");
        foreach (var (key, file) in new[]
            { ("Certificate", options.Certificate), ("CertificateKey", options.CertificateKey),
              ("TokenFile", options.TokenFile) })
        {
            faults.Require(file.Length == 0 || File.Exists(file), key, file, "must be a readable file");
        }

        return faults.ToResult();
    }
}

/// <summary>Checks <see cref="LeaseOptions"/> at the start.</summary>
internal sealed class LeaseOptionsValidator : IValidateOptions<LeaseOptions>
{
    public ValidateOptionsResult Validate(string? name, LeaseOptions options)
    {
        var faults = new FaultList(LeaseOptions.Section);
        faults.Range("Lease", options.Lease, TimeSpan.FromSeconds(1), options.MaxLease);
        faults.Range("UnclaimedLease", options.UnclaimedLease, TimeSpan.FromSeconds(1), options.MaxLease);
        faults.Range("MaxLease", options.MaxLease, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        faults.Range("SweepEvery", options.SweepEvery, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        faults.Range("Tombstones", options.Tombstones, 0, 10_000_000);
        return faults.ToResult();
    }
}

/// <summary>Checks <see cref="LimitOptions"/> at the start.</summary>
internal sealed class LimitOptionsValidator : IValidateOptions<LimitOptions>
{
    public ValidateOptionsResult Validate(string? name, LimitOptions options)
    {
        const int million = 1_000_000;

        var faults = new FaultList(LimitOptions.Section);
        faults.Range("MaxSessions", options.MaxSessions, 1, 10 * million);
        faults.Range("MaxEnvironmentsPerSession", options.MaxEnvironmentsPerSession, 1, million);
        faults.Range("MaxSlotsPerEnvironment", options.MaxSlotsPerEnvironment, 1, million);
        faults.Range("MaxSlotsPerSession", options.MaxSlotsPerSession, options.MaxSlotsPerEnvironment, 100 * million);
        faults.Range("MaxSlots", options.MaxSlots, options.MaxSlotsPerSession, 100 * million);
        faults.Range("MaxPictureEdge", options.MaxPictureEdge, 16, 1024);
        faults.Range("MaxMessageBytes", options.MaxMessageBytes, 64 * 1024, int.MaxValue - 64);
        faults.Range("MaxTextBytes", options.MaxTextBytes, 64, 64 * million);
        faults.Range("MaxRequestsPerSession", options.MaxRequestsPerSession, 1, million);
        faults.Range("MaxRequests", options.MaxRequests, options.MaxRequestsPerSession, 10 * million);
        faults.Range("MaxScoreAnswers", options.MaxScoreAnswers, 1, million);
        faults.Range("MaxDatasetRows", options.MaxDatasetRows, 1, int.MaxValue);
        faults.Range("MaxReplayWindow", options.MaxReplayWindow, 1, 1024);
        faults.Range("MaxBufferBytesPerSession", options.MaxBufferBytesPerSession, 1024 * 1024L, long.MaxValue);
        return faults.ToResult();
    }
}

/// <summary>Checks <see cref="TelemetryOptions"/> at the start.</summary>
internal sealed class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>
{
    public ValidateOptionsResult Validate(string? name, TelemetryOptions options)
    {
        var faults = new FaultList(TelemetryOptions.Section);
        var isAddress = Uri.TryCreate(options.OtlpEndpoint, UriKind.Absolute, out var address) &&
            address.Scheme is "http" or "https";
        faults.Require(options.OtlpEndpoint.Length == 0 || isAddress, "OtlpEndpoint", options.OtlpEndpoint,
            "must be an address such as http://127.0.0.1:4317, or empty");
        faults.Range("ExportEvery", options.ExportEvery, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        faults.Range("TraceRatio", options.TraceRatio, 0, 1);
        return faults.ToResult();
    }
}

/// <summary>Checks <see cref="EngineOptions"/> at the start.</summary>
internal sealed class EngineOptionsValidator : IValidateOptions<EngineOptions>
{
    public ValidateOptionsResult Validate(string? name, EngineOptions options)
    {
        var faults = new FaultList(EngineOptions.Section);
        faults.Range("Threads", options.Threads, 0, 1024);
        faults.Require(options.Lanes is 0 or 1 or 8 or 16, "Lanes", options.Lanes, "must be 0, 1, 8 or 16");
        faults.Require(
            options.Simulator is "canonical" or "bepu", "Simulator", options.Simulator, "must be canonical or bepu");
        faults.Require(
            options.Simulator != "bepu" || Engines.HasBepu, "Simulator", options.Simulator,
            "this build has the canonical engine alone: take canonical, or build with -p:Bepu=true (docs/physics.md)");
        faults.Require(
            options.RenderDevice is "cpu" or "cuda" or "auto", "RenderDevice", options.RenderDevice,
            "must be cpu, cuda or auto");
        return faults.ToResult();
    }
}
