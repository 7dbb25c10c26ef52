using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using NJsonSchema;

namespace PhysIntuition.Server.Tests;

/// <summary>The OpenAPI document says what the server does: whoever knows only the document can use it.</summary>
public sealed class OpenApiTests(OpenApiTests.Shared shared) : IClassFixture<OpenApiTests.Shared>, IDisposable
{
    private const string Json = "application/json", Problem = "application/problem+json";

    private readonly HttpClient _http = new() { BaseAddress = shared.Server.HttpAddress };

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Document_OfEverything_IsCarriedOutAsItSays()
    {
        var api = new Api(_http, await DocumentAsync("/openapi.json"));

        await PlayAsync(api, "", []);
        await PlayAsync(api, "/{task}", [("task", "Offset-v1")]);
        await LookAsync(api);
        await PlayAsPersonAsync(api);
        await PlayHeldoutAsync(api);
        await TrainAsync(api);
        await api.CallAsync("get", "/metrics");
        await api.BeginAsync("/api/watch");

        Assert.Empty(api.NotCalled);
    }

    [Theory]
    [InlineData("Stability-v1")]
    [InlineData("Offset-v1")]
    [InlineData("ssljigsaw-v1")]   // capitals do not matter
    public async Task Document_OfATask_IsCarriedOutBelowTheTasksPath(string task)
    {
        var document = await DocumentAsync($"/{task}/openapi.json");
        using var http = new HttpClient { BaseAddress = _http.BaseAddress };
        var api = new Api(http, document);

        await PlayAsync(api, "", [], hasSockets: true);

        Assert.Equal(task, (string?)document["info"]!["title"], ignoreCase: true);
        Assert.Equal($"/{task}", (string?)document["servers"]![0]!["url"], ignoreCase: true);
        Assert.Empty(api.NotCalled);
    }

