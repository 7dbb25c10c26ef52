using System.Net;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Malformed;

/// <summary>The server against requests that are wrong at every level; it must go on serving.</summary>
public sealed class MalformedRequestTests : IAsyncLifetime
{
    private static readonly byte[] s_good = RawCall.Frame(new Ask { Text = "good" });

    private TestServer _server = null!;
    private RawCall _raw = null!;

    /// <summary>A name, the body, the status that it must get, and a word of the message.</summary>
    public static TheoryData<string, byte[], StatusCode, string> Bodies => new()
    {
        { "nothing", [], StatusCode.Internal, "no message" },
        { "half a header", [0, 0, 0], StatusCode.Internal, "Incomplete" },
        { "less than announced", RawCall.Frame([1, 2, 3], length: 100), StatusCode.Internal, "Incomplete" },
        { "more than announced", RawCall.Frame(new byte[20], length: 0), StatusCode.Internal, "Additional" },
        { "two messages", [.. s_good, .. s_good], StatusCode.Internal, "Additional" },
        { "flag 2", RawCall.Frame([], flag: 2), StatusCode.Internal, "flag 2" },
        { "flag 255", RawCall.Frame([], flag: 255), StatusCode.Internal, "flag 255" },
        { "compressed without encoding", RawCall.Frame([1], flag: 1), StatusCode.Internal, "grpc-encoding" },
        { "4 GiB announced", RawCall.Frame([1], length: -1), StatusCode.ResourceExhausted, "MaxReceiveMessageSize" },
        { "not protobuf", RawCall.Frame([0xff, 0xff, 0xff]), StatusCode.Internal, "deserialize" },
        { "text", Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"), StatusCode.Internal, "flag 71" },
    };

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.Start();
        _raw = new RawCall(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _raw.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Body_ThatIsNoMessage_GetsItsStatus(string name, byte[] body, StatusCode expected, string word)
    {
        using var response = await _raw.Send(body);

        Assert.True((StatusCode)RawCall.StatusOf(response) == expected, $"{name}: {RawCall.StatusOf(response)}");
        Assert.Contains(word, RawCall.ValueOf(response, "grpc-message"), StringComparison.Ordinal);
        await GoesOnServing();
    }

    [Fact]
    public async Task Body_OfGarbageMarkedAsGzip_IsInternal()
    {
        using var response = await _raw.Send(
            RawCall.Frame([1, 2, 3, 4], flag: 1), headers: ("grpc-encoding", "gzip"));

        Assert.Equal((int)StatusCode.Internal, RawCall.StatusOf(response));
        await GoesOnServing();
    }

    [Fact]
    public async Task Body_ThatBreaksOff_EndsTheCallAndTheServerGoesOn()
    {
        using var client = new HttpClient { Timeout = Given.Patience };
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"{_server.Address}/physintuition.interop.v1.Interop/Sum")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new BreakingContent(),
        };

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.SendAsync(request));

        await GoesOnServing();
    }

    [Fact]
    public async Task Encoding_ThatNobodyKnows_IsUnimplementedAndListsTheKnownOnes()
    {
        using var response = await _raw.Send(s_good, headers: ("grpc-encoding", "snappy"));

        Assert.Equal((int)StatusCode.Unimplemented, RawCall.StatusOf(response));
        Assert.Equal("identity,gzip,deflate", RawCall.ValueOf(response, "grpc-accept-encoding"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("m")]
    [InlineData("-5m")]
    [InlineData("123456789m")]
    [InlineData("10x")]
    public async Task Timeout_ThatIsNotWellFormed_IsInternal(string timeout)
    {
        using var response = await _raw.Send(s_good, headers: ("grpc-timeout", timeout));

        Assert.Equal((int)StatusCode.Internal, RawCall.StatusOf(response));
    }

    [Fact]
    public async Task Timeout_ThatPassesWhileTheCallerWaits_IsAnsweredByTheServer()
    {
        var body = RawCall.Frame(new Ask { Delay = 600_000, Text = "raw-deadline" });

        using var response = await _raw.Send(body, headers: ("grpc-timeout", "200m"));

        Assert.Equal((int)StatusCode.DeadlineExceeded, RawCall.StatusOf(response));
        await _server.Log.WhenCancelled("raw-deadline");
    }

    [Fact]
    public async Task Timeout_WhileTheCallerDoesNotRead_LetsTheServiceGo()
    {
        // 64 MiB do not fit into any window, so that the service waits for a reader that never comes.
        var ask = new Ask { Count = 64, Size = 1 << 20, Text = "stalled" };
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"{_server.Address}/physintuition.interop.v1.Interop/Repeat")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(RawCall.Frame(ask)),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        request.Headers.TryAddWithoutValidation("grpc-timeout", "300m");
        using var response = await invoker.SendAsync(request, CancellationToken.None);

        await _server.Log.WhenEnded("stalled");

        await GoesOnServing();
    }

    [Fact]
    public async Task ContentType_OfAnotherKind_IsUnsupported()
    {
        using var response = await _raw.Send(s_good, contentType: "application/json");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal((int)StatusCode.Internal, RawCall.StatusOf(response));
    }

    [Theory]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc; charset=utf-8")]
    public async Task ContentType_WithASuffix_IsServed(string contentType)
    {
        using var response = await _raw.Send(s_good, contentType: contentType);

        Assert.Equal((int)StatusCode.OK, RawCall.StatusOf(response));
    }

    [Theory]
    [InlineData("/physintuition.interop.v1.Interop/Missing", "Method")]
    [InlineData("/no.such.Service/Missing", "Service")]
    [InlineData("/nonsense", "Service")]
    public async Task Path_ThatNobodyServes_IsUnimplemented(string path, string word)
    {
        using var response = await _raw.Send(s_good, path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((int)StatusCode.Unimplemented, RawCall.StatusOf(response));
        Assert.StartsWith(word, RawCall.ValueOf(response, "grpc-message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not HTTP/2 at all \0\u0001\u0002\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")]
    public async Task Connection_OfGarbage_IsClosedAndTheServerGoesOn(string garbage)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _server.Port);
        await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes(garbage));

        await ReadToTheEnd(socket).WaitAsync(Given.Patience);

        await GoesOnServing();
    }

    /// <summary>A whole message, half a message, and then nothing but a reset.</summary>
    private sealed class BreakingContent : HttpContent
    {
        internal BreakingContent() => Headers.TryAddWithoutValidation("Content-Type", "application/grpc");

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(s_good);
            await stream.WriteAsync(s_good.AsMemory(0, 7));
            await stream.FlushAsync();
            throw new IOException("The cable was pulled.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }

    private static async Task ReadToTheEnd(TcpClient socket)
    {
        var buffer = new byte[256];
        try
        {
            while (await socket.GetStream().ReadAsync(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end, too.
        }
    }

    private async Task GoesOnServing()
    {
        using var response = await _raw.Send(s_good);
        Assert.Equal((int)StatusCode.OK, RawCall.StatusOf(response));
    }
}
