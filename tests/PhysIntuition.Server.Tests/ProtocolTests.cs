using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Server.Scheduling;

namespace PhysIntuition.Server.Tests;

/// <summary>What others' clients and validators ask of the HTTP port.</summary>
public sealed class ProtocolTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = shared.Server.HttpAddress };

    public void Dispose() => _http.Dispose();

    // OpenEnv's validator asks a running server six things.
    [Fact]
    public async Task Validator_OpenApi_NamesItsVersion() =>
        Assert.NotEmpty((string)(await GetAsync("/openapi.json"))["info"]!["version"]!);

    [Fact]
    public async Task Validator_Health_IsHealthy() =>
        Assert.Equal("healthy", (string?)(await GetAsync("/health"))["status"]);

    [Fact]
    public async Task Validator_Metadata_HasNameAndDescription()
    {
        var metadata = await GetAsync("/metadata");

        Assert.NotEmpty((string)metadata["name"]!);
        Assert.NotEmpty((string)metadata["description"]!);
    }

    [Fact]
    public async Task Validator_Schema_HasThreeObjects()
    {
        var schema = await GetAsync("/schema");

        Assert.All(["action", "observation", "state"], part => Assert.IsType<JsonObject>(schema[part]));
    }

    [Fact]
    public async Task Validator_Mcp_AnswersAnEmptyObjectWithJsonRpc()
    {
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync("/mcp", content);
        var reply = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

        Assert.Equal((HttpStatusCode.OK, "2.0"), (answer.StatusCode, (string?)reply["jsonrpc"]));
        Assert.Equal(-32600, (int)reply["error"]!["code"]!);
    }

    [Fact]
    public async Task Validator_Mode_OffersResetStepAndState()
    {
        var paths = (await GetAsync("/openapi.json"))["paths"]!;

        Assert.NotNull(paths["/reset"]!["post"]);
        Assert.NotNull(paths["/step"]!["post"]);
        Assert.NotNull(paths["/state"]!["get"]);
    }

    [Fact]
    public async Task Socket_PingedDuringALongStep_AnswersAtOnce()
    {
        await using var server = await RunningServer.StartAsync("Engine:Threads=1");
        var stone = await Stone.LayAsync(server.Services.GetRequiredService<Scheduler>());
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.HttpAddress.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(
            "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"u8.ToArray());
        await stream.WriteAsync(
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"u8.ToArray());
        var buffer = new byte[1024];
        var handshake = await stream.ReadAsync(buffer).AsTask().WaitAsync(RunningServer.Patience);
        await stream.WriteAsync(Frame(0x81, """{"type":"reset","data":{}}"""));
        await stream.WriteAsync(Frame(0x89, "hi"));
        var pong = await stream.ReadAsync(buffer.AsMemory(512)).AsTask().WaitAsync(RunningServer.Patience);
        var wasWaiting = !stone.IsPassed;
        stone.Lift();

        Assert.StartsWith("HTTP/1.1 101", Encoding.ASCII.GetString(buffer, 0, handshake));
        Assert.Equal([0x8A, 2, (byte)'h', (byte)'i'], buffer[512..(512 + pong)]);
        Assert.True(wasWaiting);
    }

    [Fact]
    public async Task Sockets_TwoThousandAtOnce_AreAllServed()
    {
        const int count = 2000;
        using var patience = new CancellationTokenSource(RunningServer.Patience);
        var address = new UriBuilder(shared.Server.HttpAddress) { Scheme = "ws", Path = "/ws" }.Uri;
        var sockets = Enumerable.Range(0, count).Select(_ => new ClientWebSocket()).ToArray();
        foreach (var part in sockets.Chunk(100))
        {
            await Task.WhenAll(part.Select(socket => socket.ConnectAsync(address, patience.Token)));
        }

        var replies = await Task.WhenAll(sockets.Select(socket => StateAsync(socket, patience.Token)));
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }

        Assert.All(replies, reply => Assert.Equal(0, (int)reply["data"]!["step_count"]!));
    }

    private static async Task<JsonNode> StateAsync(ClientWebSocket socket, CancellationToken cancellation)
    {
        var buffer = new byte[1024];
        await socket.SendAsync("""{"type":"state"}"""u8.ToArray(), WebSocketMessageType.Text, true, cancellation);
        var part = await socket.ReceiveAsync(buffer, cancellation);
        return JsonNode.Parse(buffer.AsSpan(0, part.Count))!;
    }

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await _http.GetStringAsync(path))!;

    private static byte[] Frame(byte kind, string text) =>
        [kind, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];
}
