using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using PhysIntuition.Leaderboard;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests.Leaderboards;

/// <summary>The leaderboard over HTTP: the same rules as over gRPC, in JSON.</summary>
public sealed class LeaderboardHttpTests : IAsyncLifetime
{
    private const string Root = "/api/leaderboard";
    private const int Scenes = 80; // Half of them count, and a coin does not fall 40 times on one side.

    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-board-").FullName;
    private RunningServer _server = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync($"Leaderboard:Folder={_folder}", "Leaderboard:ReplyPace=0");
        _http = new HttpClient { BaseAddress = _server.HttpAddress };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task ARun_FromOpenToClose_PlaysOneSceneAtATimeAndIsScoredAsOverGrpc()
    {
        var (run, token) = await OpenAsync(new { method = "one by one", task = "OffsetRetry-v1", count = 4 });

        var seen = new List<(int Scene, int Step)>();
        JsonNode next;
        while (!(bool)(next = await GetAsync($"/runs/{run}/next?width=64&height=64", token))["done"]!)
        {
            var (scene, step) = ((int)next["scene"]!, (int)next["step"]!);
            seen.Add((scene, step));
            Assert.StartsWith("iVBOR", (string?)next["picture"]);
            Assert.Contains("<answer>", (string?)next["prompt"], StringComparison.Ordinal);
            await PostAsync($"/runs/{run}/answers", token, new
            {
                answers = new[] { new { scene, step, text = "<answer>(10, 10)</answer>", confidence = 0.5 } },
            });
        }

        var score = await PostAsync($"/runs/{run}/close", token, new { });
        var board = new LeaderboardService.LeaderboardServiceClient(_server.Channel);
        var again = await board.CloseRunAsync(new CloseRunRequest { Run = run, Token = token });

        Assert.Equal(seen.Order(), seen);
        Assert.Equal([0, 1, 2, 3], seen.Select(answer => answer.Scene).Distinct());
        Assert.True(seen.Count > 4, "A wrong first answer must get another try.");
        Assert.Equal(again.Digest, (string?)score["digest"]);
        Assert.Equal(4, (int)score["count"]!); // In a task of several answers every scene is the run's own.
    }

