using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>What the pages are served, and what they may not learn.</summary>
public sealed class PageTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = shared.Server.HttpAddress };
    private readonly string _folder = Directory.CreateTempSubdirectory("pages-").FullName;

    public static TheoryData<string> Tasks =>
        [.. TaskCatalog.All.Where(task => task.Spec.HasScenes).Select(task => task.Spec.Id)];

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/play")]
    [InlineData("/lib/stage.js")]
    [InlineData("/api/tasks")]
    public async Task Reply_OfAPage_ForbidsWhatThePageDoesNotNeed(string path)
    {
        var headers = (await _http.GetAsync(path)).EnsureSuccessStatusCode().Headers;
        var policy = Assert.Single(headers.GetValues("Content-Security-Policy"));

        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.DoesNotContain("http", policy);
        Assert.Equal("nosniff", Assert.Single(headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(headers.GetValues("Referrer-Policy")));
    }

    [Theory]
    [InlineData("/", "index", null)]
    [InlineData("/play", "play", "/play")]
    [InlineData("/method", "method", "/leaderboard")]
    [InlineData("/watch", "watch", "/watch")]
    public async Task Page_WithItsLayout_HasItsOwnHeadScriptAndPlaceInTheMenu(string path, string script, string? place)
    {
        var page = await _http.GetStringAsync(path);

        Assert.DoesNotMatch(@"\{\w+\}", page);
        Assert.Single(Regex.Matches(page, "<title>.+</title>"));
        Assert.Single(Regex.Matches(page, "<main id=\"main\">"));
        Assert.Single(Regex.Matches(page, "<footer>"));
        Assert.Equal($"/{script}.js", Regex.Match(page, "type=\"module\" src=\"(.+?)\"").Groups[1].Value);
        Assert.Equal(place is null ? [] : [place],
            Regex.Matches(page, "href=\"(\\S+)\" aria-current=\"page\"").Select(link => link.Groups[1].Value));
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync("/layout")).StatusCode);
    }

    [Fact]
    public async Task File_AskedForAgain_IsNotSentAgain()
    {
        var first = await AskAsync("/vendor/three.js", ("Accept-Encoding", "br"));
        var again = await AskAsync("/vendor/three.js", ("If-None-Match", first.Headers.ETag!.ToString()));
        var plain = await _http.GetByteArrayAsync("/vendor/three.js");

        Assert.Equal("br", Assert.Single(first.Content.Headers.ContentEncoding));
        Assert.InRange(first.Content.Headers.ContentLength!.Value, 1, plain.Length / 3);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task Scene_OfEveryTask_IsTheOneThatIsPlayedInProcess(string id)
    {
        var (batch, simulator) = Open(id);
        using var _ = simulator;
        batch.Reset(21);
        var scene = await GetAsync($"/api/scenes/{id}?seed=21");
        var expert = scene["expert"]!.ToJsonString();
        var outcome = await GetAsync($"/api/scenes/{id}/outcome?seed=21&answers=[{expert}]");
        var picture = await _http.GetByteArrayAsync($"/api/scenes/{id}/picture?seed=21&size=32");

        Assert.Equal(batch.Results.SceneHashes[0].ToString("x16", CultureInfo.InvariantCulture),
            (string?)scene["sceneHash"]);
        Assert.Equal(batch.View.Prompt(0), (string?)scene["prompt"]);
        Assert.Equal(batch.View.Expert(0), (string?)scene["expertText"]);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], picture[..4]);

        batch.Step([SlotAction.OfText(batch.View.Expert(0))]);
        Assert.Equal(batch.Results.Rewards[0], (double)outcome["reward"]!, precision: 12);
        Assert.Equal(batch.Results.Verdicts[0], (string?)outcome["verdict"]);
    }

    [Theory]
    [InlineData("Stability-v1", "[1]")]
    [InlineData("Offset-v1", "[-40,260]")]
    [InlineData("Push-v1", "[2,30,200]")]
    [InlineData("RedRemove-v1", "[0]")]
    public async Task Motion_OfAnAnswer_EndsWhereTheEngineEnds(string id, string answer)
    {
        var (batch, simulator) = Open(id);
        using var _ = simulator;
        batch.Reset(5);
        double[] numbers = [.. JsonNode.Parse(answer)!.AsArray().Select(number => (double)number!)];
        batch.Step([SlotAction.OfNumbers(numbers)]);
        var rest = new float[StateLayout.Length];
        batch.View.State([0], rest);

        var motion = (await GetAsync($"/api/scenes/{id}/outcome?seed=5&answers=[{answer}]"))["motion"]!;
        int[] poses = [.. motion["poses"]!.AsArray().Select(number => (int)number!)];
        var bodies = (int)motion["bodies"]!;
        Assert.Equal((int)motion["frames"]! * bodies * 7, poses.Length);
        for (var body = 0; body < bodies; body++)
        {
            for (var axis = 0; axis < 3; axis++)
            {
                var shown = poses[^(((bodies - body) * 7) - axis)] / 10_000.0;
                Assert.Equal(rest[(body * StateLayout.Columns) + 1 + axis], shown, tolerance: 0.005);   // m
            }
        }
    }

    [Fact]
    public async Task Outcome_OfThreeAttempts_AddsUpToTheLastScore()
    {
        var expert = (await GetAsync("/api/scenes/OffsetRetry-v1?seed=3"))["expert"]!;
        var (x, y) = ((int)expert[0]!, (int)expert[1]! + 10);
        var first = await GetAsync("/api/scenes/OffsetRetry-v1/outcome?seed=3&answers=[[10,100]]");
        var last = await GetAsync(
            $"/api/scenes/OffsetRetry-v1/outcome?seed=3&answers=[[10,100],[20,200],[{x},{y}]]");

        Assert.False((bool)first["isOver"]!);
        Assert.True((bool)last["isOver"]!);
        Assert.Equal(9.9, (double)last["return"]!, tolerance: 0.02);   // 10 - d, d the 10 cm above the place
    }

    [Fact]
    public async Task Scene_WithAttemptsAndTries_GoesOnFromWhatCameOfTheLastAnswer()
    {
        const string query = "?seed=3&options={\"attempts\":2,\"tries\":1}&answers=";
        var scene = await GetAsync($"/api/scenes/Offset-v1{query}[{{\"try\":[10,400]}}]");
        var tried = await GetAsync($"/api/scenes/Offset-v1/outcome{query}[{{\"try\":[10,400]}}]");
        var last = await GetAsync(
            $"/api/scenes/Offset-v1/outcome{query}[{{\"try\":[10,400]}},[10,400],[{scene["expert"]![0]},400]]");
        var alone = await GetAsync("/api/scenes/Offset-v1/outcome?seed=3&answers=[[10,400]]");

        Assert.Equal((2, 0), ((int)scene["attempts"]!, (int)scene["triesLeft"]!));
        Assert.Contains("Try 1 of 1 was (10, 400):", (string)scene["question"]!);
        Assert.False((bool)tried["isOver"]!);
        Assert.Equal(-0.1, (double)tried["reward"]!, tolerance: 1e-6);
        Assert.Equal((string)alone["verdict"]!, (string)tried["verdict"]!);
        Assert.Equal(alone["motion"]!.ToJsonString(), tried["motion"]!.ToJsonString());
        Assert.True((bool)last["isOver"]!);
    }

    [Theory]
    [InlineData("/api/scenes/Offset-v1?seed=1&split=heldout", HttpStatusCode.Forbidden, "leaderboard run")]
    [InlineData("/api/scenes/Offset-v1/picture?seed=1&split=heldout", HttpStatusCode.Forbidden, "leaderboard run")]
    [InlineData("/api/scenes/Nothing-v1?seed=1", HttpStatusCode.NotFound, "Stability-v1")]
    [InlineData("/api/scenes/Offset-v1", HttpStatusCode.UnprocessableEntity, "'seed'")]
    [InlineData("/api/scenes/Offset-v1?seed=-1", HttpStatusCode.UnprocessableEntity, "'seed'")]
    [InlineData("/api/scenes/Offset-v1?seed=1&options={\"blocks\":9}", HttpStatusCode.UnprocessableEntity, "blocks")]
    [InlineData("/api/scenes/Offset-v1/outcome?seed=1&answers=[[1]]", HttpStatusCode.UnprocessableEntity, "2 (x, y)")]
    [InlineData("/api/scenes/Offset-v1/outcome?seed=1&answers=[[1,2],[1,2]]", HttpStatusCode.UnprocessableEntity,
        "'answers'")]
    [InlineData("/api/scenes/Offset-v1/outcome?seed=1&answers=[{\"trie\":[1,2]}]", HttpStatusCode.UnprocessableEntity,
        "'answers'")]
    [InlineData("/api/scenes/Offset-v1/outcome?seed=1&answers=[null]", HttpStatusCode.UnprocessableEntity,
        "'answers'")]
    [InlineData("/api/scenes/Offset-v1/outcome?seed=1&answers=[[1,\"2\"]]", HttpStatusCode.UnprocessableEntity,
        "'answers'")]
    [InlineData("/api/scenes/Offset-v1/picture?seed=1&size=9000", HttpStatusCode.UnprocessableEntity, "[16, 1024]")]
    [InlineData("/api/scenes/Offset-v1/picture?seed=1&channel=x", HttpStatusCode.UnprocessableEntity, "depth")]
    [InlineData("/api/scenes/SslJigsaw-v1/picture?seed=1&channel=depth", HttpStatusCode.UnprocessableEntity, "rgb")]
    public async Task Request_ThatCannotBeServed_IsRefusedWithAReason(string path, HttpStatusCode status, string reason)
    {
        var reply = await _http.GetAsync(path);

        Assert.Equal(status, reply.StatusCode);
        Assert.Contains(reason, (string?)JsonNode.Parse(await reply.Content.ReadAsStringAsync())!["detail"]);
    }

    [Fact]
    public async Task Watch_OfOpenEnvironments_ShowsNoHeldoutOne()
    {
        await using var server = await RunningServer.StartAsync();
        var headers = await server.OpenAsync();
        foreach (var split in new[] { "train", "heldout" })
        {
            var created = await server.Stub.CreateAsync(new CreateRequest
            {
                Task = split == "train" ? "Offset-v1" : "Stability-v1", Split = split, Slots = 4,
            }, headers);
            await server.Stub.ResetAsync(
                new ResetRequest { Environment = created.Environment.Environment, Seed = 1 }, headers);
        }

        var (metrics, environments) = await WatchAsync(server);
        Assert.Contains("physintuition_sessions 1", metrics);
        Assert.Equal(1, (int)environments["count"]!);
        var shown = Assert.Single(environments["shown"]!.AsArray())!;
        Assert.Equal(("Offset-v1", "train"), ((string?)shown["task"], (string?)shown["split"]));
        Assert.StartsWith("iVBOR", (string?)shown["picture"]);
    }

    [Fact]
    public async Task Pages_OfAServerWithTokens_AskForOneOnlyToWatch()
    {
        var file = Path.Combine(Path.GetTempPath(), $"tokens-{Guid.NewGuid():N}.json");
        try
        {
            TokenFile.Write(file, []);
            await using var server = await RunningServer.StartAsync($"Listen:TokenFile={file}");
            using var http = new HttpClient { BaseAddress = server.HttpAddress };
            foreach (var path in new[] { "/", "/play", "/api/tasks", "/api/scenes/Offset-v1?seed=1" })
            {
                Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(path)).StatusCode);
            }

            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/api/watch")).StatusCode);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Run_OfAPerson_IsCountedAsPeopleAndNeverAsAModel()
    {
        await using var server = await RunningServer.StartAsync($"Leaderboard:Folder={_folder}");
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        var run = await PostAsync(http, "/api/play/runs", """{"task":"Offset-v1","count":4}""");
        http.DefaultRequestHeaders.Add("physintuition-run-token", (string)run["token"]!);
        var path = $"/api/play/runs/{(string)run["run"]!}";
        for (var scene = 0; scene < 4; scene++)
        {
            var next = await PostAsync(http, path + "/next", "{}");
            Assert.Equal((scene, 4 - scene), ((int)next["scene"]!, (int)next["remaining"]!));
            Assert.Equal(3, next["aim"]!["origin"]!.AsArray().Count);
            Assert.Empty(next["aim"]!["blocks"]!.AsArray());   // The tower's places would be the answer.
            await PostAsync(
                http, path + "/answers", $$"""{"scene":{{scene}},"step":0,"text":"<answer>(10, 300)</answer>"}""");
        }

        Assert.True((bool)(await PostAsync(http, path + "/next", "{}"))["done"]!);
        var score = await PostAsync(http, path + "/close", "{}");
        var rows = JsonNode.Parse(await http.GetStringAsync("/api/leaderboard/standings?task=Offset-v1"))!["rows"]!;
        var row = Assert.Single(rows.AsArray())!;

        Assert.Equal(("human", "People"), ((string?)row["kind"], (string?)row["method"]));
        Assert.Equal((double)score["mean"]!, (double)row["mean"]!, precision: 9);
    }

    [Theory]
    [InlineData("/api/play/runs", """{"task":"Offset-v1","count":0}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/api/play/runs", """{"task":"Offset-v1","count":100000}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/api/play/runs", """{"count":1}""", HttpStatusCode.NotFound)]
    [InlineData("/api/play/runs", "[", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/api/play/runs/none/next", "{}", HttpStatusCode.NotFound)]
    [InlineData("/api/play/runs/none/answers", """{"scene":0,"step":0}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/api/play/runs/none/answers", """{"scene":0,"step":0,"text":"x"}""", HttpStatusCode.NotFound)]
    public async Task RunOfAPerson_AskedWrongly_IsRefused(string path, string body, HttpStatusCode status)
    {
        await using var server = await RunningServer.StartAsync($"Leaderboard:Folder={_folder}");
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        var reply = await http.PostAsync(path, Json(body));

        Assert.Equal(status, reply.StatusCode);
        Assert.NotEmpty((string)JsonNode.Parse(await reply.Content.ReadAsStringAsync())!["detail"]!);
    }

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, string body)
    {
        var reply = await http.PostAsync(path, Json(body));
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private static (EnvironmentBatch Batch, BatchSimulator Simulator) Open(string id)
    {
        var simulator = new BatchSimulator(new SimulatorOptions { Threads = 1 });
        var options = new BatchOptions { Autoreset = Environments.Batches.AutoresetMode.Disabled };
        return (new EnvironmentBatch(TaskCatalog.Find(id), options, simulator), simulator);
    }

    private static async Task<(string Metrics, JsonNode Environments)> WatchAsync(RunningServer server)
    {
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        using var reader = new StreamReader(await http.GetStreamAsync("/api/watch"));
        var metrics = "";
        var isEnvironments = false;
        while (await reader.ReadLineAsync().WaitAsync(RunningServer.Patience) is { } line)
        {
            isEnvironments |= line == "event: environments";
            if (isEnvironments && line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return (metrics, JsonNode.Parse(line["data: ".Length..])!);
            }

            metrics += line + "\n";
        }

        throw new InvalidOperationException("The stream ended early.");
    }

    private Task<HttpResponseMessage> AskAsync(string path, (string Name, string Value) header)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        return _http.SendAsync(request);
    }

    private async Task<JsonNode> GetAsync(string path)
    {
        var reply = await _http.GetAsync(path);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
