namespace PhysIntuition.Server.Options;

/// <summary>Where the server listens. Section <c>PhysIntuition:Listen</c>.</summary>
public sealed record ListenOptions
{
    /// <summary>Configuration path of this section.</summary>
    public const string Section = "PhysIntuition:Listen";

    /// <summary>Address to bind; anything but loopback wants TLS or <see cref="AllowPlaintext"/>.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port for gRPC (HTTP/2). 0: any free one, printed at the start.</summary>
    public int Port { get; init; } = 50051;

    /// <summary>Port for HTTP: OpenEnv, gRPC-Web, /health, /metrics. -1: none; 0: any free one.</summary>
    /// <remarks>Absent: 8000 beside gRPC's usual port, else any free one: servers can stand side by side.</remarks>
    public int? HttpPort { get; init; }

    /// <summary>PEM file with the certificate chain; empty: no TLS.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>PEM file with the private key of <see cref="Certificate"/>.</summary>
    public string CertificateKey { get; init; } = "";

    /// <summary>Serve other machines without TLS, for a proxy that terminates it.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>Origins of other pages, such as https://lab.example, whose scripts may call over gRPC-Web and HTTP,
    /// separated by commas; empty: none.</summary>
    public string Origins { get; init; } = "";

    /// <summary>File of API tokens, see <c>physintuition tokens</c>; empty: none are asked for.</summary>
    public string TokenFile { get; init; } = "";

    /// <summary>Serve other machines without API tokens.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>How long running requests may go on after the server was told to stop.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(20);
}
