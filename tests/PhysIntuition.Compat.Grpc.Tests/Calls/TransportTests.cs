using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Calls;

/// <summary>TLS, Unix sockets, credentials and the life of a channel.</summary>
public sealed class TransportTests
{
    [Fact]
    public async Task Tls_WithCallCredentials_CarriesThemWithEveryCall()
    {
        using var certificate = Certificate();
        await using var server = await StartTls(certificate);
        var bearer = CallCredentials.FromInterceptor((context, metadata) =>
        {
            metadata.Add("x-token", $"{context.ServiceUrl} {context.MethodName}");
            return Task.CompletedTask;
        });
        var second = CallCredentials.FromInterceptor((_, metadata) =>
        {
            metadata.Add("x-second", "two");
            return Task.CompletedTask;
        });
        using var channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions
        {
            HttpHandler = Trusting(certificate),
            DisposeHttpClient = true,
            Credentials = ChannelCredentials.Create(ChannelCredentials.SecureSsl, bearer),
        });
        var options = new CallOptions(deadline: Given.Deadline, credentials: CallCredentials.Compose(second, second));

        using var call = new Interop.InteropClient(channel).EchoAsync(new Ask { Text = "tls" }, options);

        Assert.Equal("tls", (await call).Text);
        var trailers = call.GetTrailers();
        Assert.Equal($"{server.Address}/physintuition.interop.v1.Interop Echo", trailers.GetValue("x-token"));
        Assert.Equal(["two, two"], [string.Join(", ", trailers.GetAll("x-second").Select(entry => entry.Value))]);
    }

    [Fact]
    public async Task Tls_CertificateThatIsNotTrusted_IsUnavailable()
    {
        using var certificate = Certificate();
        await using var server = await StartTls(certificate);
        using var channel = GrpcChannel.ForAddress(server.Address);

        var fault = await Given.Fails(async () => await new Interop.InteropClient(channel).EchoAsync(new Ask()));

        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "yes")]
    public async Task CallCredentials_WithoutTls_TravelOnlyWhenAllowed(bool isAllowed, string? expected)
    {
        await using var server = await TestServer.Start();
        using var channel = Given.Channel(
            server, options => options.UnsafeUseInsecureChannelCallCredentials = isAllowed);
        var credentials = CallCredentials.FromInterceptor((_, metadata) =>
        {
            metadata.Add("x-token", "yes");
            return Task.CompletedTask;
        });

        using var call = new Interop.InteropClient(channel).EchoAsync(
            new Ask(), new CallOptions(deadline: Given.Deadline, credentials: credentials));
        await call;

        Assert.Equal(expected, call.GetTrailers().GetValue("x-token"));
    }

    [Fact]
    public async Task CallCredentials_ThatFail_FailTheCallWithTheirStatus()
    {
        await using var server = await TestServer.Start();
        using var channel = Given.Channel(server, options => options.UnsafeUseInsecureChannelCallCredentials = true);
        var credentials = CallCredentials.FromInterceptor(
            (_, _) => throw new RpcException(new Status(StatusCode.Unauthenticated, "no token")));

        var fault = await Given.Fails(async () => await new Interop.InteropClient(channel).EchoAsync(
            new Ask(), new CallOptions(credentials: credentials)));

        Assert.Equal(StatusCode.Unauthenticated, fault.StatusCode);
    }

    [Fact]
    public async Task UnixSocket_ThroughAConnectCallback_IsServed()
    {
        var path = Path.Combine(Path.GetTempPath(), $"grpc-{Guid.NewGuid():N}.sock");
        await using var server = await TestServer.StartAt(
            kestrel => kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2));
        using var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellation) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            },
        });

        var client = new Interop.InteropClient(channel);
        var reply = await client.EchoAsync(new Ask { Text = "unix" }, deadline: Given.Deadline);

        Assert.Equal("unix", reply.Text);
    }

    [Fact]
    public async Task HttpClient_OfTheCaller_IsUsedAndLeftAlone()
    {
        await using var server = await TestServer.Start();
        using var counting = new CountingHandler();
        using var http = new HttpClient(counting);
        for (var i = 1; i <= 2; i++)
        {
            using var channel = Given.Channel(server, options => options.HttpClient = http);
            var client = new Interop.InteropClient(channel);
            Assert.Equal("mine", (await client.EchoAsync(new Ask { Text = "mine" }, deadline: Given.Deadline)).Text);
            Assert.Equal(i, counting.Count);
        }
    }

    [Fact]
    public async Task Channel_Disposed_CancelsItsCallsAndTakesNoMore()
    {
        await using var server = await TestServer.Start();
        var channel = Given.Channel(server);
        var client = new Interop.InteropClient(channel);
        var pending = client.EchoAsync(new Ask { Delay = 600_000, Text = "channel" }).ResponseAsync;
        await server.Log.WhenStarted("channel");

        channel.Dispose();

        Assert.Equal(StatusCode.Cancelled, (await Given.Fails(() => pending)).StatusCode);
        Assert.Throws<ObjectDisposedException>(() => { client.EchoAsync(new Ask()); });
        await server.Log.WhenCancelled("channel");
    }

    [Fact]
    public async Task Channel_ServerRestarts_ConnectsAgain()
    {
        var (first, port) = await StartAtPort();
        using var channel = Given.Channel(first);
        var client = new Interop.InteropClient(channel);
        await client.EchoAsync(new Ask(), deadline: Given.Deadline);

        await first.DisposeAsync();
        var fault = await Given.Fails(async () => await client.EchoAsync(new Ask()));
        await using var second = await TestServer.StartAt(kestrel => kestrel.Listen(
            IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        var reply = await client.EchoAsync(new Ask { Text = "again" }, deadline: Given.Deadline);

        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
        Assert.Equal("again", reply.Text);
    }

    [Fact]
    public async Task Server_AbortsTheConnection_CallerIsToldAndTheNextCallSucceeds()
    {
        await using var server = await TestServer.Start(endpoints: application => application.Use(next => http =>
        {
            if (http.Request.Headers.ContainsKey("x-abort"))
            {
                http.Abort();
                return Task.CompletedTask;
            }

            return next(http);
        }));
        var client = Given.Client(server);

        var abort = new Metadata { { "x-abort", "1" } };
        var fault = await Given.Fails(async () => await client.EchoAsync(new Ask(), abort));

        Assert.Contains(fault.StatusCode, new[] { StatusCode.Internal, StatusCode.Unavailable, StatusCode.Cancelled });
        Assert.Equal("on", (await client.EchoAsync(new Ask { Text = "on" }, deadline: Given.Deadline)).Text);
    }

    [Fact]
    public async Task Cancellation_WithTheOptionOn_ThrowsOperationCanceled()
    {
        await using var server = await TestServer.Start();
        using var channel = Given.Channel(server, options => options.ThrowOperationCanceledOnCancellation = true);
        using var cancellation = new CancellationTokenSource();
        var call = new Interop.InteropClient(channel).EchoAsync(
            new Ask { Delay = 600_000, Text = "oce" }, cancellationToken: cancellation.Token);
        await server.Log.WhenStarted("oce");

        cancellation.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.ResponseAsync.WaitAsync(Given.Patience));
    }

    [Fact]
    public void Credentials_ThatContradictTheAddress_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => GrpcChannel.ForAddress(
            "http://localhost", new GrpcChannelOptions { Credentials = ChannelCredentials.SecureSsl }));
        Assert.Throws<ArgumentException>(() => GrpcChannel.ForAddress(
            "https://localhost", new GrpcChannelOptions { Credentials = ChannelCredentials.Insecure }));
        Assert.Throws<ArgumentException>(() => GrpcChannel.ForAddress("ftp://localhost"));
    }

    /// <summary>Counts requests and hands responses on as content that can be read asynchronously only.</summary>
    private sealed class CountingHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        internal int Count { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Count++;
            var response = await base.SendAsync(request, cancellationToken);
            response.Content = new AsyncContent(response.Content);
            return response;
        }
    }

    private sealed class AsyncContent : HttpContent
    {
        private readonly HttpContent _inner;

        internal AsyncContent(HttpContent inner)
        {
            _inner = inner;
            Headers.ContentType = inner.Headers.ContentType;
        }

        protected override Task<Stream> CreateContentReadStreamAsync() => _inner.ReadAsStreamAsync();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            _inner.CopyToAsync(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }

    // Below the ports that the system gives out by itself, so that nobody gets this one between two servers.
    private static async Task<(TestServer Server, int Port)> StartAtPort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            try
            {
                return (await TestServer.StartAt(kestrel => kestrel.Listen(
                    IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2)), port);
            }
            catch (IOException)
            {
                // Taken; another one.
            }
        }
    }

    private static Task<TestServer> StartTls(X509Certificate2 certificate) => TestServer.StartAt(
        kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(certificate);
        }));

    private static SocketsHttpHandler Trusting(X509Certificate2 certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback =
            (_, presented, _, _) => presented?.GetCertHashString() == certificate.GetCertHashString();
        return handler;
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
