using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Faults;
using PhysIntuition.Leaderboard;
using PhysIntuition.Server.Commands;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests.Leaderboards;

/// <summary>The command <c>leaderboard</c>, from files and over HTTP.</summary>
public sealed class LeaderboardCommandTests : IAsyncLifetime
{
    private const int Scenes = 12;

    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-board-").FullName;
    private RunningServer _server = null!;

    private string Database => Path.Combine(_folder, "data");

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(
        $"Leaderboard:Folder={Database}", "Leaderboard:ReplyPace=0");

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task OpenResumeClose_WithFiles_PlayARunInHalves()
    {
        var run = await OpenAsync("from files", "OffsetRetry-v1");
        var scenes = Path.Combine(_folder, "scenes");

        var answered = 0;
        for (var round = 0; round < 4; round++)
        {
            await RunAsync("resume", run, "--scenes", scenes);
            var waiting = File.ReadAllLines(Path.Combine(scenes, "scenes.jsonl")).Select(line => JsonNode.Parse(line)!);
            var lines = waiting.Select(scene => new JsonObject
            {
                ["scene"] = (int)scene["scene"]!,
                ["step"] = (int)scene["step"]!,
                ["text"] = "<answer>(20, 150)</answer>",
                ["confidence"] = 0.5,
            }.ToJsonString()).ToArray();
            answered += lines.Length;
            await File.WriteAllLinesAsync(Path.Combine(_folder, "answers.jsonl"), lines);
            await RunAsync("resume", run, "--answers", Path.Combine(_folder, "answers.jsonl"));
            await RunAsync("resume", run, "--answers", Path.Combine(_folder, "answers.jsonl")); // Again: harmless.
        }

        var output = await RunAsync("close", run);

        Assert.True(answered > Scenes, $"{answered} answers: wrong ones must get another try.");
        Assert.True(File.Exists(Path.Combine(scenes, "00000.png")));
        Assert.Contains($"over {Scenes} scenes that count now, 0 of them unanswered", output,
            StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(run));
    }

