using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PhysIntuition.Server.Trainers;

namespace PhysIntuition.Server.Tests;

/// <summary>Bodies of every HTTP endpoint that takes one.</summary>
internal sealed class BodyTarget : IFuzzTarget
{
    private readonly IServiceProvider _services;
    private readonly RouteEndpoint[] _endpoints;
    private int _next;

    public BodyTarget(IServiceProvider services)
    {
        _services = services;
        _endpoints = [.. services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is { } methods &&
                methods.HttpMethods.Contains("POST"))
            .Where(endpoint => endpoint.Metadata.GetMetadata<Grpc.AspNetCore.Server.GrpcMethodMetadata>() is null)
            .Where(endpoint => !endpoint.RoutePattern.RawText!.Contains("unimplemented", StringComparison.Ordinal))];
    }

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        [.. """{"seed":1,"episode_id":"e","split":"val","options":{"blocks":2},"width":32,"height":32}"""u8],
        [.. """{"action":{"answer":"<answer>yes</answer>"}}"""u8],
        [.. """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}"""u8],
        [.. """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_tasks","arguments":{}}}"""u8],
        [.. """{"id":3,"method":"tools/call","params":{"name":"reset","arguments":{"task":"Offset-v1"}}}"""u8],
        [.. """{"jsonrpc":"2.0","id":"x","method":"tools/list"}"""u8],
    ];

    public async Task FeedAsync(byte[] input)
    {
        var endpoint = _endpoints[_next++ % _endpoints.Length];
        var http = new DefaultHttpContext { RequestServices = _services };
        http.Features.Set(_services.GetRequiredService<TokenStore>().Authenticate(null));
        http.Request.Method = "POST";
        http.Request.ContentType = "application/json";
        http.Request.Body = new MemoryStream(input);
        http.Request.ContentLength = input.Length;
        http.Response.Body = new MemoryStream();
        foreach (var parameter in endpoint.RoutePattern.Parameters)
        {
            http.Request.RouteValues[parameter.Name] = parameter.Name == "task" ? "Offset-v1" : "any";
        }

        http.SetEndpoint(endpoint);
        await Given.AnswerAsync(endpoint, http);
        CloseSessions();
        var answer = Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray());
        if (http.Response.StatusCode >= 500 || answer.Contains("The server failed", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{endpoint.RoutePattern.RawText}: {answer}");
        }
    }

    // What the call opened is not kept: thousands follow.
    private void CloseSessions()
    {
        var sessions = _services.GetRequiredService<Sessions.SessionStore>();
        foreach (var session in sessions.All)
        {
            sessions.Close(session);
        }
    }
}

/// <summary>Queries of every path that the pages ask.</summary>
internal sealed class QueryTarget : IFuzzTarget
{
    private readonly IServiceProvider _services;
    private readonly RouteEndpoint[] _endpoints;
    private int _next;

    public QueryTarget(IServiceProvider services)
    {
        _services = services;
        // The stream of what is being played has no end.
        _endpoints = [.. services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal))
            .Where(endpoint => endpoint.RoutePattern.RawText != "/api/watch")
            .Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is { } methods &&
                methods.HttpMethods.Contains("GET"))];
    }

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        [.. "?seed=5&split=val&answers=[[-40,260]]&options={\"blocks\":{\"min\":2}}&width=64&height=64"u8],
        [.. "?season=1&task=Offset-v1&axis=size&method=m&run=1&trained_on=a"u8],
    ];

    public async Task FeedAsync(byte[] input)
    {
        var endpoint = _endpoints[_next++ % _endpoints.Length];
        var http = new DefaultHttpContext { RequestServices = _services };
        http.Features.Set(_services.GetRequiredService<TokenStore>().Authenticate(null));
        http.Request.Method = "GET";
        http.Request.QueryString = new QueryString("?" + Encoding.Latin1.GetString(input));
        http.Request.RouteValues["task"] = "Offset-v1";
        http.Response.Body = new MemoryStream();
        http.SetEndpoint(endpoint);
        await Given.AnswerAsync(endpoint, http);
        if (http.Response.StatusCode >= 500)
        {
            var answer = Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray());
            throw new InvalidOperationException($"{endpoint.RoutePattern.RawText}: {answer}");
        }
    }
}

