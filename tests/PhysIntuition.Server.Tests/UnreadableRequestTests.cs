using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>Requests that are wrong below the messages: each gets a status, none fills the log, all go on.</summary>
public sealed class UnreadableRequestTests : IAsyncLifetime
{
    private const byte Compressed = 1;

    private static readonly byte[] s_good = RawCall.Frame(new GetTaskRequest { Task = Given.Task });

    private readonly LogOfLevels _log = new();
    private RunningServer _server = null!;
    private RawCall _raw = null!;

    /// <summary>Bytes that gRPC reads as no message of ours; the status is the server's own.</summary>
    public static TheoryData<string, byte[]> Unreadable => new()
    {
        { "not protobuf", RawCall.Frame([0xff, 0xff, 0xff]) },
        { "flag 2", RawCall.Frame([], flag: 2) },
        { "text", Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n") },
        { "4 GiB announced", RawCall.Frame([1], length: -1) },
    };

    /// <summary>Frames that gRPC itself refuses.</summary>
    public static TheoryData<string, byte[]> Broken => new()
    {
        { "nothing", [] },
        { "half a header", [0, 0, 0] },
        { "less than announced", RawCall.Frame([1, 2, 3], length: 100) },
        { "more than announced", RawCall.Frame(new byte[20], length: 0) },
        { "two messages", [.. s_good, .. s_good] },
        { "compressed without encoding", RawCall.Frame([1], Compressed) },
    };

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync(services => services.AddLogging(logging => logging.AddProvider(_log)));
        _raw = new RawCall(_server.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _raw.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task Body_ThatIsNoMessage_IsExplainedInOneLineOfTheLog(string name, byte[] body)
    {
        var answer = await _raw.SendAsync(body);

        Assert.True(answer.Status == StatusCode.InvalidArgument, $"{name}: {answer}");
        Assert.Equal(("UNREADABLE", answer.Message), (answer.Error.Reason, answer.Error.Message));
        Assert.Contains(RawCall.Environments + "GetTask", answer.Message);
        Assert.Single(_log.Lines, line => line.Text.Contains("UNREADABLE", StringComparison.Ordinal));
        await AssertNothingBrokeAsync();
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Frame_ThatIsNotWhole_IsInternalAndSaysWhy(string name, byte[] body)
    {
        var answer = await _raw.SendAsync(body);

        Assert.True(answer.Status == StatusCode.Internal, $"{name}: {answer}");
        Assert.NotEmpty(answer.Message);
        await AssertNothingBrokeAsync();
    }

    [Fact]
    public async Task Body_OfGarbageMarkedAsGzip_IsExplained()
    {
        var answer = await _raw.SendAsync(
            RawCall.Frame([1, 2, 3, 4], Compressed), headers: ("grpc-encoding", "gzip"));

        Assert.Equal((StatusCode.InvalidArgument, "UNREADABLE"), (answer.Status, answer.Error.Reason));
        await AssertNothingBrokeAsync();
    }

    [Fact]
    public async Task Stream_WithAMessageThatIsNone_AnswersTheOnesBeforeAndIsExplained()
    {
        var headers = await _server.OpenAsync();
        byte[] body =
        [
            .. RawCall.Frame(new RunRequest { RequestId = 1, Close = new CloseRequest { Environment = 1 } }),
            .. RawCall.Frame([0xff, 0xff, 0xff]),
        ];

        var answer = await _raw.SendAsync(
            body, "Run", headers: [.. headers.Select(header => (header.Key, header.Value))]);

        Assert.Equal((StatusCode.InvalidArgument, "UNREADABLE"), (answer.Status, answer.Error.Reason));
        await AssertNothingBrokeAsync();
    }

    [Fact]
    public async Task Request_ThatBreaksOff_EndsTheCallAlone()
    {
        using var client = new HttpClient { Timeout = RunningServer.Patience };
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(_server.Address, RawCall.Environments + "Run"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new BreakingContent(),
        };
        foreach (var header in await _server.OpenAsync())
        {
            request.Headers.Add(header.Key, header.Value);
        }

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.SendAsync(request));

        await AssertNothingBrokeAsync();
    }

    [Fact]
    public async Task Encoding_ThatNobodyKnows_IsUnimplementedAndNamesIt()
    {
        var answer = await _raw.SendAsync(
            RawCall.Frame([1], Compressed), headers: ("grpc-encoding", "snappy"));

        Assert.Equal(StatusCode.Unimplemented, answer.Status);
        Assert.Contains("snappy", answer.Message);
        await AssertNothingBrokeAsync();
    }

    [Theory]
    [InlineData("/physintuition.v1.EnvironmentService/Missing")]
    [InlineData("/no.such.Service/Missing")]
    public async Task Path_ThatNobodyServes_IsUnimplemented(string path)
    {
        var answer = await _raw.SendAsync(s_good, path);

        Assert.Equal((HttpStatusCode.OK, StatusCode.Unimplemented), (answer.Http, answer.Status));
        await AssertNothingBrokeAsync();
    }

    [Fact]
    public async Task ContentType_OfAnotherKind_IsUnsupported()
    {
        var answer = await _raw.SendAsync(s_good, contentType: "application/json");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.Http);
        await AssertNothingBrokeAsync();
    }

    [Theory]
    [InlineData("not HTTP/2 at all \0\u0001\u0002\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")]
    public async Task Connection_OfGarbage_IsClosed(string garbage)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _server.Address.Port);
        await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes(garbage));

        await ReadToTheEndAsync(socket).WaitAsync(RunningServer.Patience);

        await AssertNothingBrokeAsync();
    }

    private async Task AssertNothingBrokeAsync()
    {
        Assert.Equal(StatusCode.OK, (await _raw.SendAsync(s_good)).Status);
        Assert.DoesNotContain(_log.Lines, line => line.Level >= LogLevel.Warning || line.HasTrace);
    }

    private static async Task ReadToTheEndAsync(TcpClient socket)
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

    /// <summary>A whole message, half a message, and then nothing but a reset.</summary>
    private sealed class BreakingContent : HttpContent
    {
        public BreakingContent() => Headers.TryAddWithoutValidation("Content-Type", "application/grpc");

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var whole = RawCall.Frame(new RunRequest { Close = new CloseRequest { Environment = 1 } });
            await stream.WriteAsync(whole);
            await stream.WriteAsync(whole.AsMemory(0, 7));
            await stream.FlushAsync();
            throw new IOException("The cable was pulled.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }

    /// <summary>Keeps what was logged by the server and by gRPC; the web server's own lines are not ours.</summary>
    private sealed class LogOfLevels : ILoggerProvider
    {
        public ConcurrentQueue<(LogLevel Level, string Text, bool HasTrace)> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Logger(
            this, categoryName.StartsWith("PhysIntuition", StringComparison.Ordinal) ||
                categoryName.StartsWith("Grpc", StringComparison.Ordinal));

        public void Dispose()
        {
        }

        private sealed class Logger(LogOfLevels log, bool isOurs) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => isOurs && logLevel >= LogLevel.Information;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception,
                Func<TState, Exception?, string> formatter)
            {
                if (IsEnabled(logLevel))
                {
                    log.Lines.Enqueue((logLevel, formatter(state, exception), exception is not null));
                }
            }
        }
    }
}
