using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Trainer.Evaluation;
using PhysIntuition.Trainer.Policies;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm.Chat;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Safetensors;
using PhysIntuition.Vlm.Testing;
using TorchSharp;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Short runs of the tiny model on real scenes.</summary>
public sealed class TrainingTests : IDisposable
{
    private static readonly SftOptions s_sft = new()
    {
        Steps = 6, Batch = 4, MicroBatch = 2, PictureSize = 32, SaveEvery = 2, EvaluationQuestions = 2, Threads = 1,
    };

    private readonly TemporaryFolder _folder = new();

    public TrainingTests() => NativeTorch.Require();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_SftStoppedTwiceAndResumed_EqualsTheUninterruptedRunBitForBit()
    {
        Sft.Train(s_sft, _folder.At("whole"), CancellationToken.None);
        StopAfterOneStep(cancellation => Sft.Train(s_sft, _folder.At("parts"), cancellation));
        StopAfterOneStep(cancellation => Sft.Train(s_sft, _folder.At("parts"), cancellation));
        Sft.Train(s_sft, _folder.At("parts"), CancellationToken.None);

        AssertSameRun(_folder.At("whole"), _folder.At("parts"), steps: 6);
        Assert.True(Loss(_folder.At("whole"), 6) < Loss(_folder.At("whole"), 1));
    }

    [Fact]
    public async Task Train_ProcessKilledAgainAndAgain_LosesNothingButTheStepsSinceTheCheckpoint()
    {
        var options = s_sft with { Steps = 9, SaveEvery = 2 };
        Sft.Train(options, _folder.At("whole"), CancellationToken.None);

        foreach (var line in (int[])[1, 4, 7])
        {
            await KillWhenLogged(_folder.At("parts"), options, line);
        }

        Sft.Train(options, _folder.At("parts"), CancellationToken.None);
        AssertSameRun(_folder.At("whole"), _folder.At("parts"), steps: 9);
    }

