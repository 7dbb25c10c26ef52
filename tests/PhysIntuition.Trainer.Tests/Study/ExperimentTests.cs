using System.Text.Json.Nodes;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Trainer.Evaluation;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Vlm.Testing;

namespace PhysIntuition.Trainer.Study;

public sealed class ExperimentTests
{
    private static readonly EvaluationResult s_result = new(100, 0, 0, 0, 1, 1);

    [Fact]
    public void Run_SmallestStudy_ReportsEveryModelAndIsNotDoneAgain()
    {
        NativeTorch.Require();
        using var folder = new TemporaryFolder();
        var plan = ExperimentPlan.Scales["smoke"] with
        {
            Start = new() { Steps = 1, Batch = 4, MicroBatch = 4 }, Questions = 2, Examples = [], ProbeScenes = 10,
        };
        Directory.CreateDirectory(folder.At("photographs"));
        File.WriteAllBytes(folder.At("photographs/a.png"), PngEncoder.Encode(new byte[32 * 32 * 3], 32, 32));
        File.WriteAllText(folder.At("photographs/labels.csv"), "image,falls\na.png,1\n");
        var photographs = PictureLibrary.Add("towers", folder.At("photographs")).Count;
        var report = new Experiment(plan, "tiny", photographs, folder.Root).Run(CancellationToken.None);
        var page = File.ReadAllText(report);
        var written = File.GetLastWriteTimeUtc(folder.At("runs/OffsetX/grpo/final/model.safetensors"));

        new Experiment(plan, "tiny", photographs, folder.Root).Run(CancellationToken.None);

        Assert.Equal(page, File.ReadAllText(report));
        Assert.Equal(written, File.GetLastWriteTimeUtc(folder.At("runs/OffsetX/grpo/final/model.safetensors")));
        var cells = JsonNode.Parse(File.ReadAllText(folder.At("cells.json")))!["cells"]!.AsArray();

        // Six models: two tasks with and without a suite, one other task after a step, and the photograph, once.
        Assert.Equal(6 * ((2 * 2) + 1 + 1), cells.Count);
        var lines = File.ReadAllLines(folder.At("cells.csv"));
        Assert.Equal(cells.Count + 1, lines.Length);
        Assert.Equal(6, lines.Count(line => line.Contains(",RealTowers-v1,test,0,0,1,")));
        Assert.Contains("OffsetX-grpo", page);
        Assert.Contains("![Trained on, asked about: Success](table.svg)", File.ReadAllText(folder.At("report.md")));
        Assert.True(File.Exists(folder.At("probe-OffsetX-v1-offset.svg")));
    }

    [Theory]
    [InlineData(1, "0.50 ± 0.05, interaction is better")]
    [InlineData(0.4, "0.50 ± 0.05, but hardly an answer can be read")]
    public void Findings_GrpoThatTransfers_IsSaidToBeBetterIfItsAnswersCanBeRead(double readable, string says)
    {
        string[] tasks = ["Stability-v1", "OffsetX-v1"];
        var models = tasks.SelectMany(task => new[] { "sft", "grpo" }.Select(
            arm => new TrainedModel($"{task}-{arm}", task, arm, ""))).ToArray();
        var cells = models.SelectMany(model => tasks.Select(task => new Cell(
            model.Name, task, "test", 0, 0, task == model.Task ? 0.9 : model.Arm == "grpo" ? 0.6 : 0.1, 0.05,
            s_result with { Readable = task == model.Task ? 1 : readable })));
        var plan = ExperimentPlan.Scales["smoke"];

        var study = new Study(plan, "tiny", models, [.. cells], []);
        var findings = Findings.Of(study).Select(pair => pair.Finding).ToArray();

        // Two cells each with ± 0.05: their mean has 0.05 / sqrt 2 = 0.04, the difference of two means 0.05.
        Assert.Contains("OffsetX-v1: sft 0.90 ± 0.05, grpo 0.90 ± 0.05", findings[0]);
        Assert.Contains("sft 0.10 ± 0.04", findings[1]);
        Assert.Contains($"grpo 0.60 ± 0.04 ({100 * readable} % of the answers readable)", findings[1]);
        Assert.Contains(says, findings[2]);
        Assert.Contains("suites of the task learned: not asked", findings[2]);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("smoke")]
    [InlineData("gpu")]
    public void Scales_AsGiven_HaveNoFaults(string scale) =>
        Assert.Empty(ExperimentPlan.Scales[scale].Faults());

    [Fact]
    public void HeatMap_Cells_ShowNumbersInTheColoursOfTheirLevels()
    {
        var picture = CellFiles.Draw(
        [
            new("a", "T-v1", "test", 0, 0, 1, 0, s_result), new("a", "T-v1", "test/tall-v1", 0, 0, 0, 0, s_result),
            new("a", "T-v1", "test", 3, 0, 0.5, 0, s_result),
        ]);

        Assert.Contains(">1.00<", picture);
        Assert.Contains("fill=\"rgb(255,255,255)\"", picture);   // success 0 is white
        Assert.Contains("T-v1 tall-v1", picture);
        Assert.DoesNotContain(">0.50<", picture);                // with examples: another picture
    }
}
