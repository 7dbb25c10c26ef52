using System.Diagnostics;
using System.Text.Json.Nodes;
using PhysIntuition.Client.Tests;
using PhysIntuition.Evaluation.Models;
using PhysIntuition.Evaluation.Runs;
using PhysIntuition.Server.Tests;

namespace PhysIntuition.Evaluation.Tests;

/// <summary>The command against a server on real HTTP.</summary>
public sealed class EvaluationTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private MisbehavingServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await MisbehavingServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Eval_OneRequestInFiveMisbehaves_ScoresEveryAnswerOnceAndLosesNone()
    {
        // Every kind in turn; a retry is a new request, so that no scene meets the same one eight times.
        _server.Order = number => number % 5 == 0 ? (Misbehaviour)(number / 5 % 7) : null;

        Assert.Equal(0, await RunAsync("--questions", "300", "--out", _folder.At("run")));

        var samples = RunFolder.Read(_folder.At("run"));
        Assert.Equal(Enumerable.Range(0, 300).Select(seed => (ulong)seed),
            samples.Select(sample => sample.Key.Seed).Order());
        Assert.Equal(7, _server.Shown.Count);
        Assert.Equal(_server.Shown[Misbehaviour.Empty] + _server.Shown[Misbehaviour.ThoughtsAlone],
            samples.Count(sample => sample.Outcome == SampleOutcome.CutOff));
        Assert.DoesNotContain(
            samples, sample => sample.Outcome is SampleOutcome.Undelivered or SampleOutcome.Unreadable);

        // "yes" is right where the expert says so, and only there: nothing undelivered was scored.
        Assert.All(samples.Where(sample => sample.Outcome != SampleOutcome.CutOff), sample =>
            Assert.Equal(sample.Outcome == SampleOutcome.Right, sample.Exchanges[0].Verdict!.StartsWith("Right")));
        Assert.All(samples, sample => Assert.Equal(1, sample.ExpertReward, 1e-6));
        var thought = samples.First(sample => sample.Exchanges[0].Reasoning.Length > 0);
        Assert.Equal(SampleOutcome.CutOff, thought.Outcome);
    }

    [Fact]
    public async Task Eval_ServerThatRefusesParameters_IsAskedWithoutThem()
    {
        _server.Refuses.UnionWith(["max_completion_tokens", "temperature"]);

        Assert.Equal(0, await RunAsync("--questions", "8", "--out", _folder.At("run")));

        Assert.All(RunFolder.Read(_folder.At("run")),
            sample => Assert.NotEqual(SampleOutcome.Undelivered, sample.Outcome));
        var last = _server.Bodies.Where(body => !_server.Refuses.Any(body.ContainsKey)).ToArray();
        Assert.Equal(8, last.Length);
        Assert.All(last, body => Assert.Equal(64, (int)body["max_tokens"]!));
    }

    [Fact]
    public async Task Eval_RequestBody_HasThePictureAsPngInTheUsersTurnAndExtraMembers()
    {
        await RunAsync("--questions", "1", "--out", _folder.At("run"), "--extra-body", """{"top_k": 5}""",
            "--examples", "1");

        var body = Assert.Single(_server.Bodies);
        Assert.Equal(5, (int)body["top_k"]!);
        var messages = body["messages"]!.AsArray();
        Assert.Equal(["user", "assistant", "user"], messages.Select(message => (string)message!["role"]!));
        var parts = messages[2]!["content"]!.AsArray();
        Assert.StartsWith("data:image/png;base64,iVBOR", (string)parts[0]!["image_url"]!["url"]!);
        Assert.Contains("<answer>", (string)parts[1]!["text"]!);
    }

    [Fact]
    public async Task Eval_Constrained_AsksForASchemaAndReadsItsAnswers()
    {
        _server.Answer = """{"answer": "no"}""";

        Assert.Equal(0, await RunAsync("--questions", "6", "--out", _folder.At("run"), "--constrain", "answer"));

        Assert.All(_server.Bodies, body =>
        {
            var format = body["response_format"]!;
            Assert.Equal("json_schema", (string)format["type"]!);
            var schema = format["json_schema"]!["schema"]!;
            Assert.Equal("""["no","yes"]""", schema["properties"]!["answer"]!["enum"]!.ToJsonString());
            Assert.Equal("""["answer"]""", schema["required"]!.ToJsonString());
        });
        var samples = RunFolder.Read(_folder.At("run"));
        Assert.All(samples, sample => Assert.Equal("<answer>no</answer>", sample.Exchanges[0].Answer));
        Assert.All(samples, sample => Assert.True(sample.Outcome is SampleOutcome.Right or SampleOutcome.Wrong));
        Assert.Equal(1, (double)Cells(_folder.At("run"))[0]!["readable"]!);
    }

    [Fact]
    public async Task Eval_ConstrainedWhereTheServerRefusesSchemas_IsAskedWithoutAndCountsWhatCannotBeRead()
    {
        _server.Refuses.Add("response_format");
        _server.Answer = "I would rather not say.";

        Assert.Equal(0, await RunAsync("--questions", "3", "--out", _folder.At("run"), "--constrain", "answer"));

        Assert.All(RunFolder.Read(_folder.At("run")),
            sample => Assert.Equal(SampleOutcome.Unreadable, sample.Outcome));
        Assert.Equal(0, (double)Cells(_folder.At("run"))[0]!["readable"]!);
    }

    [Fact]
    public async Task Eval_QuestionsThatNobodyAnswered_CountNowhereAndAreAskedAgain()
    {
        _server.Order = _ => Misbehaviour.Fault;
        Assert.Equal(0, await RunAsync("--questions", "6", "--out", _folder.At("run"), "--retries", "1"));
        var cell = Cells(_folder.At("run"))[0]!;
        Assert.Equal(6, (int)cell["undelivered"]!);
        Assert.Null(cell["reward"]);

        _server.Order = _ => null;
        Assert.Equal(0, await RunAsync(
            "--questions", "6", "--out", _folder.At("run"), "--retries", "1", "--resume"));

        Assert.Equal(6, (int)Cells(_folder.At("run"))[0]!["delivered"]!);
        Assert.Equal(6, RunFolder.Read(_folder.At("run")).Select(sample => sample.Key).Distinct().Count());
    }

    [Fact]
    public async Task Eval_ProgramKilledInTheMiddle_ResumesToTheSameTable()
    {
        Assert.Equal(0, await RunAsync("--questions", "60", "--out", _folder.At("whole")));
        _server.Latency = TimeSpan.FromMilliseconds(40);
        string[] arguments = [.. Arguments("--questions", "60", "--out", _folder.At("parts"), "--concurrency", "4")];
        using (var process = Process.Start(new ProcessStartInfo(
            "dotnet", [typeof(EvaluationRun).Assembly.Location, .. arguments]) { RedirectStandardError = true })!)
        {
            using var limit = new CancellationTokenSource(s_patience);
            var log = _folder.At("parts/samples.jsonl");
            while (!process.HasExited && (!File.Exists(log) || File.ReadLines(log).Count() < 10))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
            }

            process.Kill();
            await process.WaitForExitAsync(limit.Token);
        }

        File.AppendAllText(_folder.At("parts/samples.jsonl"), """{"key":{"model":"ti""");   // a line that was cut
        var before = _server.Bodies.Count;
        Assert.Equal(0, await RunAsync("--questions", "60", "--out", _folder.At("parts"), "--resume"));

        Assert.InRange(_server.Bodies.Count - before, 1, 50);   // what was answered is not asked again
        Assert.Equal(
            File.ReadAllBytes(_folder.At("whole/table.json")), File.ReadAllBytes(_folder.At("parts/table.json")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Eval_ServersLostAtRandomMoments_GivesTheSameTable(int seed)
    {
        Assert.Equal(0, await RunAsync("--questions", "40", "--out", _folder.At("whole")));
        _server.Latency = TimeSpan.FromMilliseconds(20);
        await using var first = await RunningServer.StartAsync("Engine:SnapshotSecret=shared");
        await using var second = await RunningServer.StartAsync("Engine:SnapshotSecret=shared");
        await using var near = new CuttableProxy(first.Address);
        await using var far = new CuttableProxy(second.Address);
        var random = new Random(seed);

        var running = RunAsync("--questions", "40", "--out", _folder.At("parts"), "--concurrency", "4",
            "--server", $"{near.Address},{far.Address}");
        var log = _folder.At("parts/samples.jsonl");
        foreach (var (lost, lines) in new[] { (near, random.Next(1, 15)), (far, random.Next(15, 30)) })
        {
            using var limit = new CancellationTokenSource(s_patience);
            while (!running.IsCompleted && (!File.Exists(log) || File.ReadLines(log).Count() < lines))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
            }

            lost.Target = lost.Target == first.Address ? second.Address : first.Address;   // which knows no session
            lost.Cut();
        }

        Assert.Equal(0, await running.WaitAsync(s_patience));
        Assert.Equal(
            File.ReadAllBytes(_folder.At("whole/table.json")), File.ReadAllBytes(_folder.At("parts/table.json")));
    }

    [Fact]
    public async Task Eval_SecondRunWithACache_SendsNothing()
    {
        await RunAsync("--questions", "5", "--out", _folder.At("first"), "--cache", _folder.At("cache.db"));
        var sent = _server.Bodies.Count;

        await RunAsync("--questions", "5", "--out", _folder.At("second"), "--cache", _folder.At("cache.db"));

        Assert.Equal(5, sent);
        Assert.Equal(5, _server.Bodies.Count);
        Assert.Equal(File.ReadAllBytes(_folder.At("first/table.json")),
            File.ReadAllBytes(_folder.At("second/table.json")));
    }

    [Fact]
    public async Task Eval_Key_IsWrittenNowhere()
    {
        const string secret = "sk-that-nobody-may-read";
        Environment.SetEnvironmentVariable("EVALUATION_TEST_KEY", secret);

        await RunAsync("--questions", "2", "--out", _folder.At("run"), "--key-from", "EVALUATION_TEST_KEY");

        Assert.All(Directory.GetFiles(_folder.At("run"), "*", SearchOption.AllDirectories),
            file => Assert.DoesNotContain(secret, File.ReadAllText(file)));
    }

    [Fact]
    public async Task Eval_LimitOnDollars_StopsSending()
    {
        File.WriteAllText(_folder.At("prices.json"),
            """{"date": "2026-01-01", "models": {"tiny": {"input": 10000, "output": 0}}}""");

        // 100 tokens at 10,000 dollars a million are a dollar; four in flight may pass the limit together.
        await RunAsync("--questions", "40", "--out", _folder.At("run"), "--prices", _folder.At("prices.json"),
            "--limit-cost", "5", "--concurrency", "4");

        Assert.InRange(_server.Bodies.Count, 5, 8);
        Assert.Equal(_server.Bodies.Count, (double)Cells(_folder.At("run"))[0]!["dollars"]!, 1e-9);
    }

    [Fact]
    public async Task Rescore_Folder_GivesTheSameTableWithoutAsking()
    {
        await RunAsync("--questions", "12", "--out", _folder.At("run"));
        var (table, sent) = (File.ReadAllBytes(_folder.At("run/table.json")), _server.Bodies.Count);
        File.Delete(_folder.At("run/table.json"));

        Assert.Equal(0, Run("eval", "rescore", _folder.At("run")));

        Assert.Equal(table, File.ReadAllBytes(_folder.At("run/table.json")));
        Assert.Equal(sent, _server.Bodies.Count);
    }

    [Fact]
    public void Eval_ScriptedPlayersOverSeveralTurns_ComeOutInTheirOrder()
    {
        Assert.Equal(0, Run("eval", "--model", "player:random", "--model", "player:expert", "--task",
            "OffsetRetry-v1", "--questions", "30", "--out", _folder.At("run")));

        var cells = Cells(_folder.At("run"));
        Assert.Equal(1.0, (double)cells[0]!["success"]!, 0.02);
        Assert.InRange((double)cells[1]!["success"]!, -0.5, 0.5);
        Assert.Contains(RunFolder.Read(_folder.At("run")), sample => sample.Exchanges.Count > 1);
    }

    [Fact]
    public void Compare_RandomAgainstExpert_FindsTheDifference()
    {
        Run("eval", "--model", "player:random", "--task", "Stability-v1", "--out", _folder.At("a"));
        Run("eval", "--model", "player:expert", "--task", "Stability-v1", "--out", _folder.At("b"));

        var lines = CompareCommand.Lines(ModelPair.Between(
            RunFolder.Read(_folder.At("a")), RunFolder.Read(_folder.At("b")))).ToArray();

        Assert.Equal(2, lines.Length);
        Assert.Contains("0.0000 mcnemar-exact", lines[1]);
    }

    [Fact]
    public void Table_OfSeveralModels_HoldsAPairedTestOfEveryTwo()
    {
        Run("eval", "--model", "random=player:random", "--model", "expert=player:expert", "--model",
            "constant=player:constant", "--task", "Stability-v1", "--questions", "60", "--out", _folder.At("run"));

        var pairs = JsonNode.Parse(File.ReadAllText(_folder.At("run/table.json")))!["pairs"]!.AsArray();

        Assert.Equal(["constant/expert", "constant/random", "expert/random"],
            pairs.Select(pair => $"{pair!["first"]}/{pair["second"]}"));
        Assert.Equal(60, (int)pairs[2]!["difference"]!["count"]!);
        Assert.True((double)pairs[2]!["p_value"]! < 0.001);
        Assert.Equal("mcnemar-exact", (string)pairs[2]!["test"]!);
    }

    [Theory]
    [InlineData("--model=gpt-5", "'--model' is gpt-5; write it as openai:NAME")]
    [InlineData("--model=http://127.0.0.1:1", "name the server's model after its address")]
    [InlineData("--model=player:vison", "Did you mean 'vision'?")]
    [InlineData("--model=mock:absent.jsonl", "there is no such file")]
    [InlineData("--model=player:random --suite=tal-v1", "Did you mean 'tall-v1'?")]
    [InlineData("--model=player:random --detail=hgh", "'--detail' is 'hgh', which is unknown. Did you mean 'high'?")]
    [InlineData("--model=player:random --temperature=0,7", "it must be a number with a decimal point")]
    [InlineData("--model=player:random --extra-body=[1]", "it must be a JSON object")]
    [InlineData("--model=player:random --constrain=anwser", "Did you mean 'answer'?")]
    [InlineData("--model=player:random --limit-cost=1", "needs --prices")]
    [InlineData("--model=player:random --leaderboard=http://127.0.0.1:1", "player:random looks into the scene")]
    [InlineData("--model=mock:a --examples=2 --leaderboard=http://127.0.0.1:1", "held-out ones are not told")]
    [InlineData("--model=openai:gpt --key-from=NO_SUCH_VARIABLE", "NO_SUCH_VARIABLE is not set")]
    public void Eval_WrongUsage_IsSaidAndLeavesNoFolder(string arguments, string says)
    {
        using var said = new StringWriter();

        var status = EvaluationCommands.Run(EvaluationCommands.Create(),
            ["eval", "--task", "Stability-v1", "--out", _folder.At("run"), .. arguments.Split(' ')], said);

        Assert.Equal(2, status);
        Assert.Contains(says, said.ToString());
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    private static JsonArray Cells(string run) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(run, "table.json")))!["cells"]!.AsArray();

    private static int Run(params string[] arguments) => EvaluationCommands.Run(EvaluationCommands.Create(), arguments);

    private IEnumerable<string> Arguments(params string[] more) =>
    [
        "eval", "--model", $"tiny={_server.Model}", "--task", "Stability-v1", "--max-tokens", "64", "--picture-size",
        "64", .. more,
    ];

    private Task<int> RunAsync(params string[] more) => Task.Run(() => Run([.. Arguments(more)]));
}