    [Fact]
    public async Task Tables_AfterTwoRuns_HoldRowsBoardsMethodAndResult()
    {
        var (first, _) = await PlayAsync("net", "Stability-v1", suite: "");
        await PlayAsync("net", "Stability-v1", suite: "tall-v1");

        var boards = (await GetAsync("/boards"))["boards"]!.AsArray();
        var rows = (await GetAsync("/standings?task=Stability-v1"))["rows"]!.AsArray();
        var method = await GetAsync("/methods/net");
        var matrix = await GetAsync("/transfer?method=net");
        var result = ResultFile.Parse(await _http.GetStringAsync($"{Root}/results/{first}"));
        var failures = (await GetAsync($"/results/{first}/failures?limit=2&width=32&height=32"))["failures"]!.AsArray();

        Assert.Contains(boards, board => (string?)board!["suite"] == "tall-v1" && (int)board["rows"]! == 1);
        Assert.Contains(boards, board => (string?)board!["task"] == "RealTowers-v1" && (int)board["rows"]! == 3);
        Assert.Equal(("net", "agent", first), ((string?)rows[0]!["method"], (string?)rows[0]!["kind"],
            (string?)rows[0]!["run"]));
        Assert.Equal(["Stability-v1", "Stability-v1"], method["rows"]!.AsArray().Select(row => (string)row!["task"]!));
        Assert.Equal("blocks", (string?)Assert.Single(method["axes"]!.AsArray())!["axis"]);
        Assert.Equal(["Stability-v1", "Stability-v1/tall-v1"],
            matrix["evaluatedOn"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(2, matrix["cells"]!.AsArray().Count);
        Assert.Empty(result.Verify());
        Assert.Contains("sceneSet", result.Result.Provenance, StringComparison.Ordinal);
        Assert.Equal("net --run", result.Result.Request.Command);
        Assert.InRange(failures.Count, 1, 2);
        Assert.All(failures, failure => Assert.StartsWith("iVBOR", (string?)failure!["picture"]));
        Assert.All(failures, failure => Assert.Equal(0, (int)failure!["scene"]! % 2)); // Own scenes only.
    }

    [Fact]
    public async Task PublishedFigures_OfRealTowers_StandThereWithTheirSource()
    {
        var rows = (await GetAsync("/standings?task=RealTowers-v1"))["rows"]!.AsArray();

        Assert.Equal([("People", 0.656), ("GPT-4V", 0.6), ("Claude 3", 0.58)],
            rows.Select(row => ((string)row!["method"]!, (double)row["mean"]!)));
        Assert.All(rows, row => Assert.Equal(("published", ""), ((string?)row!["kind"], (string?)row["run"])));
        Assert.All(rows, row => Assert.NotEmpty((string)row!["source"]!));
    }

    [Theory]
    [InlineData("/runs", """{"method":"m","task":"Nothing-v1"}""", HttpStatusCode.NotFound, "task")]
    [InlineData("/runs", """{"method":"","task":"Stability-v1"}""", HttpStatusCode.UnprocessableEntity, "method")]
    [InlineData("/runs", """{"method":"m","task":"RealTowers-v1"}""", HttpStatusCode.UnprocessableEntity, "task")]
    [InlineData("/runs", """{"method":"m","task":"Stability-v1","suite":"odd-v9"}""", HttpStatusCode.NotFound, "split")]
    [InlineData("/runs", """{"method":"m","task":"Stability-v1","trainedOn":"Tower-v1"}""",
        HttpStatusCode.UnprocessableEntity, "trained_on")]
    [InlineData("/runs", """{"methd":"m"}""", HttpStatusCode.UnprocessableEntity, "body")]
    [InlineData("/runs", """[1]""", HttpStatusCode.UnprocessableEntity, "body")]
    [InlineData("/runs", """{""", HttpStatusCode.UnprocessableEntity, "body")]
    [InlineData("/runs", """{"method":"m","method":"m","task":"Stability-v1"}""", HttpStatusCode.UnprocessableEntity,
        "body")]
    [InlineData("/runs",
        """{"method":"m","task":"Stability-v1","optionsJson":"{\"reward\":\"signed\",\"reward\":\"signed\"}"}""",
        HttpStatusCode.UnprocessableEntity, "options")]
    [InlineData("/runs", """{"method":"m","task":"Stability-v1","settingsJson":"{\"a\":1,\"a\":2}"}""",
        HttpStatusCode.UnprocessableEntity, "settings")]
    [InlineData("/runs", """{"method":"m","task":"Stability-v1","command":"a\u0000b"}""",
        HttpStatusCode.UnprocessableEntity, "command")]
    [InlineData("/runs", """{"method":"Gеоmеtrу","task":"Stability-v1"}""", HttpStatusCode.UnprocessableEntity,
        "method")] // with Cyrillic letters
    [InlineData("/runs", """{"method":"PEOPLE","task":"Stability-v1"}""", HttpStatusCode.UnprocessableEntity, "method")]
    [InlineData("/runs/00/answers", """{"answers":[{"scene":0,"text":"yes"},{"scene":4}]}""",
        HttpStatusCode.UnprocessableEntity, "answers[1].text")]
    [InlineData("/runs/00/answers", """{"answers":[{"scene":4,"text":null}]}""",
        HttpStatusCode.UnprocessableEntity, "answers[0].text")]
    [InlineData("/runs/00/answers", """{"answers":[{"text":"yes"}]}""",
        HttpStatusCode.UnprocessableEntity, "answers[0].scene")]
    [InlineData("/runs/00/close", """{}""", HttpStatusCode.NotFound, "run")]
    public async Task Post_AWrongRequest_IsRefusedByField(string path, string body, HttpStatusCode code, string field)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(Root + path, content);
        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

        Assert.Equal((code, field), (answer.StatusCode, (string?)error["field"]));
        Assert.NotEmpty((string)error["message"]!);
    }

    [Theory]
    [InlineData("/standings?task=Stability-v1&sort=up", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/standings?task=Stability-v1&season=season-9", HttpStatusCode.NotFound)]
    [InlineData("/methods/nobody", HttpStatusCode.NotFound)]
    [InlineData("/results/00", HttpStatusCode.NotFound)]
    public async Task Get_SomethingThatIsNotThere_IsRefused(string path, HttpStatusCode code)
    {
        using var answer = await _http.GetAsync(Root + path);

        Assert.Equal(code, answer.StatusCode);
    }

    private async Task<(string Run, string Token)> PlayAsync(string method, string task, string suite)
    {
        var (run, token) = await OpenAsync(new
        {
            method, task, suite, count = Scenes, trainedOn = task, command = $"{method} --run",
        });
        var answers = Enumerable.Range(0, Scenes).Select(scene => new { scene, text = "<answer>yes</answer>" });
        await PostAsync($"/runs/{run}/answers", token, new { answers });
        await PostAsync($"/runs/{run}/close", token, new { });
        return (run, token);
    }

    private async Task<(string Run, string Token)> OpenAsync(object request)
    {
        var opened = await PostAsync("/runs", "", request);
        return ((string)opened["run"]!, (string)opened["token"]!);
    }

    private async Task<JsonNode> PostAsync(string path, string token, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Root + path) { Content = JsonContent.Create(body) };
        return await SendAsync(request, token);
    }

    private async Task<JsonNode> GetAsync(string path, string token = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Root + path);
        return await SendAsync(request, token);
    }

    private async Task<JsonNode> SendAsync(HttpRequestMessage request, string token)
    {
        request.Headers.Add("physintuition-run-token", token);
        using var answer = await _http.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!;
    }
}