    [Fact]
    public async Task Open_WithTheKeyOfItsFirstRun_OwnsTheName()
    {
        string Line(string name) => Path.Combine(_folder, name);
        string[] open = ["--method", "owned", "--task", "Stability-v1", "--server", _server.HttpAddress.ToString()];
        await RunAsync(["open", Line("1.json"), .. open, "--identity", Line("method.key")]);
        await RunAsync(["open", Line("2.json"), .. open, "--identity", Line("method.key")]);

        foreach (var other in new string[][] { ["--identity", Line("other.key")], ["--anonymous"] })
        {
            var refusal = await Assert.ThrowsAsync<PhysIntuitionException>(
                () => RunAsync(["open", Line("3.json"), .. open, .. other]));
            Assert.Equal("method", refusal.Field);
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Line("method.key")));
    }

    [Fact]
    public async Task Verify_AKeyThatNobodyNamed_IsRefusedUntilItIsTrusted()
    {
        await PlayAsync("verified", "<answer>no</answer>");
        await RunAsync("close-season", "season-1", "--folder", Database);
        var (file, known) = (Path.Combine(_folder, "archive.json"), Path.Combine(_folder, "keys", "known_keys"));
        await RunAsync("export", file, "--folder", Database);
        var result = ResultArchive.Parse(await File.ReadAllTextAsync(file), file).Results[0];
        await File.WriteAllTextAsync(file, result.Json);
        var fingerprint = $"SHA256:{Convert.ToBase64String(
            System.Security.Cryptography.SHA256.HashData(Convert.FromHexString(result.PublicKey))).TrimEnd('=')}";
        string[] verify = ["verify", file, "--known-keys", known];

        var unknown = await Given.RunAsync(LeaderboardCommand.Create(), verify);
        var other = await Given.RunAsync(LeaderboardCommand.Create(), [.. verify, "--key", new string('a', 64)]);

        Assert.Equal((1, 1), (unknown.Code, other.Code));
        Assert.Contains(fingerprint, unknown.Printed, StringComparison.Ordinal);
        Assert.Contains("the trusted one is", other.Printed, StringComparison.Ordinal);
        Assert.Contains(fingerprint, await RunAsync([.. verify, "--key", result.PublicKey]), StringComparison.Ordinal);
        Assert.Equal(1, (await Given.RunAsync(LeaderboardCommand.Create(), verify)).Code); // Named once, not kept.
        await RunAsync([.. verify, "--trust"]);
        await RunAsync(verify);
        Assert.Contains(fingerprint, await RunAsync("seasons", "--folder", Database), StringComparison.Ordinal);
        await Assert.ThrowsAsync<PhysIntuitionException>(() => RunAsync([.. verify, "--key", "abc"]));
    }

    [Fact]
    public async Task ListAndCompare_OfTheServerAndOfItsDatabase_PrintTheSame()
    {
        foreach (var (method, text) in new[] { ("yes", "<answer>yes</answer>"), ("mute", "") })
        {
            await PlayAsync(method, text);
        }

        var early = await Assert.ThrowsAsync<PhysIntuitionException>(
            () => RunAsync("compare", "yes", "mute", "--task", "Stability-v1", "--folder", Database));
        await RunAsync("close-season", "season-1", "--folder", Database);
        string[] list = ["list", "--season", "season-1"];
        string[] compare = ["compare", "yes", "mute", "--task", "Stability-v1", "--season", "season-1"];
        var server = _server.HttpAddress.ToString();

        var table = await RunAsync([.. list, "--folder", Database]);
        var test = await RunAsync([.. compare, "--folder", Database]);

        Assert.Contains("open", early.Message, StringComparison.Ordinal);
        Assert.Matches(@"yes +agent", table);
        Assert.Contains("GPT-4V", table, StringComparison.Ordinal);
        Assert.Matches(@"yes +mute +[0-9.]+ +[0-9.]+ to [0-9.]+ +6 .*sign-flip", test);
        Assert.Equal(table, await RunAsync([.. list, "--server", server]));
        Assert.Equal(test, await RunAsync([.. compare, "--server", server]));
    }

    [Fact]
    public async Task List_OfAServerOfThisMachineWhereAProxyIsSet_PassesTheProxy()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "PhysIntuition.Server.dll");
        var list = new ProcessStartInfo(
            "dotnet", [program, "leaderboard", "list", "--server", _server.HttpAddress.ToString()])
        {
            RedirectStandardOutput = true,
        };
        list.Environment["http_proxy"] = "http://127.0.0.1:1"; // Nobody listens there.
        list.Environment.Remove("no_proxy");
        using var process = Process.Start(list)!;

        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(RunningServer.Patience);
        await process.WaitForExitAsync().WaitAsync(RunningServer.Patience);

        Assert.Equal(0, process.ExitCode);
        Assert.Contains("season-1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExportAndImport_ASeasonThatIsOver_BringsItsRunsToAnotherLeaderboard()
    {
        await PlayAsync("traveller", "<answer>no</answer>");
        var (early, late) = (Path.Combine(_folder, "early.json"), Path.Combine(_folder, "late.json"));
        await RunAsync("export", early, "--folder", Database);
        await RunAsync("close-season", "season-1", "--folder", Database);
        await RunAsync("export", late, "--folder", Database);
        var other = Path.Combine(_folder, "other");

        string[] trusting = ["--folder", other, "--known-keys", Path.Combine(_folder, "known_keys")];
        Assert.Contains("0 results added, 0 were there already, 1 left out", await RunAsync(
            ["import", early, .. trusting]), StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<PhysIntuitionException>(() => RunAsync(["import", late, .. trusting]));
        Assert.Contains("is not among the keys of", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("1 results added", await RunAsync(["import", late, .. trusting, "--trust"]),
            StringComparison.Ordinal);
        Assert.Contains("0 results added, 1 were there already", await RunAsync(["import", late, .. trusting]),
            StringComparison.Ordinal);
        var archive = ResultArchive.Parse(await File.ReadAllTextAsync(late), late);
        var season = $"season-1@{archive.Seasons[0].Commitment[..8]}";
        Assert.Matches("traveller +agent", await RunAsync("list", "--folder", other, "--season", season));
    }

    [Fact]
    public async Task Import_AForgedScore_IsRefusedAndNothingIsAdded()
    {
        await PlayAsync("forger", "<answer>no</answer>");
        await RunAsync("close-season", "season-1", "--folder", Database);
        var file = Path.Combine(_folder, "archive.json");
        await RunAsync("export", file, "--folder", Database);
        var archive = ResultArchive.Parse(await File.ReadAllTextAsync(file), file);
        var result = archive.Results[0].Result;
        var better = result.Scenes.Select(scene => scene with { Reward = 2 }).ToArray();
        using var own = Ed25519Key.LoadOrCreate(Path.Combine(_folder, "own.key"));
        var forged = archive with
        {
            Results = [ResultFile.Sign(result with { Scenes = better, Score = new(2, 2, 2, Scenes) }, own)],
        };
        await File.WriteAllTextAsync(file, forged.ToJson());

        // The forger signs with a key of its own, so only the replay can tell.
        var refusal = await Assert.ThrowsAsync<PhysIntuitionException>(
            () => RunAsync("import", file, "--folder", Path.Combine(_folder, "other"), "--key",
                forged.Results[0].PublicKey));

        Assert.Contains("replays to a reward of", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Baselines_SecondTime_PlayNothingAgainAndMoreScenesCount()
    {
        string[] command = ["baselines", "--folder", Database, "--task", "Stability-v1", "--scenes"];

        Assert.Contains("6 runs of 8 scenes", await RunAsync([.. command, "8"]), StringComparison.Ordinal);
        Assert.Contains("0 runs of 8 scenes", await RunAsync([.. command, "8"]), StringComparison.Ordinal);
        Assert.Contains("6 runs of 20 scenes", await RunAsync([.. command, "20"]), StringComparison.Ordinal);
        var board = new LeaderboardService.LeaderboardServiceClient(_server.Channel);
        var rows = (await board.ListStandingsAsync(new ListStandingsRequest { Task = "Stability-v1" })).Rows;

        Assert.Equal(["chance", "constant", "expert", "geometry", "noisy geometry", "vision"],
            rows.Select(row => row.Method).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.Equal(("baseline", 10u), (row.Kind, row.Count)));
        Assert.Equal(1, rows.Single(row => row.Method == "expert").Mean);
    }

    [Theory]
    [InlineData("nowhere/run.json")]
    [InlineData("taken.json")]
    public async Task Open_FileThatCannotBeWritten_OpensNoRun(string name)
    {
        var taken = Path.Combine(_folder, "taken.json");
        await File.WriteAllTextAsync(taken, "mine");

        var refusal = await Assert.ThrowsAsync<PhysIntuitionException>(() => RunAsync("open",
            Path.Combine(_folder, name), "--method", "m", "--task", "Stability-v1", "--server",
            _server.HttpAddress.ToString(), "--anonymous"));

        Assert.Equal("file", refusal.Field);
        Assert.Equal("mine", await File.ReadAllTextAsync(taken));
        Assert.False(File.Exists(Path.Combine(Database, "leaderboard.db"))); // Nobody asked the server.
    }

    [Fact]
    public async Task Open_RunThatTheServerRefuses_LeavesNoFile()
    {
        var file = Path.Combine(_folder, "refused.json");

        await Assert.ThrowsAsync<PhysIntuitionException>(() => RunAsync("open", file, "--method", "expert", "--task",
            "Stability-v1", "--server", _server.HttpAddress.ToString(), "--anonymous"));

        Assert.False(File.Exists(file));
    }

    [Theory]
    [InlineData("""{"scene": 4}""", "line 2.text")]
    [InlineData("""{"scene": 4, "text": null}""", "line 2.text")]
    [InlineData("""{"text": "yes"}""", "line 2.scene")]
    [InlineData("""{"scene": 1, "scene": 2, "text": "yes"}""", "--answers")]
    [InlineData("""{"scene": 1, "txt": "yes", "text": "yes"}""", "--answers")]
    [InlineData("yes", "--answers")]
    public async Task Resume_LineThatIsNoAnswer_SendsNothingOfTheFile(string line, string field)
    {
        var run = await OpenAsync("careful", "Stability-v1");
        var answers = Path.Combine(_folder, "answers.jsonl");
        await File.WriteAllLinesAsync(answers, ["""{"scene": 0, "text": "yes"}""", line]);

        var refusal = await Assert.ThrowsAsync<PhysIntuitionException>(
            () => RunAsync("resume", run, "--answers", answers));

        Assert.Equal(field, refusal.Field);
        Assert.Contains("0 of 12 scenes answered", await RunAsync("resume", run), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list", "--folder", "nowhere")]
    [InlineData("open", "run.json", "--method", "m", "--task", "Nothing-v1", "--server", "SERVER", "--anonymous")]
    [InlineData("resume", "archive.json")]
    [InlineData("import", "archive.json")]
    public async Task AWrongArgument_IsRefusedInASentence(params string[] line)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "archive.json"), """{"seasons": 1}""");
        string[] arguments = [.. line.Select(word => word == "SERVER" ? _server.HttpAddress.ToString()
            : word.EndsWith(".json", StringComparison.Ordinal) ? Path.Combine(_folder, word) : word)];
        string[] folder = line[0] is "import" or "baselines" ? ["--folder", Database] : [];

        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => RunAsync([.. arguments, .. folder]));

        Assert.IsType<PhysIntuitionException>(refusal);
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
    }

    private async Task<string> OpenAsync(string method, string task)
    {
        var file = Path.Combine(_folder, $"{method}.json");
        await RunAsync("open", file, "--method", method, "--task", task, "--count", $"{Scenes}", "--server",
            _server.HttpAddress.ToString(), "--identity", Path.Combine(_folder, "method.key"));
        return file;
    }

    private async Task PlayAsync(string method, string text)
    {
        var run = await OpenAsync(method, "Stability-v1");
        var answers = Path.Combine(_folder, "answers.jsonl");
        await File.WriteAllLinesAsync(answers, Enumerable.Range(0, Scenes).Select(scene =>
            JsonSerializer.Serialize(new { scene, text })));
        await RunAsync("resume", run, "--answers", answers);
        await RunAsync("close", run);
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        var (code, printed) = await Given.RunAsync(LeaderboardCommand.Create(), arguments);
        Assert.Equal(0, code);
        return printed;
    }
}
