using System.Text.Json.Nodes;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Vlm;

namespace PhysIntuition.Trainer.Study;

/// <summary>The study from its base to its report, on the smallest scale.</summary>
/// <param name="tiny">A model folder.</param>
public sealed class ExperimentTests(TinyModel tiny)
{
    [Fact]
    public void Run_SmallestStudy_TrainsEveryArmAndIsNotDoneAgain()
    {
        NativeTorch.Require();
        using var folder = new TemporaryFolder();
        var plan = ExperimentPlan.Scales["smoke"] with { HeldOut = ["Stability-v1"] };

        var report = new Experiment(plan, "tiny", folder.Root).Run(CancellationToken.None);
        var effects = File.ReadAllText(folder.At("effects.csv"));
        var arm = folder.At("runs/seed-1/d-without-Stability-v1/02-grpo/final/model.safetensors");
        var written = File.GetLastWriteTimeUtc(arm);
        new Experiment(plan, "tiny", folder.Root).Run(CancellationToken.None);

        Assert.Equal(effects, File.ReadAllText(folder.At("effects.csv")));
        Assert.Equal(written, File.GetLastWriteTimeUtc(arm));
        using var elsewhere = new TemporaryFolder();
        Directory.Move(folder.At("results"), elsewhere.At("results"));   // answers alone, without models
        new Experiment(plan, "tiny", elsewhere.Root).Run(CancellationToken.None);
        Assert.Equal(effects, File.ReadAllText(elsewhere.At("effects.csv")));
        Assert.False(Directory.Exists(elsewhere.At("runs")));
        var text = File.ReadAllText(report);
        Assert.Contains("0 model(s) failed", text);

        // An arm that learns the held-out task alone has nothing to be asked about; all others have their answers.
        Assert.All(plan.Models.Where(model => !model.Arm.IsSingle), model =>
        {
            Assert.Contains($"\n{model.Arm.Id},Stability-v1,", effects);
            var options = JsonNode.Parse(File.ReadAllText(folder.At($"runs/{model.Name}/01-sft/options.json")))!;
            Assert.DoesNotContain("Stability-v1", ((string)options["task"]!).Split(','));
        });
        Assert.Contains("""`{"tries":1}` | Stability-v1""", text);
        Assert.Contains("## Was there something to carry over?", text);
        Assert.True(new FileInfo(folder.At("runs/seed-1/base-10/final/model.safetensors")).Length
            > 2 * new FileInfo(folder.At("runs/seed-1/base/final/model.safetensors")).Length);
    }

    // Stages that do not depend on what is held out are learned once, and each model goes on from there.
    [Fact]
    public void Run_ArmThatDescribesFirst_LearnsToDescribeOnce()
    {
        NativeTorch.Require();
        using var folder = new TemporaryFolder();
        var plan = ExperimentPlan.Scales["smoke"];
        plan = plan with { Arms = [.. plan.Arms.Where(arm => arm.Id == "g")] };

        var text = File.ReadAllText(new Experiment(plan, "tiny", folder.Root).Run(CancellationToken.None));

        Assert.Contains("0 model(s) failed", text);
        Assert.Equal("Describe-v1", Knob("g/02-grpo", "task"));
        Assert.All(plan.Models, model =>
        {
            Assert.Equal(2, model.SharedStages);
            Assert.Equal(
                folder.At("runs/seed-1/g/02-grpo/final"), Knob(Path.GetFileName(model.Name) + "/01-sft", "model"));
            Assert.Single(Directory.GetDirectories(folder.At($"runs/{model.Name}")));
        });

        string Knob(string run, string name) =>
            (string)JsonNode.Parse(File.ReadAllText(folder.At($"runs/seed-1/{run}/options.json")))![name]!;
    }