    [Fact]
    public void Train_GrpoStoppedAndResumed_EqualsTheUninterruptedRunBitForBit()
    {
        Sft.Train(s_sft, _folder.At("start"), CancellationToken.None);
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
        Sft.Train(s_sft with { Steps = 2 }, _folder.At("start"), CancellationToken.None);
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
    public void Score_AnswersOfOnePrompt_EqualThoseOfTheSharedPrompt()
    {
        using var scope = torch.NewDisposeScope();
        using var source = new QuestionSource("Stability-v1", "", Split.Val, 64);
        TinyFolder.Write(_folder.At("model"), source.Texts(0, 8));
        using var policy = Policy.Open(_folder.At("model"), new PolicyOptions { HasValueHead = true });
        var prompts = source.Ask(0, 2).Select(question => policy.Prompt(question)).ToArray();
        int[][] answers = [policy.Answer("<answer>yes</answer>"), policy.Answer("no")];

        var alone = AnswerScorer.Score(policy, prompts, answers, temperature: 0.7);

        var (batch, pixels) = policy.Batch(prompts);
        using var owned = batch;
        using var ownedPixels = pixels;
        var shared = CompletionScorer.Score(policy.Model, batch, answers, temperature: 0.7);
        var padded = shared.LogProbabilities.data<float>().ToArray();
        var width = (int)shared.LogProbabilities.shape[1];
        float[] expected = [.. padded[..answers[0].Length], .. padded[width..(width + answers[1].Length)]];
        Assert.All(expected.Zip(alone.LogProbs.data<float>().ToArray()),
            pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.All(alone.Values!.data<float>().ToArray(), value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Train_AdaptersOnly_LeaveTheBaseModelAlone(bool isNf4)
    {
        Sft.Train(s_sft with { Steps = 2 }, _folder.At("start"), CancellationToken.None);
        var options = s_sft with { Model = _folder.At("start/final"), Steps = 2, AdapterRank = 4, HoldInNf4 = isNf4 };

        Sft.Train(options, _folder.At("adapted"), CancellationToken.None);

        using var adapter = new SafetensorsFile(_folder.At("adapted/final/adapter_model.safetensors"));
        var ups = adapter.Names.Where(name => name.EndsWith("lora_B.weight", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(ups);
        Assert.All(ups, name => Assert.Contains(adapter.Get(name).ToFloats(), value => value != 0));
        Assert.False(File.Exists(_folder.At("adapted/final/model.safetensors")));
    }

    [Fact]
    public void Train_LossThatIsNotFinite_StopsAndKeepsTheBatch()
    {
        var options = s_sft with { LearningRate = 1e30, WarmupShare = 0, ClipNorm = 1e30 };

        var thrown = Assert.Throws<ArithmeticException>(
            () => Sft.Train(options, _folder.At("run"), CancellationToken.None));

        Assert.Contains("must be finite", thrown.Message);
        var report = JsonNode.Parse(File.ReadAllText(Directory.GetFiles(_folder.At("run"), "stopped-at-*").Single()))!;
        Assert.Equal("Stability-v1", report["batch"]!["task"]!.GetValue<string>());
    }

    [Fact]
    public void Train_FolderOfAnotherRun_IsRefused()
    {
        StopAfterOneStep(cancellation => Sft.Train(s_sft, _folder.At("run"), cancellation));

        Assert.Contains("other options", Assert.Throws<ArgumentException>(
            () => Sft.Train(s_sft with { Seed = 2 }, _folder.At("run"), CancellationToken.None)).Message);
    }

    [Fact]
    public void Train_TwoTasks_EvaluatesEach()
    {
        var options = s_sft with { Task = "Stability-v1,OffsetX-v1:2", Steps = 1 };

        Sft.Train(options, _folder.At("run"), CancellationToken.None);

        Assert.Equal(1, Line(_folder.At("run"), 1)["step"]!.GetValue<int>());
        Assert.NotNull(Line(_folder.At("run"), 1)["eval/Stability-v1/reward"]);
        Assert.NotNull(Line(_folder.At("run"), 1)["eval/OffsetX-v1/reward"]);
    }

    [Fact]
    public void Evaluate_WithExamples_ShowsThemBeforeTheQuestion()
    {
        using var source = new QuestionSource("Stability-v1", "", Split.Val, 64);
        TinyFolder.Write(_folder.At("model"), source.Texts(0, 8));
        using var policy = Policy.Open(_folder.At("model"), new PolicyOptions());
        var questions = source.Ask(0, 3);

        var prompt = policy.Prompt(questions[0], questions[1..]);
        var options = new EvaluationOptions { Questions = 3, Examples = 2, MaxTokens = 4 };
        var result = Evaluator.Run(policy, source, options);

        Assert.Equal(3, prompt.Images.Count);
        Assert.Equal([questions[1].Expert, questions[2].Expert], Answers(policy, prompt));
        Assert.Equal((3, 1.0), (result.Questions, result.ExpertReward));
    }

    [Fact]
    public void Restore_SavedPolicy_GivesTheSameWeights()
    {
        using var source = new QuestionSource("Stability-v1", "", Split.Train, 64);
        TinyFolder.Write(_folder.At("model"), source.Texts(0, 8));
        using var policy = Policy.Open(_folder.At("model"), new PolicyOptions { Seed = 1 });
        using var other = Policy.Open(_folder.At("model"), new PolicyOptions { Seed = 2 });
        policy.Save(_folder.At("saved"));

        other.Restore(_folder.At("saved"));

        Assert.All(policy.Trained.Zip(other.Trained), pair => Assert.True(
            pair.First.Parameter.data<float>().ToArray().AsSpan().SequenceEqual(
                pair.Second.Parameter.data<float>().ToArray())));
    }

    private static IEnumerable<string> Answers(Policy policy, EncodedChat chat) =>
        policy.Encoder.Tokenizer.Decode([.. chat.Ids.Where((_, i) => chat.IsAnswer[i])])
            .Split("<|im_end|>\n", StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs the real program and kills it without notice once the log has so many lines.</summary>
    private async Task KillWhenLogged(string folder, SftOptions options, int lines)
    {
        var file = _folder.At("options.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(options, OptionsJson.Format));
        var program = Path.Combine(AppContext.BaseDirectory, "PhysIntuition.Trainer.dll");
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", [program, "train", "sft", "--out", folder, "--options", file]) { RedirectStandardError = true })!;
        var log = Path.Combine(folder, "metrics.jsonl");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!process.HasExited && (!File.Exists(log) || File.ReadLines(log).Count() < lines))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
        }

        Assert.False(process.HasExited, "the run ended before it could be killed");
        process.Kill();
        await process.WaitForExitAsync(limit.Token);
    }

    private static void StopAfterOneStep(Action<CancellationToken> train)
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();   // seen after the step that is under way
        train(stop.Token);
    }

    private static void AssertSameRun(string whole, string parts, int steps)
    {
        for (var step = 1; step <= steps; step++)
        {
            Assert.Equal(WithoutTimes(Line(whole, step)), WithoutTimes(Line(parts, step)));
        }

        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "final/model.safetensors")),
            File.ReadAllBytes(Path.Combine(parts, "final/model.safetensors")));
    }

    private static string WithoutTimes(JsonObject line)
    {
        foreach (var name in line.Select(item => item.Key).Where(name => name.StartsWith("time/")).ToArray())
        {
            line.Remove(name);
        }

        return line.ToJsonString();
    }

    private static double Loss(string run, int step) => Line(run, step)["loss"]!.GetValue<double>();

    private static JsonObject Line(string run, int step) =>
        JsonNode.Parse(File.ReadAllLines(Path.Combine(run, "metrics.jsonl"))[step - 1])!.AsObject();
}
