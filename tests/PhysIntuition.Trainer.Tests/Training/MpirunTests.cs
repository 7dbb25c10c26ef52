using System.Diagnostics;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Vlm;
using static PhysIntuition.Trainer.Runs;

namespace PhysIntuition.Trainer.Training;

/// <summary>Several processes under the real mpirun.</summary>
public sealed class MpirunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public MpirunTests() => NativeTorch.Require();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Group_ThreeProcesses_KeepsWhatItsTestsSay()
    {
        var (status, said) = await Mpirun(3, [typeof(MpirunTests).Assembly.Location,
            ":1", "-noColor", "-noLogo", "-parallel", "none",   // :1 seeds the order, the same for all
            "-class", typeof(ProcessGroupTests).FullName!, "-class", typeof(GradientSumTests).FullName!]);

        Assert.True(status == 0, said);
        Assert.Equal(3, said.Split("Failed: 0").Length - 1);
    }

    [Fact]
    public async Task Train_SeveralProcesses_LearnWhatOneProcessLearnsBitForBit()
    {
        // Six micro batches: three for each of two processes, two for each of three.
        var options = Small with { Steps = 2, Batch = 6, MicroBatch = 1, EvaluateEvery = 1 };
        Sft.Train(options, _folder.At("one"), CancellationToken.None);
        await Train(2, "sft", "two", options);
        await Train(3, "sft", "three", options);

        AssertSameRun(_folder.At("one"), _folder.At("two"), steps: 2);
        AssertSameRun(_folder.At("one"), _folder.At("three"), steps: 2);
    }

    [Fact]
    public async Task Train_RewardsOfSeveralTurns_LearnWhatOneProcessLearnsBitForBit()
    {
        Sft.Train(Small with { Task = "OffsetRetry-v1", Steps = 1 }, _folder.At("start"), CancellationToken.None);
        var options = new GrpoOptions
        {
            Task = "OffsetRetry-v1", Model = _folder.At("start/final"), Steps = 1, Prompts = 6, MicroPrompts = 1,
            Completions = 2, MaxCompletionTokens = 5, Objective = Recipes.PolicyObjective.Dapo, PictureSize = 32,
            EvaluationQuestions = 2, Threads = 1,
        };
        Grpo.Train(options, _folder.At("one"), CancellationToken.None);
        await Train(3, "grpo", "three", options);

        AssertSameRun(_folder.At("one"), _folder.At("three"), steps: 1);
    }

    [Fact]
    public async Task Train_ProcessThatIsLost_EndsTheJobWhichThenGoesOnWithAnyNumber()
    {
        var options = Small with { Steps = 12, SaveEvery = 2, Batch = 6, MicroBatch = 1 };
        Sft.Train(options, _folder.At("whole"), CancellationToken.None);
        var (name, status, said) = ("", 0, "");
        while (status == 0)   // where this thread stalls, a run may end before one of it is killed
        {
            name = $"parts-{Guid.NewGuid():N}";
            (status, said) = await Mpirun(3, Command("sft", name, options), async mpirun =>
            {
                await UntilLogged(mpirun, _folder.At(name), lines: 3);
                if (!mpirun.HasExited)
                {
                    using var lost = OfRank(mpirun, 1);
                    lost.Kill();
                }
            });
        }

        Assert.Contains("signal 9 (Killed)", said);   // mpirun's own words
        Assert.Contains("Process 0 of 3 is told to end: ", said);
        await Train(2, "sft", name, options);
        AssertSameRun(_folder.At("whole"), _folder.At(name), steps: 12);
    }

    [Fact]
    public async Task Train_ToldToStop_AllSaveTheSameStep()
    {
        var options = Small with { Steps = 100_000, SaveEvery = 100_000 };
        var (status, said) = await Mpirun(2, Command("sft", "run", options), async mpirun =>
        {
            await UntilLogged(mpirun, _folder.At("run"), lines: 2);
            using var second = OfRank(mpirun, 1);
            using var kill = Process.Start("kill", ["-TERM", $"{second.Id}"]);
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        });

        Assert.Equal(1, status);
        Assert.Contains("The same command goes on from there.", said);
        var done = File.ReadAllLines(_folder.At("run/metrics.jsonl")).Length;
        Assert.Equal([$"step-{done:D8}"],
            Directory.GetDirectories(_folder.At("run/checkpoints")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Train_SharesThatDoNotDivide_IsRefusedBeforeAnythingIsWritten()
    {
        var (status, said) = await Mpirun(2, Command("sft", "run", Small with { Batch = 6, MicroBatch = 2 }));

        Assert.NotEqual(0, status);
        Assert.Contains("2 processes learn together; their number must divide batch / microBatch (3).", said);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public async Task Train_WithoutOpenMpi_SaysWhatToInstall()
    {
        File.WriteAllText(_folder.At("libmpi.so.40"), "no library");   // found before the system's
        using var process = Start(
            new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = _folder.Root, ["OMPI_COMM_WORLD_SIZE"] = "2" },
            "train", "sft", "--out", _folder.At("run"));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));

        Assert.Equal("mpirun started this process, but there is no libmpi.so.40: run './physintuition setup mpi' on "
            + "every machine, or install Open MPI 4.1 (Debian: openmpi-bin).\n",
            await process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(1, process.ExitCode);
    }

    private async Task Train(int processes, string recipe, string name, TrainingOptions options)
    {
        var (status, said) = await Mpirun(processes, Command(recipe, name, options));
        Assert.True(status == 0, said);
    }

    private string[] Command(string recipe, string name, TrainingOptions options) =>
        [TrainerPath, "train", recipe, "--out", _folder.At(name), "--options", Write(_folder, options)];
}
