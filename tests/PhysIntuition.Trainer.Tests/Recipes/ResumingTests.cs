using System.Diagnostics;
using PhysIntuition.Client.Tests;
using PhysIntuition.Server.Tests;
using PhysIntuition.Vlm;
using static PhysIntuition.Trainer.Runs;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>A run that was stopped or killed goes on as if nothing had been.</summary>
public sealed class ResumingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ResumingTests() => NativeTorch.Require();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_SftStoppedTwiceAndResumed_EqualsTheUninterruptedRunBitForBit()
    {
        Sft.Train(Small, _folder.At("whole"), CancellationToken.None);
        StopAfterOneStep(cancellation => Sft.Train(Small, _folder.At("parts"), cancellation));
        StopAfterOneStep(cancellation => Sft.Train(Small, _folder.At("parts"), cancellation));
        Sft.Train(Small, _folder.At("parts"), CancellationToken.None);

        AssertSameRun(_folder.At("whole"), _folder.At("parts"), steps: 6);
        Assert.True(Loss(_folder.At("whole"), 6) < Loss(_folder.At("whole"), 1));
    }

    [Fact]
    public async Task Train_ProcessKilledAgainAndAgain_LosesNothingButTheStepsSinceTheCheckpoint()
    {
        var options = Small with { Steps = 9, SaveEvery = 2 };
        Sft.Train(options, _folder.At("whole"), CancellationToken.None);

        // Where this thread stalls, a run may end before it is killed; then there is nothing to resume, and it begins
        // again elsewhere.
        var parts = "";
        for (var killed = 0; killed < 3;)
        {
            parts = killed == 0 ? _folder.At($"parts-{Guid.NewGuid():N}") : parts;
            killed = await IsKilledWhenLogged(parts, options, lines: 1 + (3 * killed)) ? killed + 1 : 0;
        }

        Sft.Train(options, parts, CancellationToken.None);
        AssertSameRun(_folder.At("whole"), parts, steps: 9);
    }

    [Fact]
    public async Task Train_ServersAndItselfLostAtRandomMoments_LearnsWhatItLearnsAlone()
    {
        var options = Small with { Steps = 9, SaveEvery = 2 };
        Sft.Train(options, _folder.At("whole"), CancellationToken.None);
        await using var first = await RunningServer.StartAsync("Engine:SnapshotSecret=shared");
        await using var second = await RunningServer.StartAsync("Engine:SnapshotSecret=shared");
        await using var near = new CuttableProxy(first.Address);
        await using var far = new CuttableProxy(second.Address);
        var there = options with { Server = $"{near.Address},{far.Address}" };
        var random = new Random(7);
        var parts = "";
        for (var isKilled = false; !isKilled;)   // or it was over before: see above
        {
            parts = _folder.At($"parts-{Guid.NewGuid():N}");
            using var process = Start("train", "sft", "--out", parts, "--options", Write(_folder, there));
            await UntilLogged(process, parts, lines: random.Next(1, 4));
            Lose(near, first, second);
            await UntilLogged(process, parts, lines: random.Next(4, 7));
            process.Kill();
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            await process.WaitForExitAsync(limit.Token);
            isKilled = process.ExitCode == 137;
        }

        Lose(far, first, second);
        Sft.Train(there, parts, CancellationToken.None);
        AssertSameRun(_folder.At("whole"), parts, steps: 9);
    }

    [Fact]
    public void Train_GrpoStoppedAndResumed_EqualsTheUninterruptedRunBitForBit()
    {
        Sft.Train(Small, _folder.At("start"), CancellationToken.None);
        var options = new GrpoOptions
        {
            Model = _folder.At("start/final"), Steps = 3, Prompts = 2, MicroPrompts = 1, Completions = 4,
            MaxCompletionTokens = 8, Beta = 0.04, Iterations = 2, PictureSize = 32, SaveEvery = 1,
            EvaluationQuestions = 2, Threads = 1,
        };

        Grpo.Train(options, _folder.At("whole"), CancellationToken.None);
        StopAfterOneStep(cancellation => Grpo.Train(options, _folder.At("parts"), cancellation));
        Grpo.Train(options, _folder.At("parts"), CancellationToken.None);

        AssertSameRun(_folder.At("whole"), _folder.At("parts"), steps: 3);
        Assert.True(Line(_folder.At("whole"), 3)["kl"]!.GetValue<double>() > 0);
    }

    [Fact]
    public void Train_PpoStoppedAndResumed_EqualsTheUninterruptedRunBitForBit()
    {
        Sft.Train(Small with { Steps = 2 }, _folder.At("start"), CancellationToken.None);
        var options = new PpoOptions
        {
            Model = _folder.At("start/final"), Steps = 3, Prompts = 2, Completions = 2, MicroBatch = 2, Epochs = 2,
            MaxCompletionTokens = 8, PictureSize = 32, SaveEvery = 1, EvaluationQuestions = 2, Threads = 1,
        };

        Ppo.Train(options, _folder.At("whole"), CancellationToken.None);
        StopAfterOneStep(cancellation => Ppo.Train(options, _folder.At("parts"), cancellation));
        Ppo.Train(options, _folder.At("parts"), CancellationToken.None);

        AssertSameRun(_folder.At("whole"), _folder.At("parts"), steps: 3);
        Assert.Equal(0, Line(_folder.At("whole"), 1)["kl"]!.GetValue<double>(), 1e-6);   // nothing has been learned yet
        Assert.NotEqual(0, Line(_folder.At("whole"), 3)["value"]!.GetValue<double>());
    }

    [Fact]
    public void Train_GrpoOnATaskOfSeveralTurns_ResumesBitForBit()
    {
        Sft.Train(Small with { Task = "OffsetRetry-v1", Steps = 1 }, _folder.At("start"), CancellationToken.None);
        var options = new GrpoOptions
        {
            Task = "OffsetRetry-v1", Model = _folder.At("start/final"), Steps = 2, Prompts = 2, MicroPrompts = 1,
            Completions = 2, MaxCompletionTokens = 6, PictureSize = 32, SaveEvery = 1, EvaluationQuestions = 2,
            Threads = 1,
        };

        Grpo.Train(options, _folder.At("whole"), CancellationToken.None);
        StopAfterOneStep(cancellation => Grpo.Train(options, _folder.At("parts"), cancellation));
        Grpo.Train(options, _folder.At("parts"), CancellationToken.None);

        AssertSameRun(_folder.At("whole"), _folder.At("parts"), steps: 2);
    }

    [Fact]
    public void Train_CurriculumAndPatience_ResumeBitForBitAndKeepTheBest()
    {
        var options = Small with
        {
            Steps = 20, EvaluateEvery = 2, Patience = 1, CurriculumWindow = 2, CurriculumTarget = 1e-30,
            Adam8Bit = true,
            Curriculum = """[{"difficulty":"easy"},{"difficulty":"hard"}]""",
        };

        Sft.Train(options, _folder.At("whole"), CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            StopAfterOneStep(cancellation => Sft.Train(options, _folder.At("parts"), cancellation));
        }

        Sft.Train(options, _folder.At("parts"), CancellationToken.None);

        var lines = File.ReadAllLines(_folder.At("whole/metrics.jsonl")).Length;
        Assert.InRange(lines, 4, 18);   // an evaluation of two questions that is no better comes soon
        AssertSameRun(_folder.At("whole"), _folder.At("parts"), lines);
        Assert.Equal([0, 0, 1], Enumerable.Range(1, 3).Select(
            step => Line(_folder.At("whole"), step)["curriculum/level"]!.GetValue<double>()));
        Assert.Equal(File.ReadAllBytes(_folder.At("whole/best/model.safetensors")),
            File.ReadAllBytes(_folder.At("whole/final/model.safetensors")));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Train_ToldToStop_SavesTheStepThatItHasDone(string signal)
    {
        var options = Small with { Steps = 100_000, SaveEvery = 100_000, MicroBatch = 2 };
        var folder = _folder.At("run");
        using var process = Start("train", "sft", "--out", folder, "--options", Write(_folder, options));
        await UntilLogged(process, folder, lines: 2);

        using (var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var said = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.Contains("The same command goes on from there.", said);
        Assert.Equal(1, process.ExitCode);
        var done = File.ReadAllLines(Path.Combine(folder, "metrics.jsonl")).Length;
        Assert.Equal([$"step-{done:D8}"],
            Directory.GetDirectories(Path.Combine(folder, "checkpoints")).Select(Path.GetFileName));
    }

    // Whoever looks there finds the other server, which knows no session of this one.
    private static void Lose(CuttableProxy proxy, RunningServer first, RunningServer second)
    {
        proxy.Target = proxy.Target == first.Address ? second.Address : first.Address;
        proxy.Cut();
    }

    /// <summary>Runs the real program and kills it without notice once the log has so many lines.</summary>
    /// <returns>False where it ended by itself before.</returns>
    private async Task<bool> IsKilledWhenLogged(string folder, SftOptions options, int lines)
    {
        using var process = Start("train", "sft", "--out", folder, "--options", Write(_folder, options));
        await UntilLogged(process, folder, lines);
        process.Kill();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode is 0 or 137, await process.StandardError.ReadToEndAsync(limit.Token));
        return process.ExitCode == 137;   // 128 and SIGKILL
    }
}
