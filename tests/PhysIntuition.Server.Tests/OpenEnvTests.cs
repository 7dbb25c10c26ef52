using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>OpenEnv's conversations, and what else the HTTP port serves.</summary>
public sealed class OpenEnvTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = shared.Server.HttpAddress };

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Health_OfAServerThatTakesWork_IsHealthy() =>
        Assert.Equal("healthy", (string?)(await GetAsync("/health"))["status"]);

    [Fact]
    public async Task Documents_OfATask_AreWhatTheValidatorAsksFor()
    {
        var openApi = await GetAsync("/Offset-v1/openapi.json");
        var metadata = await GetAsync("/Offset-v1/metadata");
        var schema = await GetAsync("/Offset-v1/schema");

        Assert.NotEmpty((string)openApi["info"]!["version"]!);
        Assert.All(["/reset", "/step", "/state"], path => Assert.NotNull(openApi["paths"]![path]));
        Assert.Equal("Offset-v1", (string?)metadata["name"]);
        foreach (var part in new[] { "action", "observation", "state" })
        {
            Assert.Equal("object", (string?)schema[part]!["type"]);
            Assert.False((bool)schema[part]!["additionalProperties"]!);
        }

        // Clients that answer in plain text need exactly one required field.
        Assert.Single(schema["action"]!["required"]!.AsArray());
    }

    [Fact]
    public async Task Socket_ResetAndStep_PlaysTheEpisodeThatGrpcPlays()
    {
        using var socket = await shared.Server.ConnectAsync("/Offset-v1/ws");
        var reset = await socket.AskAsync("""{"type":"reset","data":{"seed":50,"episode_id":"e1"}}""");
        var step = await socket.AskAsync("""{"type":"step","data":{"answer":"<answer>(-40, 260)</answer>"}}""");
        var state = await socket.AskAsync("""{"type":"state"}""");
        var expected = await shared.Server.Stub.ScoreAsync(new ScoreRequest
        {
            Task = "Offset-v1",
            Seeds = { 50 },
            Texts = new TextActions { Answers = { "<answer>(-40, 260)</answer>" } },
        });

        Assert.Equal("observation", (string?)reset["type"]);
        Assert.StartsWith("iVBOR", (string?)reset["data"]!["observation"]!["image"]);
        Assert.False((bool)reset["data"]!["done"]!);
        Assert.All(reset["data"]!["metadata"]!.AsObject(), field => Assert.Null(field.Value));
        Assert.True((bool)step["data"]!["done"]!);
        Assert.True((bool)step["data"]!["observation"]!["terminated"]!);
        Assert.Equal(Given.Floats(expected.Rewards)[0], (float)step["data"]!["reward"]!);
        Assert.Equal(("e1", 1), ((string?)state["data"]!["episode_id"], (int)state["data"]!["step_count"]!));
    }

    [Theory]
    [InlineData("new", "system user | user")]
    [InlineData("all", "system user | system user assistant user")]
    [InlineData("1", "system user | system user")]
    [InlineData("2", "system user | system user assistant user")]
    public async Task Socket_ResetThatAsksForMessages_ShowsTheTurnsOfAChat(string kind, string roles)
    {
        using var socket = await shared.Server.ConnectAsync("/OffsetRetry-v1/ws");
        var reset = await socket.AskAsync(
            $$$"""{"type":"reset","data":{"seed":50,"messages":"{{{kind}}}","width":32,"height":32}}""");
        var step = await socket.AskAsync("""{"type":"step","data":{"answer":"<answer>(1, 2)</answer>"}}""");
        var plain = await socket.AskAsync("""{"type":"reset","data":{"seed":50}}""");

        JsonArray[] turns = [.. new[] { reset, step }.Select(
            reply => reply["data"]!["observation"]!["messages"]!.AsArray())];
        Assert.Equal(roles, string.Join(" | ", turns.Select(
            some => string.Join(' ', some.Select(turn => (string)turn!["role"]!)))));
        var question = turns[0][1]!["content"]!;
        Assert.Equal("data:image/png;base64," + (string)reset["data"]!["observation"]!["image"]!,
            (string)question[0]!["image_url"]!["url"]!);
        Assert.Equal((string)reset["data"]!["observation"]!["prompt"]!, (string)question[1]!["text"]!);
        Assert.Null(plain["data"]!["observation"]!["messages"]);
    }

    [Theory]
    [InlineData("nonsense", "INVALID_JSON")]
    [InlineData("[1]", "INVALID_JSON")]
    [InlineData("""{"type":"dance"}""", "UNKNOWN_TYPE")]
    [InlineData("""{"type":"state","extra":1}""", "VALIDATION_ERROR")]
    [InlineData("""{"type":"reset","data":{"sead":1}}""", "VALIDATION_ERROR")]
    [InlineData("""{"type":"reset","data":{"messages":"some"}}""", "VALIDATION_ERROR")]
    [InlineData("""{"type":"reset","data":{"messages":"0"}}""", "VALIDATION_ERROR")]
    [InlineData("""{"type":"reset","data":{"seed":-1}}""", "VALIDATION_ERROR")]
    [InlineData("""{"type":"step","data":{"answer":3}}""", "VALIDATION_ERROR")]
    [InlineData("""{"type":"step","data":{"answer":"yes"}}""", "EXECUTION_ERROR")]
    public async Task Socket_AWrongMessage_IsAnsweredAndTheSocketGoesOn(string message, string code)
    {
        using var socket = await shared.Server.ConnectAsync("/ws");
        var error = await socket.AskAsync(message);
        var reset = await socket.AskAsync("""{"type":"reset","data":{}}""");

        Assert.Equal(("error", code), ((string?)error["type"], (string?)error["data"]!["code"]));
        Assert.Equal("observation", (string?)reset["type"]);
    }

    [Fact]
    public async Task Socket_ARefusedReset_LeavesTheEpisodeAsItIs()
    {
        using var socket = await shared.Server.ConnectAsync("/Offset-v1/ws");
        await socket.AskAsync("""{"type":"reset","data":{"seed":50}}""");
        var refusal = await socket.AskAsync("""{"type":"reset","data":{"options":{"blocks":99}}}""");
        var step = await socket.AskAsync("""{"type":"step","data":{"answer":"<answer>(-40, 260)</answer>"}}""");

        Assert.Equal("error", (string?)refusal["type"]);
        Assert.Equal("observation", (string?)step["type"]);
    }

    [Fact]
    public async Task Http_ResetThenStep_KeepsItsStateUnderTheSessionsHeaders()
    {
        using var reset = await _http.PostAsJsonAsync("/reset", new { seed = 1 });
        using var step = new HttpRequestMessage(HttpMethod.Post, "/step")
        {
            Content = JsonContent.Create(new { action = new { answer = "<answer>yes</answer>" } }),
        };
        await step.Content.LoadIntoBufferAsync();
        foreach (var name in new[] { "physintuition-session", "physintuition-session-token" })
        {
            step.Headers.Add(name, reset.Headers.GetValues(name));
        }

        using var answer = await _http.SendAsync(step);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True((bool)body["done"]!);
        Assert.Contains((float)body["reward"]!, new[] { 0f, 1f });
    }

    [Fact]
    public async Task Http_ABadAction_IsUnprocessable()
    {
        using var content = new StringContent("""{"action":7}""", Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync("/step", content);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
    }

    [Fact]
    public async Task Metrics_AfterSomeSteps_CountThem()
    {
        var headers = await shared.Server.OpenAsync();
        await shared.Server.Stub.CreateAsync(Given.Create(3), headers);
        await shared.Server.Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 1 }, headers);
        var before = await StepsAsync();
        await shared.Server.Stub.StepAsync(Given.Step(1, rows: 3), headers);

        Assert.Equal(before + 3, await StepsAsync());

        async Task<double> StepsAsync() => double.Parse(
            (await _http.GetStringAsync("/metrics")).Split('\n')
            .FirstOrDefault(line => line.StartsWith("physintuition_slot_steps_total ", StringComparison.Ordinal))
            ?.Split(' ')[1] ?? "0", System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await _http.GetStringAsync(path))!;
}
