using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using PhysIntuition.Server.Sessions;

namespace PhysIntuition.Server.Tests;

/// <summary>Statuses, headers and sessions of the Model Context Protocol over HTTP.</summary>
public sealed class McpHttpTests
{
    private const string SessionHeader = "Mcp-Session-Id";

    private readonly TestTime _time = new();

    // What the protocol's own conformance suite asks of every server: initialize, ping, tools-list.
    [Theory]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("1999-12-31", "2025-11-25")]   // the newest with a handshake, which the client may refuse
    public async Task Initialize_AskedForAVersion_AnswersWithOneThatItSpeaks(string asked, string spoken)
    {
        await using var server = await RunningServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        var (status, initialized, session) = await InitializeAsync(http, asked);
        var (_, ping, _) = await PostAsync(http, """{"jsonrpc":"2.0","id":"p","method":"ping"}""", session);
        var (_, list, _) = await PostAsync(http, """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""", session);

        Assert.Equal((HttpStatusCode.OK, spoken), (status, (string?)initialized!["result"]!["protocolVersion"]));
        Assert.Equal("physintuition", (string?)initialized["result"]!["serverInfo"]!["name"]);
        Assert.NotNull(initialized["result"]!["capabilities"]!["tools"]);
        Assert.NotNull(session);
        Assert.Equal(("p", 0), ((string?)ping!["id"], ping["result"]!.AsObject().Count(pair => pair.Key != "_meta")));
        foreach (var tool in list!["result"]!["tools"]!.AsArray())
        {
            Assert.NotEmpty((string)tool!["name"]!);
            Assert.NotEmpty((string)tool["description"]!);
            Assert.Equal("object", (string?)tool["inputSchema"]!["type"]);
            Assert.False((bool)tool["inputSchema"]!["additionalProperties"]!);
        }
    }

    // The suite's server-sse-multiple-streams.
    [Fact]
    public async Task Post_SeveralAtOnceInOneSession_AreAllAnswered()
    {
        await using var server = await RunningServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        var (_, _, session) = await InitializeAsync(http);
        var replies = await Task.WhenAll(Enumerable.Range(1, 8).Select(id => PostAsync(
            http, $$"""{"jsonrpc":"2.0","id":{{id}},"method":"tools/list"}""", session)));

        Assert.Equal(Enumerable.Range(1, 8), replies.Select(reply => (int)reply.Reply!["id"]!));
    }

    [Fact]
    public async Task Session_ThatItsClientEnded_IsNotFound()
    {
        await using var server = await RunningServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        var (_, _, session) = await InitializeAsync(http);
        await CallAsync(http, session, "reset", "{}");
        var quota = server.Services.GetRequiredService<Quota>();
        var before = (quota.Sessions, quota.Slots);

        Assert.Equal(HttpStatusCode.OK, await DeleteAsync(http, session));
        Assert.Equal((1, 1), before);
        Assert.Equal((0, 0), (quota.Sessions, quota.Slots));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync(http, session));
        var (status, reply, _) = await PostAsync(http, """{"jsonrpc":"2.0","id":7,"method":"tools/list"}""", session);
        Assert.Equal((HttpStatusCode.NotFound, 7), (status, (int)reply!["id"]!));
        Assert.Contains("was closed by its client", (string?)reply["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_WhoseLeaseRanOut_IsNotFoundAndNothingOfItIsLeft()
    {
        await using var server = await RunningServer.StartAsync(
            _time, "Sessions:Lease=00:01:00", "Sessions:UnclaimedLease=00:00:10");
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        var (_, _, unclaimed) = await InitializeAsync(http);
        var (_, _, session) = await InitializeAsync(http);
        await CallAsync(http, session, "reset", "{}");
        var quota = server.Services.GetRequiredService<Quota>();

        Assert.Equal(2, quota.Sessions);
        Advance(server, TimeSpan.FromSeconds(11));
        Assert.Equal((1, 1), (quota.Sessions, quota.Slots));
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync(http, unclaimed, "list_tasks", "{}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(http, session, "list_tasks", "{}")).Status);
        Advance(server, TimeSpan.FromSeconds(61));
        Assert.Equal((0, 0), (quota.Sessions, quota.Slots));
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync(http, session, "list_tasks", "{}")).Status);
    }

    [Fact]
    public async Task Initialize_BeyondTheLimitOfSessions_IsRefusedWithTheSetting()
    {
        await using var server = await RunningServer.StartAsync("Limits:MaxSessions=1");
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        await InitializeAsync(http);
        var (status, reply, session) = await InitializeAsync(http);

        Assert.Equal((HttpStatusCode.TooManyRequests, null), (status, session));
        Assert.Contains("Limits:MaxSessions", (string?)reply!["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_OfAClientThatListens_IsNotAllowed()
    {
        await using var server = await RunningServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        using var answer = await http.GetAsync("/mcp");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["POST", "DELETE"], answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("{", -32700)]
    [InlineData("""{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}""", -32700)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\ud800"}}""", -32700)]
    [InlineData("[]", -32600)]
    public async Task Post_OfNoMessage_GetsItsCode(string body, int code)
    {
        await using var server = await RunningServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        var (_, _, session) = await InitializeAsync(http);

        var (_, reply, _) = await PostAsync(http, body, session);

        Assert.Equal(code, (int)reply!["error"]!["code"]!);
    }

    [Fact]
    public async Task Calls_OneAfterAnother_LeaveNoLineInTheLog()
    {
        var log = new LineCounter();
        await using var server = await RunningServer.StartAsync(
            services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Information)
                .AddFilter("Microsoft", LogLevel.Warning).AddProvider(log)));
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        var before = log.Lines.Count;
        var (_, _, session) = await InitializeAsync(http);
        await CallAsync(http, session, "reset", "{}");
        await CallAsync(http, session, "step", """{"answer":"<answer>yes</answer>"}""");
        await DeleteAsync(http, session);

        Assert.Empty(log.Lines.Skip(before));
    }

    private void Advance(RunningServer server, TimeSpan time)
    {
        _time.Advance(time);
        server.Services.GetRequiredService<SessionStore>().Sweep();
    }

    private static Task<(HttpStatusCode Status, JsonNode? Reply, string? Session)> InitializeAsync(
        HttpClient http, string version = "2025-11-25") => PostAsync(
            http,
            $$$$$"""
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":
             {"protocolVersion":"{{{{{version}}}}}","capabilities":{},"clientInfo":{"name":"tests","version":"1"}}}
            """,
            session: null);

    private static Task<(HttpStatusCode Status, JsonNode? Reply, string? Session)> CallAsync(
        HttpClient http, string? session, string tool, string arguments) => PostAsync(
            http,
            $$$$$"""
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":
             {"name":"{{{{{tool}}}}}","arguments":{{{{{arguments}}}}}}}
            """,
            session);

    private static async Task<(HttpStatusCode Status, JsonNode? Reply, string? Session)> PostAsync(
        HttpClient http, string message, string? session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = new StringContent(message, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        if (session is not null)
        {
            request.Headers.Add(SessionHeader, session);
        }

        using var answer = await http.SendAsync(request).WaitAsync(RunningServer.Patience);
        var text = await answer.Content.ReadAsStringAsync();
        // One event holds the reply, where the answer is a stream of them.
        var data = answer.Content.Headers.ContentType?.MediaType == "text/event-stream"
            ? text.Split('\n').Single(line => line.StartsWith("data: {", StringComparison.Ordinal))["data: ".Length..]
            : text;
        return (answer.StatusCode, data.Length > 0 ? JsonNode.Parse(data) : null,
            answer.Headers.TryGetValues(SessionHeader, out var own) ? own.Single() : null);
    }

    private static async Task<HttpStatusCode> DeleteAsync(HttpClient http, string? session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/mcp");
        request.Headers.Add(SessionHeader, session);
        using var answer = await http.SendAsync(request).WaitAsync(RunningServer.Patience);
        return answer.StatusCode;
    }

    private sealed class LineCounter : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));
    }
}
