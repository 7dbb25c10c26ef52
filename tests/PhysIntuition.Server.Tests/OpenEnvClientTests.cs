using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.Server.Sessions;

namespace PhysIntuition.Server.Tests;

/// <summary>Whole episodes in the very messages that OpenEnv's own clients send.</summary>
public sealed class OpenEnvClientTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = shared.Server.HttpAddress };

    public void Dispose() => _http.Dispose();

    // GenericEnvClient; a typed Action brings its metadata along.
    [Theory]
    [InlineData("""{"answer": "<answer>yes</answer>"}""")]
    [InlineData("""{"metadata": {}, "answer": "<answer>yes</answer>"}""")]
    [InlineData("""{"answer": "<answer>yes</answer>", "metadata": {"tag": "test", "n": [1, null]}}""")]
    public async Task EnvClient_ResetStepStateClose_PlaysAnEpisode(string action)
    {
        using var socket = await shared.Server.ConnectAsync("/Stability-v1/ws");
        var reset = await socket.AskAsync("""{"type": "reset", "data": {"seed": 4, "episode_id": "e1"}}""");
        var step = await socket.AskAsync($$"""{"type": "step", "data": {{action}}}""");
        var state = await socket.AskAsync("""{"type": "state"}""");
        await socket.SayAsync("""{"type": "close"}""");
        var end = await socket.ReceiveAsync(new byte[64], CancellationToken.None).WaitAsync(RunningServer.Patience);

        Assert.Equal(("observation", null, false),
            ((string?)reset["type"], (float?)reset["data"]!["reward"], (bool)reset["data"]!["done"]!));
        Assert.StartsWith("iVBOR", (string?)reset["data"]!["observation"]!["image"]);
        Assert.True((bool)step["data"]!["done"]!);
        Assert.Contains((float)step["data"]!["reward"]!, new[] { 0f, 1f });
        Assert.Equal("""{"episode_id":"e1","step_count":1}""", state["data"]!.ToJsonString());
        Assert.Equal(WebSocketMessageType.Close, end.MessageType);
    }

    [Theory]
    [InlineData("""{"answer": "yes", "metadata": 7}""", "'metadata' is 7; it must be an object.")]
    [InlineData("""{"answer": "yes", "tag": 1}""", "'tag' is no field of step; there are answer, metadata.")]
    [InlineData("""{"metadata": {}}""", "'answer' is absent; step wants it.")]
    public async Task EnvClient_AWrongAction_IsToldWhatIsWrong(string action, string reason)
    {
        using var socket = await shared.Server.ConnectAsync("/ws");
        var refusal = await socket.AskAsync($$"""{"type": "step", "data": {{action}}}""");

        Assert.Equal(("error", "VALIDATION_ERROR"),
            ((string?)refusal["type"], (string?)refusal["data"]!["code"]));
        Assert.StartsWith(reason, (string?)refusal["data"]!["message"]);
    }

    // MCPToolClient as it is made: tools are listed and called as steps of the socket.
    [Fact]
    public async Task ToolClient_OverItsSocket_PlaysAnEpisode()
    {
        using var socket = await shared.Server.ConnectAsync("/Stability-v1/ws");
        await socket.AskAsync("""{"type": "reset", "data": {"seed": 3}}""");
        var list = await socket.AskAsync("""{"type": "step", "data": {"type": "list_tools"}}""");
        var reset = await socket.AskAsync(
            """{"type": "step", "data": {"type": "call_tool", "tool_name": "reset", "arguments": {"seed": 4}}}""");
        var step = await socket.AskAsync("""
            {"type": "step", "data": {"type": "call_tool", "tool_name": "step",
             "arguments": {"answer": "<answer>yes</answer>"}}}
            """);
        var wrong = await socket.AskAsync(
            """{"type": "step", "data": {"type": "call_tool", "tool_name": "step", "arguments": {"anwser": "x"}}}""");

        Assert.Equal(["list_tasks", "reset", "render", "step"],
            Seen(list)["tools"]!.AsArray().Select(tool => (string)tool!["name"]!));
        Assert.Equal("image", (string?)Seen(reset)["result"]!["content"]![1]!["type"]);
        Assert.Equal(("step", null), ((string?)Seen(step)["tool_name"], Seen(step)["error"]));
        Assert.Contains((float)step["data"]!["reward"]!, new[] { 0f, 1f });
        Assert.True((bool)step["data"]!["done"]!);
        Assert.Equal("execution_error", (string?)Seen(wrong)["error"]!["error_type"]);
        Assert.Contains("mean 'answer'?", (string?)Seen(wrong)["error"]!["message"], StringComparison.Ordinal);

        static JsonNode Seen(JsonNode reply) => reply["data"]!["observation"]!;
    }

    // MCPToolClient in production: JSON-RPC over HTTP, the session a parameter.
    [Theory]
    [InlineData("/mcp")]
    [InlineData("/Stability-v1/mcp")]
    public async Task ToolClient_InProduction_PlaysAnEpisode(string path)
    {
        await using var server = await RunningServer.StartAsync();   // its sessions are this test's alone
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        var quota = server.Services.GetRequiredService<Quota>();
        var created = await RpcAsync(path, "openenv/session/create", "{}", http);
        var session = (string)created["result"]!["session_id"]!;
        var list = await RpcAsync(path, "tools/list", $$"""{"session_id": "{{session}}"}""", http);
        var reset = await RpcAsync(path, "tools/call",
            $$"""{"name": "reset", "arguments": {"seed": 4}, "session_id": "{{session}}"}""", http);
        var step = await RpcAsync(path, "tools/call",
            $$"""{"name": "step", "arguments": {"answer": "<answer>yes</answer>"}, "session_id": "{{session}}"}""",
            http);
        var open = quota.Sessions;
        var closed = await RpcAsync(path, "openenv/session/close", $$"""{"session_id": "{{session}}"}""", http);
        var late = await RpcAsync(path, "tools/list", $$"""{"session_id": "{{session}}"}""", http);

        Assert.Equal(4, list["result"]!["tools"]!.AsArray().Count);
        Assert.Equal("image/png", (string?)reset["result"]!["content"]![1]!["mimeType"]);
        Assert.Matches("^Reward [01]\\. Done: true\\.", (string?)step["result"]!["content"]![0]!["text"]);
        Assert.True((bool)closed["result"]!["closed"]!);
        Assert.Equal((1, 0), (open, quota.Sessions));
        Assert.Equal(-32602, (int)late["error"]!["code"]!);
    }

    [Theory]
    [InlineData("tools/call", """{"name": "dance", "arguments": {}}""", -32602)]
    [InlineData("tools/list", """{"session_id": "nobody"}""", -32602)]
    [InlineData("openenv/session/close", "{}", -32602)]
    [InlineData("openenv/session/open", "{}", -32601)]
    public async Task ToolClient_WithAMistake_GetsItsCode(string method, string parameters, int code) =>
        Assert.Equal(code, (int)(await RpcAsync("/mcp", method, parameters))["error"]!["code"]!);

    [Theory]
    [InlineData("{}", -32600)]
    [InlineData("{", -32700)]
    [InlineData("[1]", -32600)]
    public async Task Mcp_NoMessageAtAll_GetsItsCode(string message, int code) =>
        Assert.Equal(code, (int)(await PostAsync("/mcp", message))["error"]!["code"]!);

    [Fact]
    public async Task Socket_WithAMessageOfMcp_AnswersInItsOwnEpisode()
    {
        using var socket = await shared.Server.ConnectAsync("/Stability-v1/ws");
        await socket.AskAsync("""{"type": "reset", "data": {"seed": 4}}""");
        var step = await socket.AskAsync("""
            {"type": "mcp", "data": {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
             "params": {"name": "step", "arguments": {"answer": "<answer>yes</answer>"}}}}
            """);

        Assert.Equal(("mcp", 1), ((string?)step["type"], (int)step["data"]!["id"]!));
        Assert.Contains("Done: true.", step["data"]!["result"]!.ToJsonString(), StringComparison.Ordinal);
    }

    // HTTPEnvClient, as it was before sockets; it always sends its patience.
    [Fact]
    public async Task HttpClient_StepWithItsTimeout_IsCarriedOut()
    {
        using var reset = await PostRawAsync("/reset", """{"seed": 4}""", null);
        using var step = await PostRawAsync(
            "/step", """{"action": {"answer": "<answer>yes</answer>"}, "timeout_s": 15, "request_id": "r"}""", reset);
        var body = JsonNode.Parse(await step.Content.ReadAsStringAsync())!;

        Assert.Equal(HttpStatusCode.OK, step.StatusCode);
        Assert.Equal(["observation", "reward", "done", "metadata"], body.AsObject().Select(field => field.Key));
    }

    [Theory]
    [InlineData("""{"action": {"answer": "x"}, "timeout_s": 0}""", "'timeout_s' is 0; must be above 0")]
    [InlineData("""{"action": {"answer": "x"}, "timeout": 15}""", "'timeout' is no field of step")]
    [InlineData("""{"answer": "x"}""", "'answer' is no field of step")]
    public async Task HttpClient_AWrongStep_IsToldWhatIsWrong(string body, string reason)
    {
        using var answer = await PostRawAsync("/step", body, null);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.StartsWith(reason, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"]);
    }

    [Fact]
    public async Task HttpClient_WhoseTimeoutPasses_IsToldSoAndGoesOn()
    {
        await using var server = await RunningServer.StartAsync("Engine:Threads=1");
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        using var reset = await PostRawAsync("/reset", "{}", null, http);
        var stone = await Stone.LayAsync(server.Services.GetRequiredService<Scheduler>());
        using var late = await PostRawAsync(
            "/step", """{"action": {"answer": "<answer>yes</answer>"}, "timeout_s": 0.01}""", reset, http);
        stone.Lift();
        using var step = await PostRawAsync("/step", """{"action": {"answer": "<answer>yes</answer>"}}""", reset, http);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, late.StatusCode);
        Assert.Equal(HttpStatusCode.OK, step.StatusCode);
    }

    [Fact]
    public async Task HttpClients_ThatNeverComeBack_LeaveNothingBehind()
    {
        var time = new TestTime();
        await using var server = await RunningServer.StartAsync(time, "Sessions:UnclaimedLease=00:01:00");
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        var quota = server.Services.GetRequiredService<Quota>();
        for (var i = 0; i < 5; i++)
        {
            using var gone = await PostRawAsync("/reset", "{}", null, http);
            using var refused = await PostRawAsync("/reset", """{"options": {"blocks": 99}}""", null, http);
            Assert.False(refused.Headers.Contains("physintuition-session"));
        }

        using var kept = await PostRawAsync("/reset", "{}", null, http);
        using var again = await PostRawAsync("/reset", "{}", kept, http);
        Assert.Equal((6, 6), (quota.Sessions, quota.Slots));
        time.Advance(TimeSpan.FromSeconds(61));
        server.Services.GetRequiredService<SessionStore>().Sweep();

        Assert.Equal((1, 1), (quota.Sessions, quota.Slots));
        using var step = await PostRawAsync("/step", """{"action": {"answer": "yes"}}""", kept, http);
        Assert.Equal(HttpStatusCode.OK, step.StatusCode);
    }

    private async Task<JsonNode> RpcAsync(
        string path, string method, string parameters, HttpClient? http = null) => await PostAsync(
        path, $$"""{"jsonrpc": "2.0", "method": "{{method}}", "params": {{parameters}}, "id": 1}""", http);

    private async Task<JsonNode> PostAsync(string path, string message, HttpClient? http = null)
    {
        using var answer = await PostRawAsync(path, message, null, http);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private async Task<HttpResponseMessage> PostRawAsync(
        string path, string body, HttpResponseMessage? session, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        foreach (var name in session is null ? [] : new[] { "physintuition-session", "physintuition-session-token" })
        {
            request.Headers.Add(name, session!.Headers.GetValues(name));
        }

        return await (http ?? _http).SendAsync(request).WaitAsync(RunningServer.Patience);
    }
}
