using PhysIntuition.Trainer.Evaluation;

namespace PhysIntuition.Trainer.Study;

/// <summary>What a study is said to have found, for numbers that leave one answer.</summary>
public sealed class FindingTests
{
    private static readonly TrainedModel[] s_models =
    [
        new("A-sft", "A-v1", "sft", ""), new("A-grpo", "A-v1", "grpo", ""),
        new("B-sft", "B-v1", "sft", ""), new("B-grpo", "B-v1", "grpo", ""), new("start", "A-v1", "start", ""),
    ];

    [Fact]
    public void Of_OwnTasks_AreToldTaskByTaskAndArmByArm()
    {
        var within = Findings.Of(Study(Cell("A-sft", "A-v1", 0.9), Cell("A-grpo", "A-v1", 0.8),
            Cell("B-sft", "B-v1", 0.7), Cell("start", "A-v1", 0.1))).First().Finding;

        Assert.Equal("On unseen scenes of the task learned, A-v1: sft 0.90 ± 0.10, grpo 0.80 ± 0.10, "
            + "start 0.10 ± 0.10; B-v1: sft 0.70 ± 0.10, grpo not asked.", within);
    }

    [Theory]
    [InlineData(0.50, 0.55, "0.05 ± 0.14, no difference beyond chance")]
    [InlineData(0.20, 0.55, "0.35 ± 0.14, interaction is better")]
    [InlineData(0.60, 0.10, "-0.50 ± 0.14, imitation is better")]
    public void Of_OtherTasks_AreComparedBeyondTheirIntervals(double imitated, double interacted, string says)
    {
        // Two cells with ± 0.1: the difference has sqrt(0.1² + 0.1²) = 0.14.
        var findings = Findings.Of(Study(Cell("A-sft", "B-v1", imitated), Cell("A-grpo", "B-v1", interacted))).ToList();

        Assert.Contains(says, findings[2].Finding, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"sft {imitated:0.00} ± 0.10 (100 % of the answers readable)"),
            findings[1].Finding, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_SeveralCells_AreTheirMeanWithANarrowerInterval()
    {
        var findings = Findings.Of(Study(
            Cell("A-sft", "B-v1", 0.2), Cell("B-sft", "A-v1", 0.4), Cell("A-sft", "C-v1", 0.3),
            Cell("B-sft", "C-v1", 0.3))).ToList();

        // sqrt(4 x 0.01) / 4 = 0.05
        Assert.Contains("sft 0.30 ± 0.05", findings[1].Finding, StringComparison.Ordinal);
        Assert.Contains("grpo not asked", findings[1].Finding, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_CellsWithExamplesOrAdaptation_CountNothingHere()
    {
        var findings = Findings.Of(Study(
            Cell("A-sft", "B-v1", 0.2), Cell("A-sft", "B-v1", 0.9) with { Examples = 3 },
            Cell("A-sft", "B-v1", 0.9) with { AdaptationSteps = 25 })).ToList();

        Assert.Contains("sft 0.20 ± 0.10", findings[1].Finding, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Suites_AreToldByTheirNames()
    {
        var finding = Findings.Of(Study(
            Cell("A-sft", "A-v1", 0.9), Cell("A-sft", "A-v1", 0.5) with { Split = "test/tall-v1" },
            Cell("A-grpo", "A-v1", 0.6) with { Split = "test/tall-v1" })).ElementAt(3).Finding;

        Assert.Equal("On the task learned: usual scenes 0.90 ± 0.10, tall-v1 0.55 ± 0.07.", finding);
    }

    [Fact]
    public void Of_Probes_NameTheBestLayerBesideThePixels()
    {
        ProbeResult[] probes =
        [
            new("A-sft", "B-v1", "offset", "last", 0, 0.1, 0.02, 100),
            new("A-sft", "B-v1", "offset", "last", 1, 0.4, 0.02, 100),
            new("A-sft", "B-v1", "offset", "mean", 2, 0.7, 0.03, 100),
            new("A-sft", "B-v1", "margin", "last", 1, 0.9, 0.02, 100),     // another fact
            new("A-sft", "A-v1", "offset", "last", 1, 0.9, 0.02, 100),     // its own task
            new("start", "B-v1", "offset", "last", 1, 0.9, 0.02, 100),     // no arm
        ];

        Assert.Equal("The offset in tasks not learned: A-sft on B-v1: R² 0.70 ± 0.03 at layer 2 (mean), "
            + "from pixels 0.10.", Findings.Of(Study() with { Probes = probes }).Last().Finding);
        Assert.Equal("The offset in tasks not learned: not probed.", Findings.Of(Study()).Last().Finding);
    }

    [Theory]
    [InlineData(0, 10, 10)]
    [InlineData(1, 0, 10)]
    [InlineData(1, 1, 9)]
    public void Faults_PlansThatAskNothing_SayWhatIsTheLeast(int tasks, int questions, int scenes)
    {
        var plan = ExperimentPlan.Scales["smoke"] with
        {
            Tasks = [.. Enumerable.Repeat("Stability-v1", tasks)], Questions = questions, ProbeScenes = scenes,
        };

        Assert.Equal(
            ["tasks must name one or more, questions be at least 1 and probeScenes at least 10."], plan.Faults());
    }

    [Fact]
    public void Faults_RecipesOfAPlan_AreItsOwn()
    {
        var plan = ExperimentPlan.Scales["smoke"];
        var wrong = plan with { Sft = plan.Sft with { Patience = 1 }, Grpo = plan.Grpo with { Completions = 1 } };

        Assert.Equal([.. wrong.Sft.Faults(), .. wrong.Grpo.Faults()], wrong.Faults());
        Assert.Equal(2, wrong.Faults().Count());
    }

    private static Study Study(params Cell[] cells) =>
        new(ExperimentPlan.Scales["smoke"], "tiny", s_models, cells, []);

    private static Cell Cell(string model, string task, double success) =>
        new(model, task, "test", 0, 0, success, 0.1, new(100, 0, 0, 0, 1, 1));
}
