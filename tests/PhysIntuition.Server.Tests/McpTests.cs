using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace PhysIntuition.Server.Tests;

/// <summary>The official clients of the Model Context Protocol play, by each of its revisions.</summary>
public sealed partial class McpTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>
{
    private const string Sessionless = "2026-07-28";

    private static readonly string s_npm = Path.Combine(Repository.Root, "tests/PhysIntuition.Server.Tests/npm");

    [Theory]
    [InlineData("2025-03-26")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task Session_OfAClientThatShakesHands_PlaysItsOwnEpisode(string version)
    {
        await using var client = await ConnectAsync("/mcp", version);
        await using var other = await ConnectAsync("/mcp", version);
        var tools = await client.ListToolsAsync();
        var reset = await CallAsync(client, "reset", ("task", "OffsetRetry-v1"), ("seed", 4));
        await CallAsync(other, "reset", ("task", "Stability-v1"));
        var render = await CallAsync(client, "render", ("width", 64), ("height", 32));
        var step = await CallAsync(client, "step", ("answer", "none"));

        Assert.Equal((version, true), (client.NegotiatedProtocolVersion, client.SessionId is not null));
        Assert.Contains("reset shows a scene", client.ServerInstructions, StringComparison.Ordinal);
        Assert.Equal(["list_tasks", "reset", "render", "step"], tools.Select(tool => tool.Name));
        Assert.DoesNotContain("episode", tools[3].JsonSchema.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("red block", TextOf(reset), StringComparison.Ordinal);
        var png = Assert.IsType<ImageContentBlock>(Assert.Single(render.Content)).DecodedData.ToArray();
        Assert.Equal([0, 0, 0, 64, 0, 0, 0, 32], png[16..24]); // width and height in the file's header
        AssertUnreadable(step);
    }

    [Fact]
    public async Task Episode_WithoutSessions_IsAnArgumentAndNobodyElses()
    {
        await using var client = await ConnectAsync("/Offset-v1/mcp", Sessionless);
        var tools = await client.ListToolsAsync();
        var one = HandleOf(await CallAsync(client, "reset", ("seed", 4)));
        var two = HandleOf(await CallAsync(client, "reset", ("task", "Stability-v1"), ("seed", 4)));
        var ofTwo = await CallAsync(client, "step", ("episode", two), ("answer", "<answer>yes</answer>"));
        var ofOne = await CallAsync(client, "step", ("episode", one), ("answer", "<answer>(-40, 260)</answer>"));
        var again = HandleOf(await CallAsync(client, "reset", ("episode", one), ("seed", 5)));

        Assert.Equal((Sessionless, null), (client.NegotiatedProtocolVersion, client.SessionId));
        Assert.Equal(["episode"], RequiredBy(tools[2]));
        Assert.Equal(["answer", "episode"], RequiredBy(tools[3]));
        Assert.NotEqual(one, two);
        Assert.Equal(one, again);
        Assert.Matches("^Reward [01]\\. Done: true\\.", TextOf(ofTwo));
        Assert.Contains("Done: true.", TextOf(ofOne), StringComparison.Ordinal);
        Assert.DoesNotContain("could not be read", TextOf(ofOne), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reset", """{"sead":1}""", "'sead' is no field of reset; there are task, seed.", "mean 'seed'?")]
    [InlineData("reset", """{"seed":-1}""", "'seed' is -1; it must be a whole number", "")]
    [InlineData("reset", """{"seed":"4"}""", "'seed' is \"4\"; it must be a whole number", "")]
    [InlineData("reset", """{"task":"Ofset-v1"}""", "'Ofset-v1'", "mean 'Offset-v1'?")]
    [InlineData("reset", "\"seed=4\"", "'arguments' is \"seed=4\"; reset wants an object", "not as a text")]
    [InlineData("reset", "[4]", "'arguments' is [4]; reset wants an object", "")]
    [InlineData("reset", """{"arguments":{"seed":4}}""", "'arguments' is {\"seed\":4}; reset wants an object", "")]
    [InlineData("list_tasks", """{"all":true}""", "'all' is no field of list_tasks", "")]
    [InlineData("step", "{}", "'answer' is absent; step wants it.", "")]
    [InlineData("step", """{"answer":7}""", "'answer' is 7; it must be a text.", "")]
    [InlineData("step", """{"answer":"yes"}""", "There is no episode yet. Send reset first.", "")]
    [InlineData("render", """{"width":99999}""", "There is no episode yet.", "")]
    public async Task Arguments_ThatAreWrong_AreToldToTheModel(
        string tool, string arguments, string reason, string remedy)
    {
        await using var client = await ConnectAsync("/mcp", "2025-11-25");
        var reply = await client.SendRequestAsync(new JsonRpcRequest
        {
            Method = "tools/call",
            Params = new JsonObject { ["name"] = tool, ["arguments"] = JsonNode.Parse(arguments) },
        }).WaitAsync(RunningServer.Patience);

        Assert.True((bool)reply.Result!["isError"]!);
        var text = (string)reply.Result["content"]![0]!["text"]!;
        Assert.Contains(reason, text, StringComparison.Ordinal);
        Assert.Contains(remedy, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "'episode' is absent; step wants the one that reset names.")]
    [InlineData("elsewhere", "'episode' is 'elsewhere', which is no episode here, or no longer. Call reset")]
    public async Task Step_WithoutAnEpisodeOfReset_IsToldToTheModel(string? episode, string reason)
    {
        await using var client = await ConnectAsync("/mcp", Sessionless);
        var step = await CallAsync(client, "step", ("answer", "none"), ("episode", episode));

        Assert.True(step.IsError);
        Assert.Contains(reason, TextOf(step), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_ThatIsUnknown_IsAFaultOfTheProtocol()
    {
        await using var client = await ConnectAsync("/mcp", "2025-11-25");
        var fault = await Assert.ThrowsAsync<McpProtocolException>(() => CallAsync(client, "stepp"));

        Assert.Equal(McpErrorCode.InvalidParams, fault.ErrorCode);
        Assert.Contains("mean 'step'?", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sdk", "2025-11-25")]
    [InlineData("client", Sessionless)]
    public async Task NpmClient_PlaysAnEpisode_AndIsToldWhatItDidWrong(string client, string version)
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(s_npm, "node_modules")),
            "the clients are absent: npm ci --prefix tests/PhysIntuition.Server.Tests/npm --ignore-scripts");
        var address = new Uri(shared.Server.HttpAddress, "/mcp").ToString();
        var script = Path.Combine(s_npm, "mcp.mjs");
        using var process = Process.Start(new ProcessStartInfo("node", [script, client, address])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var faults = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(RunningServer.Patience);
        await process.WaitForExitAsync().WaitAsync(RunningServer.Patience);
        Assert.True(process.ExitCode == 0, await faults);

        var seen = JsonNode.Parse(output)!;
        Assert.Equal((version, client == "sdk"), ((string?)seen["version"], seen["session"] is not null));
        Assert.Equal(["list_tasks", "reset", "render", "step"], seen["tools"]!.AsArray().Select(name => (string)name!));
        Assert.Equal("image/png", (string?)seen["reset"]![1]!["mimeType"]);
        Assert.StartsWith("Reward -5. Done: false.\nUnreadable.", (string?)seen["step"]![0]!["text"]);
        Assert.Contains("mean 'answer'?", (string?)seen["wrong"]![0]!["text"], StringComparison.Ordinal);
        Assert.Equal([false, true], seen["isError"]!.AsArray().Select(isError => (bool)isError!));
    }

    // Reward, verdict, what was wrong with the text, and the question that the next attempt answers.
    private static void AssertUnreadable(CallToolResult step)
    {
        var lines = TextOf(step).Split('\n');
        Assert.Equal(["Reward -5. Done: false.", "Unreadable."], lines[..2]);
        Assert.StartsWith("The answer could not be read: There is no <answer>", lines[2]);
        Assert.Contains("Attempt 1 of 3 was unreadable.", lines[3], StringComparison.Ordinal);
        Assert.IsType<ImageContentBlock>(step.Content[1]);
    }

    private static string TextOf(CallToolResult result) => Assert.IsType<TextContentBlock>(result.Content[0]).Text;

    private static string HandleOf(CallToolResult result) => Handle().Match(TextOf(result)).Groups[1].Value;

    private static IEnumerable<string?> RequiredBy(McpClientTool tool) =>
        tool.JsonSchema.GetProperty("required").EnumerateArray().Select(name => name.GetString());

    private Task<McpClient> ConnectAsync(string path, string version) => McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(shared.Server.HttpAddress, path),
            TransportMode = HttpTransportMode.StreamableHttp,
        }),
        new McpClientOptions { ProtocolVersion = version }).WaitAsync(RunningServer.Patience);

    private static Task<CallToolResult> CallAsync(
        McpClient client, string tool, params (string Name, object? Value)[] arguments) => client.CallToolAsync(
            tool, arguments.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Name, pair => pair.Value))
        .AsTask().WaitAsync(RunningServer.Patience);

    [GeneratedRegex("^Episode: (\\S+)$", RegexOptions.Multiline)]
    private static partial Regex Handle();
}