/// <summary>Frames of OpenEnv's WebSocket.</summary>
internal sealed class SocketTarget(IServiceProvider services) : IFuzzTarget
{
    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        Frame("""{"type":"reset","data":{"seed":50,"width":32,"height":32}}"""),
        [.. Frame("""{"type":"reset","data":{}}"""), .. Frame("""{"type":"step","data":{"answer":"none"}}""")],
        Frame("""{"type":"mcp","data":{"jsonrpc":"2.0","id":1,"method":"tools/list"}}"""),
        [.. Frame("""{"type":"state"}"""), .. Frame("""{"type":"close"}""")],
    ];

    public async Task FeedAsync(byte[] input)
    {
        var sessions = services.GetRequiredService<OpenEnvSessions>();
        var http = new DefaultHttpContext();
        http.Features.Set(services.GetRequiredService<TokenStore>().Authenticate(null));
        var episode = sessions.OpenForSocket(http, "Offset-v1");
        var replies = new MemoryStream();
        using var socket = WebSocket.CreateFromStream(
            new Duplex(new MemoryStream(input), replies), new WebSocketCreationOptions { IsServer = true });
        try
        {
            await new OpenEnvSocket(episode, socket, sessions, maxBytes: 4096, NullLogger.Instance)
                .RunAsync(CancellationToken.None).WaitAsync(RunningServer.Patience);
        }
        catch (WebSocketException)
        {
            // Frames that are none, or an end in the middle.
        }
        finally
        {
            sessions.Close(episode);
        }

        if (Encoding.UTF8.GetString(replies.ToArray()).Contains("The server failed", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(Encoding.UTF8.GetString(replies.ToArray()));
        }
    }

    // One text frame as a client sends it; its mask is 0, so that the text can be read and changed.
    private static byte[] Frame(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [0x81, 0xFE, (byte)(bytes.Length >> 8), (byte)bytes.Length, 0, 0, 0, 0, .. bytes];
    }

    private sealed class Duplex(Stream from, Stream to) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => from.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => to.Write(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

/// <summary>Bodies of gRPC calls, over real HTTP/2: frames, lengths, messages.</summary>
internal sealed class FrameTarget(RunningServer server) : IFuzzTarget, IDisposable
{
    private static readonly string[] s_methods =
        ["GetTask", "OpenSession", "Create", "Step", "Score", "StreamDataset", "Run", "ListTasks"];

    private readonly HttpClient _http = new() { BaseAddress = server.Address };
    private int _next;

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 11, 10, 9, .. "Offset-v1"u8],
        [0, 0, 0, 0, 2, 8, 1, 0, 0, 0, 0, 2, 8, 2],
        [1, 0, 0, 0, 4, 1, 2, 3, 4],
    ];

    public async Task FeedAsync(byte[] input)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, "/physintuition.v1.EnvironmentService/" + s_methods[_next++ % s_methods.Length])
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(input),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.Add(new("trailers"));
        using var answer = await _http.SendAsync(request).WaitAsync(RunningServer.Patience);
        await answer.Content.ReadAsByteArrayAsync();
        var status = answer.Headers.Concat(answer.TrailingHeaders)
            .Single(header => header.Key == "grpc-status").Value.Single();
        if (answer.TrailingHeaders.Concat(answer.Headers).Any(header => header.Key == "grpc-message" &&
            header.Value.Single().Contains("server failed", StringComparison.Ordinal)))
        {
            throw new InvalidOperationException($"{request.RequestUri}: status {status}");
        }
    }

    public void Dispose() => _http.Dispose();
}