    [Fact]
    public async Task Document_OfAnUnknownTask_IsNotFound()
    {
        using var answer = await _http.GetAsync("/Nonsense-v1/openapi.json");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    // Whatever the document names is looked at: nonsense in it is refused, as the document says.
    [Fact]
    public async Task Document_EveryParameterOfAScene_IsRead()
    {
        var document = await DocumentAsync("/openapi.json");
        var api = new Api(_http, document);
        const string path = "/api/scenes/{task}/picture";
        var named = document["paths"]![path]!["get"]!["parameters"]!.AsArray()
            .Where(parameter => (string?)parameter!["in"] == "query").Select(parameter => (string)parameter!["name"]!);
        foreach (var name in named)
        {
            (string, string)[] values = [("task", "Offset-v1"), ("seed", "1")];
            await api.RefuseAsync("get", path, [.. values.Where(value => value.Item1 != name), (name, "nonsense")]);
        }
    }

    private async Task<JsonNode> DocumentAsync(string path) =>
        JsonNode.Parse(await _http.GetStringAsync(path).WaitAsync(RunningServer.Patience))!;

    private static async Task PlayAsync(
        Api api, string prefix, (string Name, string Value)[] path, bool hasSockets = true)
    {
        var health = await api.CallAsync("get", prefix + "/health", path);
        await api.CallAsync("get", prefix + "/metadata", path);
        await api.CallAsync("get", prefix + "/schema", path);
        var reset = await api.CallAsync("post", prefix + "/reset", path, """{"seed":3,"width":64,"height":64}""");
        (string, string)[] session =
        [
            .. path, ("physintuition-session", api.Header("physintuition-session")),
            ("physintuition-session-token", api.Header("physintuition-session-token")),
        ];
        var step = await api.CallAsync(
            "post", prefix + "/step", session, """{"action":{"answer":"none"},"timeout_s":60}""");
        var state = await api.CallAsync("get", prefix + "/state", session);
        if (hasSockets)
        {
            await api.CallAsync("get", prefix + "/ws", path, status: 426);
        }

        Assert.Equal("healthy", (string?)health!["status"]);
        Assert.Null(reset!["reward"]);
        Assert.NotNull(step!["metadata"]!["parse_error"]);
        Assert.Equal(1, (int)state!["step_count"]!);
        if (api.Has("post", prefix + "/mcp"))
        {
            var list = await api.CallAsync(
                "post", prefix + "/mcp", path, """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""");
            Assert.NotNull(list!["result"]!["tools"]);
            await api.CallAsync("delete", prefix + "/mcp", path, status: 409);
        }
    }

    private static async Task LookAsync(Api api)
    {
        (string, string)[] scene = [("task", "Offset-v1"), ("seed", "5"), ("split", "val")];
        (string, string)[] answered =
            [.. scene, ("answers", "[[-40,260]]"), ("options", """{"blocks":{"min":2,"max":3}}""")];
        var tasks = await api.CallAsync("get", "/api/tasks");
        await api.CallAsync("get", "/api/tasks/{task}", [("task", "Offset-v1")]);
        var seen = await api.CallAsync("get", "/api/scenes/{task}", scene);
        var outcome = await api.CallAsync("get", "/api/scenes/{task}/outcome", answered);
        await api.CallAsync(
            "get", "/api/scenes/{task}/picture", [.. answered, ("channel", "depth"), ("size", "64")]);

        Assert.Contains(tasks!.AsArray(), task => (string?)task!["id"] == "Offset-v1");
        Assert.Equal("5", (string?)seen!["seed"]);
        Assert.True((bool)outcome!["isOver"]!);
    }

    private static async Task TrainAsync(Api api)
    {
        const string row = """
            {"task":"Stability-v1","seed":3,"width":64,"height":64,"response":{"output":[]},"_ng_task_index":1}
            """;
        await api.CallAsync("post", "/seed_session", [], row);
        var verified = await api.CallAsync("post", "/verify", [], row);
        await api.CallAsync("post", "/aggregate_metrics", [], $$"""{"verify_responses":[{{verified}}]}""");
        await api.CallAsync("get", "/reverify_mode");
        foreach (var prefix in new[] { "", "/vagen" })
        {
            await api.CallAsync("post", prefix + "/environments", [],
                """{"ids2configs":{"a":{"env_name":"Stability-v1","env_config":{"width":32,"height":32}}}}""");
            await api.CallAsync("post", prefix + "/batch/reset", [], """{"ids2seeds":{"a":1}}""");
            await api.CallAsync("post", prefix + "/batch/step", [], """{"ids2actions":{"a":"none"}}""");
            foreach (var call in new[] { "reward", "system_prompt", "close" })
            {
                await api.CallAsync("post", $"{prefix}/batch/{call}", [], """{"env_ids":["a"]}""");
            }
        }

        await api.CallAsync("get", "/vagen/health");
    }

    private static async Task PlayAsPersonAsync(Api api)
    {
        var opened = await api.CallAsync("post", "/api/play/runs", [], """{"task":"Stability-v1","count":1}""");
        (string, string)[] run =
            [("run", (string)opened!["run"]!), ("physintuition-run-token", (string)opened["token"]!)];
        var next = await api.CallAsync("post", "/api/play/runs/{run}/next", run);
        var accepted = await api.CallAsync(
            "post", "/api/play/runs/{run}/answers", run, """{"scene":0,"step":0,"text":"<answer>yes</answer>"}""");
        var score = await api.CallAsync("post", "/api/play/runs/{run}/close", run);

        Assert.Equal(1, (int)next!["remaining"]!);
        Assert.Equal(1, (int)accepted!["accepted"]!);
        Assert.Equal(0, (int)score!["unanswered"]!);
    }

    private static async Task PlayHeldoutAsync(Api api)
    {
        const string root = "/api/leaderboard";
        var opened = await api.CallAsync(
            "post", root + "/runs", [], """{"method":"documented","task":"Stability-v1","count":2}""");
        var id = ("run", (string)opened!["run"]!);
        (string, string)[] run = [id, ("physintuition-run-token", (string)opened["token"]!)];
        await api.CallAsync("get", root + "/runs/{run}", run);
        await api.CallAsync("get", root + "/runs/{run}/next", [.. run, ("width", "64"), ("height", "64")]);
        var seen = await api.CallAsync("post", root + "/runs/{run}/observe", run, """{"scenes":[0,1],"width":32}""");
        await api.CallAsync(
            "post", root + "/runs/{run}/answers", run,
            """{"answers":[{"scene":0,"text":"<answer>yes</answer>"},{"scene":1,"text":"<answer>no</answer>"}]}""");
        await api.CallAsync("post", root + "/runs/{run}/close", run, "{}");
        var season = (string)(await api.CallAsync("get", root + "/seasons"))!["seasons"]![0]!["id"]!;
        await api.CallAsync("get", root + "/boards", [("season", season)]);
        var table = await api.CallAsync("get", root + "/standings", [("task", "Stability-v1"), ("season", season)]);
        await api.CallAsync("get", root + "/methods/{method}", [("method", "documented"), ("season", season)]);
        await api.CallAsync("get", root + "/transfer", [("season", season), ("method", "documented")]);
        await api.CallAsync("get", root + "/results/{run}", [id]);
        await api.CallAsync("get", root + "/results/{run}/failures", [id, ("limit", "1"), ("width", "32")]);
        await api.CallAsync("get", root + "/compare", [("first", "none"), ("second", "none")], status: 404);

        Assert.Equal(2, seen!["prompts"]!.AsArray().Count);
        Assert.Contains(table!["rows"]!.AsArray(), row => (string?)row!["method"] == "documented");
    }

    public sealed class Shared : IAsyncLifetime
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-openapi").FullName;

        public RunningServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Server = await RunningServer.StartAsync($"Leaderboard:Folder={_folder}");

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Calls operations of a document, and holds the answers to what it says about them.</summary>
    private sealed class Api(HttpClient http, JsonNode document)
    {
        private readonly HashSet<string> _called = [];
        private HttpResponseMessage? _last;

        public IEnumerable<string> NotCalled => document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(verb => $"{verb.Key} {path.Key}"))
            .Where(operation => !_called.Contains(operation));

        public bool Has(string verb, string path) => document["paths"]![path]?[verb] is not null;

        public string Header(string name) => _last!.Headers.GetValues(name).Single();

        /// <summary>Sends what the document asks for; the answer's status, type and shape must be in it.</summary>
        public async Task<JsonNode?> CallAsync(
            string verb, string path, (string Name, string Value)[]? values = null, string? body = null,
            int status = 200)
        {
            var operation = Operation(verb, path);
            await CheckBodyAsync(operation, body);
            _last = await http.SendAsync(Request(operation, verb, path, values ?? [], body))
                .WaitAsync(RunningServer.Patience);
            var text = await _last.Content.ReadAsStringAsync();
            Assert.True((int)_last.StatusCode == status, $"{verb} {path}: {_last.StatusCode} {text}");
            var content = (operation["responses"]![$"{status}"] ?? operation["responses"]!["4XX"])!["content"];
            if (content is null)
            {
                return null;
            }

            var type = _last.Content.Headers.ContentType!.MediaType!;
            Assert.NotNull(content[type]);
            return type.EndsWith("json", StringComparison.Ordinal)
                ? await CheckAsync(content[type]!["schema"]!, text)
                : null;
        }

        /// <summary>The same, where the answer must be a refusal.</summary>
        public async Task RefuseAsync(string verb, string path, (string Name, string Value)[] values)
        {
            var operation = Operation(verb, path);
            using var answer = await http.SendAsync(Request(operation, verb, path, values, null))
                .WaitAsync(RunningServer.Patience);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True((int)answer.StatusCode is >= 400 and < 500, $"{values[^1]}: {answer.StatusCode} {text}");
            await CheckAsync(operation["responses"]!["4XX"]!["content"]![Problem]!["schema"]!, text);
        }

        /// <summary>Reads the beginning of an answer that has no end.</summary>
        public async Task BeginAsync(string path)
        {
            var operation = Operation("get", path);
            using var answer = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead)
                .WaitAsync(RunningServer.Patience);
            Assert.NotNull(operation["responses"]!["200"]!["content"]![answer.Content.Headers.ContentType!.MediaType!]);
        }

