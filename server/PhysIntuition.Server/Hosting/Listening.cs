using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ListenOptions = PhysIntuition.Server.ListenOptions;

namespace PhysIntuition.Server.Hosting;

/// <summary>Sets Kestrel up, and says where it listens.</summary>
internal static class Listening
{
    private const int UsualPort = 50051;
    private const int UsualHttpPort = 8000;
    private const int StreamsPerConnection = 4096;       // requests that one client may have in flight
    private const int WindowBytes = 8 * 1024 * 1024;     // a batch of pictures fits, so that one does not wait

    /// <summary>Binds the gRPC port and that of HTTP.</summary>
    public static void Configure(KestrelServerOptions kestrel, ListenOptions listen)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
        kestrel.Limits.Http2.InitialStreamWindowSize = WindowBytes;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 2 * WindowBytes;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        Bind(kestrel, listen, listen.Port, HttpProtocols.Http2);
        var httpPort = listen.HttpPort ?? (listen.Port == UsualPort ? UsualHttpPort : 0);
        if (httpPort >= 0)
        {
            Bind(kestrel, listen, httpPort, HttpProtocols.Http1);
        }

        if (listen.Socket.Length > 0)
        {
            var path = Path.GetFullPath(listen.Socket);
            RemoveAbandoned(path);
            kestrel.ListenUnixSocket(path, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        }
    }

    /// <summary>The address that the server listens on, with the port that it got.</summary>
    public static Uri AddressOf(IServer server) =>
        new(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Where it serves plain HTTP; null: nowhere.</summary>
    public static Uri? HttpAddressOf(IServer server) =>
        server.Features.Get<IServerAddressesFeature>()!.Addresses.Skip(1)
            .FirstOrDefault(address => !address.Contains("://unix:", StringComparison.Ordinal)) is { } address
            ? new Uri(address)
            : null;

    // A server that was killed leaves its socket behind, to which nobody answers.
    private static void RemoveAbandoned(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
        catch (SocketException)
        {
            // Another kind of file, or another user's: binding says so.
        }
    }

    private static void Bind(KestrelServerOptions kestrel, ListenOptions listen, int port, HttpProtocols protocols) =>
        kestrel.Listen(IPAddress.Parse(listen.Address), port, endpoint =>
        {
            endpoint.Protocols = protocols;
            if (listen.Certificate.Length > 0)
            {
                endpoint.UseHttps(LoadCertificate(listen));
            }
        });

    private static X509Certificate2 LoadCertificate(ListenOptions listen)
    {
        using var pem = X509Certificate2.CreateFromPemFile(listen.Certificate, listen.CertificateKey);
        // Windows cannot serve with a key that lives in memory only; elsewhere the detour costs nothing.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null);
    }
}