    [Fact]
    public void Run_ArmThatFails_IsWrittenDownAndTheOthersGoOn()
    {
        NativeTorch.Require();
        using var folder = new TemporaryFolder();
        var all = ExperimentPlan.Scales["smoke"];
        var plan = all with
        {
            HeldOut = ["Stability-v1"],
            Arms =
            [
                new("x", "an option that no task has", [new("sft", "physics", 1) { TaskOptions = """{"hue":1}""" }]),
                all.Arms.Single(arm => arm.Id == "c"),
            ],
        };

        var text = File.ReadAllText(new Experiment(plan, "tiny", folder.Root).Run(CancellationToken.None));

        Assert.Contains("1 model(s) failed", text);
        Assert.Contains("- seed-1/x-without-Stability-v1 failed: ", text);
        Assert.Contains("\nc,Stability-v1,base,", File.ReadAllText(folder.At("effects.csv")));
    }

    [Fact]
    public void Run_StoppedUnderWay_LeavesAReportOfWhatIsKnownSoFar()
    {
        NativeTorch.Require();
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        using var watcher = new FileSystemWatcher(folder.Root, "report.md");
        watcher.Renamed += (_, _) => stop.Cancel();
        watcher.Created += (_, _) => stop.Cancel();
        watcher.EnableRaisingEvents = true;
        var plan = ExperimentPlan.Scales["smoke"] with { Parallel = 1 };

        Assert.Throws<OperationCanceledException>(() => new Experiment(plan, "tiny", folder.Root).Run(stop.Token));

        var text = File.ReadAllText(folder.At("report.md"));
        Assert.Contains(" still to come.", text);
        Assert.Contains("- seed-1/k-without-Balance-v1 has not been asked yet.", text);
    }

    [Fact]
    public void Run_BaseThatFails_IsTheReasonThatItsArmsName()
    {
        NativeTorch.Require();
        using var folder = new TemporaryFolder();
        var smoke = ExperimentPlan.Scales["smoke"];
        var plan = smoke with
        {
            HeldOut = ["Stability-v1"], Arms = [smoke.Arms.Single(arm => arm.Id == "c")],
            Base = smoke.Base! with { TaskOptions = """{"hue":1}""" },
        };

        var text = File.ReadAllText(new Experiment(plan, "tiny", folder.Root).Run(CancellationToken.None));

        Assert.Contains("- seed-1/base failed: ", text);
        Assert.Contains("- seed-1/c-without-Stability-v1 failed: Its base, seed-1/base, failed.", text);
    }

    [Fact]
    public void Run_WhileAnotherIsUnderWayInTheFolder_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using var other = TrainingRun.Lock(folder.Root);

        var busy = Assert.Throws<IOException>(() => new Experiment(ExperimentPlan.Scales["smoke"], "tiny", folder.Root)
            .Run(CancellationToken.None));

