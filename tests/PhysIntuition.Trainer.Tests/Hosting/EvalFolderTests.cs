using System.Text.Json.Nodes;
using PhysIntuition.Evaluation.Models;
using PhysIntuition.Evaluation.Runs;
using PhysIntuition.Server.Tests;
using PhysIntuition.V1;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>eval of folders of weights.</summary>
public sealed class EvalFolderTests(TinyModel tiny)
{
    [Fact]
    public void Eval_FoldersAndAPlayer_FillOneTableWithFiveOutcomes()
    {
        var (run, other) = (tiny.At("table"), tiny.At("copy/final"));
        Copy(tiny.Folder, other);

        Assert.Equal(0, Run("eval", "--model", tiny.Folder, "--model", other, "--model", "player:expert", "--task",
            "Stability-v1", "OffsetRetry-v1", "--questions", "6", "--max-tokens", "6", "--examples", "0", "1",
            "--picture-size", "32", "--repeats", "2", "--out", run));

        var cells = Cells(run);
        Assert.Equal(["copy/final", "player:expert", "tiny"],
            cells.Select(cell => (string)cell["model"]!).Distinct().ToArray());
        Assert.Equal(3 * 2 * 2, cells.Length);
        Assert.All(cells, cell => Assert.Equal(12, Number("delivered", cell)));
        Assert.All(cells, cell => Assert.Equal(Number("delivered", cell), Number("right", cell) + Number("wrong", cell)
            + Number("unreadable", cell) + Number("cut_off", cell)));

        // The same weights, the same answers, whatever the folder is called and whatever ran beside them.
        var samples = RunFolder.Read(run);
        Assert.Equal(Answers("tiny"), Answers("copy/final"));
        Assert.Contains(samples, sample => sample.Key.Task == "OffsetRetry-v1" && sample.Exchanges.Count > 1);
        Assert.All(samples.Where(sample => sample.Key.Model == "tiny").SelectMany(sample => sample.Exchanges), turn =>
        {
            Assert.InRange(turn.Tokens.Output, 1, 6);
            Assert.True(turn.Tokens.Input > 9);
            Assert.Equal("tiny", turn.ServedModel);
        });

        string[] Answers(string model) => [.. RunFolder.Ordered(samples).Where(sample => sample.Key.Model == model)
            .SelectMany(sample => sample.Exchanges).Select(turn => $"{turn.Answer} {turn.Verdict} {turn.IsCut}")];
    }

    [Fact]
    public void Eval_FoldersInTurn_CloseNoModelThatStillAnswers()
    {
        var (run, other) = (tiny.At("turns"), tiny.At("after-turns/final"));
        Copy(tiny.Folder, other);

        Assert.Equal(0, Run("eval", "--model", tiny.Folder, "--model", other, "--task", "Stability-v1", "--questions",
            "40", "--max-tokens", "12", "--picture-size", "32", "--out", run));

        Assert.All(Cells(run), cell => Assert.Equal(40, Number("delivered", cell)));
    }

    [Fact]
    public void Eval_ResumedAndRescored_GivesTheTableOfTheWholeRun()
    {
        var (whole, parts) = (tiny.At("whole"), tiny.At("parts"));
        string[] arguments =
        [
            "eval", "--model", tiny.Folder, "--task", "Stability-v1", "--questions", "8", "--max-tokens", "8",
            "--picture-size", "32", "--temperature", "0.8", "--top-p", "0.9", "--min-p", "0.01", "--seed", "3",
        ];
        Assert.Equal(0, Run([.. arguments, "--out", whole]));
        Assert.Equal(0, Run([.. arguments, "--out", parts]));
        var file = Path.Combine(parts, "samples.jsonl");
        File.WriteAllLines(file, File.ReadAllLines(file)[..3]);

        Assert.Equal(0, Run([.. arguments, "--out", parts, "--resume"]));
        Assert.Equal(Table(whole), Table(parts));
        Assert.Equal(0, Run("eval", "rescore", parts));
        Assert.Equal(Table(whole), Table(parts));
    }