        private JsonNode Operation(string verb, string path)
        {
            var operation = document["paths"]![path]?[verb];
            Assert.True(operation is not null, $"The document has no {verb} {path}.");
            Assert.NotEmpty((string?)operation["summary"] ?? "");
            _called.Add($"{verb} {path}");
            return operation;
        }

        private HttpRequestMessage Request(
            JsonNode operation, string verb, string path, (string Name, string Value)[] values, string? body)
        {
            var parameters = operation["parameters"]?.AsArray() ?? [];
            string PlaceOf(string name) =>
                (string?)parameters.FirstOrDefault(one => (string?)one!["name"] == name)?["in"]
                ?? throw new InvalidOperationException($"{verb} {path} has no parameter '{name}'.");
            Assert.All(parameters.Where(one => (bool?)one!["required"] == true), one =>
                Assert.Contains((string)one!["name"]!, values.Select(value => value.Name)));

            var query = new List<string>();
            var root = ((string)document["servers"]![0]!["url"]!).TrimEnd('/');
            var request = new HttpRequestMessage { Method = new HttpMethod(verb.ToUpperInvariant()) };
            foreach (var (name, value) in values)
            {
                switch (PlaceOf(name))
                {
                    case "path":
                        path = path.Replace($"{{{name}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
                        break;
                    case "query":
                        query.Add($"{name}={Uri.EscapeDataString(value)}");
                        break;
                    default:
                        request.Headers.Add(name, value);
                        break;
                }
            }

            request.RequestUri = new Uri($"{root}{path}?{string.Join('&', query)}", UriKind.Relative);
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, Json);
            return request;
        }

        private async Task CheckBodyAsync(JsonNode operation, string? body)
        {
            var described = operation["requestBody"];
            Assert.False(body is null && (bool?)described?["required"] == true, "The document wants a body.");
            if (body is not null)
            {
                await CheckAsync(described!["content"]![Json]!["schema"]!, body);
            }
        }

        private async Task<JsonNode?> CheckAsync(JsonNode schema, string text)
        {
            var whole = new JsonObject
            {
                ["allOf"] = new JsonArray(schema.DeepClone()),
                ["definitions"] = document["components"]!["schemas"]!.DeepClone(),
            };
            var alone = whole.ToJsonString().Replace(
                "#/components/schemas/", "#/definitions/", StringComparison.Ordinal);
            var faults = (await JsonSchema.FromJsonAsync(alone)).Validate(text);
            Assert.True(faults.Count == 0, $"{string.Join("; ", faults)}: {text[..Math.Min(300, text.Length)]}");
            return JsonNode.Parse(text);
        }
    }
}
