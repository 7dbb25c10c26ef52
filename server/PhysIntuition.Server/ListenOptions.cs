using System.Net;

namespace PhysIntuition.Server;

/// <summary>Where the server listens. Section <c>PhysIntuition:Listen</c>.</summary>
public sealed record ListenOptions : ISection
{
    /// <summary>Configuration path of this section.</summary>
    public const string Section = "PhysIntuition:Listen";

    private const int LongestSocket = 107;   // sun_path of sockaddr_un, without its zero

    /// <summary>Address to bind; anything but loopback wants TLS or <see cref="AllowPlaintext"/>.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port for gRPC (HTTP/2). 0: any free one, printed at the start.</summary>
    [Within(0, 65_535)]
    public int Port { get; init; } = 50051;

    /// <summary>Port for HTTP: OpenEnv, gRPC-Web, /health, /metrics. -1: none; 0: any free one.</summary>
    /// <remarks>Absent: 8000 beside gRPC's usual port, else any free one: servers can stand side by side.</remarks>
    [Within(-1, 65_535)]
    public int? HttpPort { get; init; }

    /// <summary>Unix domain socket for gRPC beside the port, for clients on this machine (unix:PATH); empty: none.
    /// </summary>
    public string Socket { get; init; } = "";

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
    [Within(0, 3600)]
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(20);

    static string ISection.Path => Section;

    IEnumerable<SettingFault> ISection.Check() =>
        [.. CheckAddress(), .. CheckSocket(), .. CheckOrigins(), .. CheckFiles()];

    private IEnumerable<SettingFault> CheckAddress()
    {
        if (!IPAddress.TryParse(Address, out var address))
        {
            yield return new SettingFault(
                nameof(Address), Address, "must be an IP address such as 127.0.0.1 or 0.0.0.0");
            yield break;
        }

        if (!IPAddress.IsLoopback(address) && Certificate.Length == 0 && !AllowPlaintext)
        {
            yield return new SettingFault(nameof(Address), Address,
                "is open to other machines: set Certificate and CertificateKey, or AllowPlaintext=true behind a " +
                "proxy that terminates TLS");
        }

        if (!IPAddress.IsLoopback(address) && TokenFile.Length == 0 && !AllowAnonymous)
        {
            yield return new SettingFault(nameof(Address), Address,
                "is open to other machines: set TokenFile (see `physintuition tokens`), or AllowAnonymous=true");
        }
    }

    private IEnumerable<SettingFault> CheckSocket()
    {
        if (Socket.Length == 0)
        {
            yield break;
        }

        var path = System.IO.Path.GetFullPath(Socket);
        if (Encoding.UTF8.GetByteCount(path) > LongestSocket)
        {
            yield return new SettingFault(nameof(Socket), Socket,
                $"must have at most {LongestSocket} bytes as a whole path, as the system takes no longer one");
        }
        else if (!Directory.Exists(System.IO.Path.GetDirectoryName(path)))
        {
            yield return new SettingFault(nameof(Socket), Socket, "must lie in a folder that exists");
        }
    }

    private IEnumerable<SettingFault> CheckOrigins() =>
        from origin in Hosting.Origins.Parse(Origins)
        where !Hosting.Origins.IsOrigin(origin)
        select new SettingFault(nameof(Origins), origin,
            "must be scheme, host and perhaps port, as browsers send them: https://lab.example");

    private IEnumerable<SettingFault> CheckFiles()
    {
        if (Certificate.Length > 0 != CertificateKey.Length > 0)
        {
            yield return new SettingFault(
                nameof(CertificateKey), CertificateKey, "must be set if and only if Certificate is");
        }

        foreach (var (key, file) in new[]
            { (nameof(Certificate), Certificate), (nameof(CertificateKey), CertificateKey),
              (nameof(TokenFile), TokenFile) })
        {
            if (file.Length > 0 && !File.Exists(file))
            {
                yield return new SettingFault(key, file, "must be a readable file");
            }
        }
    }
}