    [Fact]
    public void Eval_TwoFoldersOfOneName_AreRefusedBeforeAnythingIsAsked()
    {
        using var said = new StringWriter();

        var status = TrainerCommands.Run(["eval", "--model", tiny.Folder, "--model", $"tiny={tiny.Folder}", "--task",
            "Stability-v1", "--out", tiny.At("twice")], said);

        Assert.Equal(2, status);
        Assert.Contains("the second that tables would call tiny; write LABEL=MODEL", said.ToString());
        Assert.False(Directory.Exists(tiny.At("twice")));
    }

    [Fact]
    public void Eval_Adapt_AsksBeforeAndAfterTheSteps()
    {
        Assert.Equal(0, Run("eval", "--model", tiny.Folder, "--task", "Stability-v1", "--adapt", "2", "--questions",
            "4", "--picture-size", "32", "--json", tiny.At("adapted.json")));

        var cells = JsonNode.Parse(File.ReadAllText(tiny.At("adapted.json")))!["cells"]!.AsArray();
        Assert.Equal([0, 2], cells.Select(cell => (int)cell!["adaptationSteps"]!));
    }

    [Theory]
    [InlineData("Stability-v1", "tall-v1", 2)]   // two of four scenes are the run's own
    [InlineData("OffsetRetry-v1", "", 4)]
    public async Task HeldoutEvaluation_Folder_StandsOnTheLeaderboardAndSaysHowSureItIs(
        string task, string suite, uint counted)
    {
        await using var server = await RunningServer.StartAsync(
            $"Leaderboard:Folder={tiny.At($"board-{task}")}", "Leaderboard:ReplyPace=0");
        var plan = new EvaluationPlan
        {
            Models = [ModelName.Parse(tiny.Folder)], Tasks = [task], Questions = 4, PictureSize = 32,
            Splits = [suite.Length == 0 ? "heldout" : $"heldout/{suite}"],
            Generation = new GenerationSettings { MaxTokens = 4 },
        };
        using var models = new FolderModels("cpu");
        using var folder = RunFolder.Open(tiny.At($"heldout-{task}"), plan, resumes: false);
        using var evaluation = new HeldoutEvaluation(plan, new HeldoutPlan
        {
            Leaderboard = server.Address, TrainedOn = "Stability-v1", Identity = tiny.At("method.key"),
        }, folder, prices: null);

        var limit = new AdaptiveLimit(4, start: 4);
        var said = await evaluation.RunAsync(
            model => models.Open(model, plan.Generation), _ => limit, TestContext.Current.CancellationToken);

        var row = Assert.Single((await new LeaderboardService.LeaderboardServiceClient(server.Channel)
            .ListStandingsAsync(new ListStandingsRequest { Task = task, Suite = suite })).Rows);
        Assert.Contains(", 0 of them never answered", Assert.Single(said));
        Assert.Equal(("tiny", "agent", "Stability-v1", counted, true),
            (row.Method, row.Kind, row.TrainedOn, row.Count, row.IsVerified));
        Assert.Equal("folder:tiny", (string)JsonNode.Parse(row.SettingsJson)!["model"]!);
        var usage = JsonNode.Parse(row.SettingsJson)!["usage"]!;
        Assert.Equal("tiny", (string)usage["model"]!);
        Assert.InRange((int)usage["tokens"]!["output"]!, 4, 4 * 4 * 3);   // scenes, tokens, at most three turns
        Assert.True((int)usage["tokens"]!["input"]! > 4 * 20);   // every prompt has a picture and a question
        var turns = folder.Samples.SelectMany(sample => sample.Exchanges).ToArray();
        Assert.All(turns, turn => Assert.InRange(turn.Confidence!.Value, double.Epsilon, 1));
        Assert.Contains(turns, turn => turn.Confidence < 1);
    }

    private static int Run(params string[] arguments) => TrainerCommands.Run(arguments);

    private static int Number(string name, JsonObject cell) => (int)cell[name]!;

    private static string Table(string run) => File.ReadAllText(Path.Combine(run, "table.json"));

    private static JsonObject[] Cells(string run) =>
        [.. JsonNode.Parse(Table(run))!["cells"]!.AsArray().Select(cell => cell!.AsObject())];

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