        Assert.StartsWith($"A run is under way in {folder.Root}", busy.Message);
    }

    [Fact]
    public void Run_ModelFolderWithAdapters_IsTheSamePlanWithoutABase()
    {
        NativeTorch.Require();
        using var folder = new TemporaryFolder();
        var gpu = ExperimentPlan.Scales["gpu"];
        var plan = gpu with
        {
            HeldOut = ["Stability-v1"], Arms = [.. gpu.Arms.Where(arm => arm.Id is "c" or "d" or "size-1")],
            Scenes = 8, Questions = 2, PictureSize = 32, Threads = 1,
            Sft = gpu.Sft with
            {
                Batch = 4, MicroBatch = 4, Device = "cpu", AdapterRank = 2, HoldInNf4 = false, HoldInBf16 = false,
            },
            Grpo = gpu.Grpo with
            {
                Prompts = 2, MicroPrompts = 2, Completions = 2, MaxCompletionTokens = 16, Device = "cpu",
                AdapterRank = 2, HoldInNf4 = false, HoldInBf16 = false,
            },
        };

        var text = File.ReadAllText(new Experiment(plan, tiny.Folder, folder.Root).Run(CancellationToken.None));

        Assert.Contains("0 model(s) failed", text);
        Assert.True(File.Exists(folder.At(
            "runs/seed-1/d-without-Stability-v1/02-grpo/final/adapter_model.safetensors")));
        Assert.False(Directory.Exists(folder.At("runs/seed-1/base")));
        Assert.DoesNotContain(plan.Models, model => model.Arm.Size.Length > 0);   // a folder has the size that it has
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("smoke")]
    [InlineData("gpu")]
    public void Scales_AsGiven_HaveNoFaults(string scale) => Assert.Empty(ExperimentPlan.Scales[scale].Faults());

    [Fact]
    public void Arms_OfThePlan_SeeEquallyManyScenesAndNeverTheTaskThatIsHeldOut()
    {
        var plan = ExperimentPlan.Scales["cpu"];

        Assert.Equal(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"],
            plan.Arms.Where(arm => arm.Id.Length == 1).Select(arm => arm.Id));
        Assert.All(plan.Models, model =>
        {
            Assert.Equal(plan.Scenes, model.Arm.Stages.Sum(stage =>
                plan.Steps(stage) * (stage.Recipe == "grpo" ? plan.Grpo.Prompts : plan.Sft.Batch)));
            Assert.All(model.Asked(plan.HeldOut), asked => Assert.All(model.Arm.Stages, stage =>
                Assert.DoesNotContain(asked, model.Arm.Tasks(stage, model.Fold))));
        });
        Assert.All(plan.Arms, arm => Assert.All(plan.HeldOut, fold => Assert.Null(arm.Missing(fold))));
        Assert.All(plan.Arms.Where(arm => arm.TaskCount > 0), arm => Assert.All(
            plan.HeldOut,
            fold => Assert.Equal(arm.TaskCount, arm.Tasks(arm.Stages[0], fold).Distinct().Count())));
        Assert.All(plan.Models, model =>
            Assert.Empty(model.Learned(plan.HeldOut).Intersect(model.Asked(plan.HeldOut))));
        Assert.Equal(["Balance-v1"], plan.Models.First(model => model.Name.EndsWith("a-on-Balance-v1"))
            .Learned(plan.HeldOut));
        Assert.DoesNotContain("OffsetX-v1",
            plan.Arms.Single(arm => arm.Id == "c").Tasks(new ArmStage("sft", "physics", 1), "Offset-v1"));
    }

    [Fact]
    public void Faults_PlansThatCannotBeCompared_SayWhy()
    {
        var plan = ExperimentPlan.Scales["smoke"];
        var half = new StudyArm("c", "half", [new("sft", "physics", 0.5)]);

        Assert.Equal(["the stages of arm 'c' take 0.5 of the scenes together; shares must add up to 1, so that all "
            + "arms see equally many."], (plan with { Arms = [half] }).Faults());
        Assert.Equal(["arm 'c' is there twice; give every arm an id of its own."], (plan with
        {
            Arms = [.. plan.Arms.Where(arm => arm.Id == "c"), .. plan.Arms.Where(arm => arm.Id == "c")],
        }).Faults());
        Assert.Equal(["scenes is 1; must be at least one step's, 4."], (plan with { Scenes = 1 }).Faults());
        Assert.Single((plan with { HeldOut = [] }).Faults());
        Assert.Single((plan with { Grpo = plan.Grpo with { Completions = 1 } }).Faults());
    }

    [Fact]
    public void Seconds_OfAPlan_AreItsStepsAndAnswersSideBySide()
    {
        var plan = ExperimentPlan.Scales["smoke"] with
        {
            HeldOut = ["Stability-v1", "Offset-v1"], Base = null, Parallel = 2,
            Arms = [.. ExperimentPlan.Scales["smoke"].Arms.Where(arm => arm.Id is "c" or "d")],
        };
        var measured = JsonNode.Parse("""{"sft physics":10,"grpo physics":100,"answer":1}""")!.AsObject();

        // c: 2 steps of 4 scenes; d: a quarter of 8 scenes is one step at least, and 3 steps of 2. Each without one
        // task and without the other, asked about the one twice, held to the form and freely, about the other once.
        Assert.Equal(2 * (20 + (10 + 300) + (2 * 3 * 4)) / 2.0,
            StudyEstimate.Seconds(plan, [.. plan.Models], measured));
    }
}
