using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Server.Tests;
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
    private readonly EnvironmentClients _clients = EnvironmentClients.Open("");

    public TrainingTests() => NativeTorch.Require();

    public void Dispose()
    {
        _clients.Dispose();
        _folder.Dispose();
    }

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
    public void Train_GrpoOnATaskOfSeveralTurns_ResumesBitForBit()
    {
        Sft.Train(s_sft with { Task = "OffsetRetry-v1", Steps = 2 }, _folder.At("start"), CancellationToken.None);
        var options = new GrpoOptions
        {
            Task = "OffsetRetry-v1", Model = _folder.At("start/final"), Steps = 2, Prompts = 4, MicroPrompts = 2,
            Completions = 2, MaxCompletionTokens = 6, PictureSize = 32, SaveEvery = 1, EvaluationQuestions = 2,
            Threads = 1,
        };

        Grpo.Train(options, _folder.At("whole"), CancellationToken.None);
        StopAfterOneStep(cancellation => Grpo.Train(options, _folder.At("parts"), cancellation));
        Grpo.Train(options, _folder.At("parts"), CancellationToken.None);

        AssertSameRun(_folder.At("whole"), _folder.At("parts"), steps: 2);
    }

    [Fact]
    public void Train_PpoOnATaskOfSeveralTurns_IsRefused() => Assert.Contains("Use grpo",
        Assert.Throws<ArgumentException>(() => Ppo.Train(
            new PpoOptions { Task = "OffsetRetry-v1", Prompts = 2, MicroBatch = 2, PictureSize = 32 },
            _folder.At("run"), CancellationToken.None)).Message);

    [Fact]
    public void Train_CurriculumAndPatience_ResumeBitForBitAndKeepTheBest()
    {
        var options = s_sft with
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

    [Fact]
    public async Task Train_TwoProcesses_LearnWhatOneProcessWithBothSharesLearns()
    {
        var options = s_sft with { Steps = 3, EvaluateEvery = 2 };
        Sft.Train(options, _folder.At("one"), CancellationToken.None);
        await Run("train", "sft", "--out", _folder.At("two"), "--workers", "2", "--options", Write(options));

        AssertSameRun(_folder.At("one"), _folder.At("two"), steps: 3);

        var rewards = new GrpoOptions
        {
            Model = _folder.At("one/final"), Steps = 2, Prompts = 4, MicroPrompts = 2, Completions = 4,
            MaxCompletionTokens = 8, Objective = Losses.PolicyObjective.Dapo, PictureSize = 32,
            EvaluationQuestions = 2, Threads = 1,
        };
        Grpo.Train(rewards, _folder.At("rewards-one"), CancellationToken.None);
        await Run("train", "grpo", "--out", _folder.At("rewards-two"), "--workers", "2", "--options", Write(rewards));

        AssertSameRun(_folder.At("rewards-one"), _folder.At("rewards-two"), steps: 2);
    }

    [Fact]
    public async Task Train_AtTwoServers_LearnsWhatItLearnsInProcess()
    {
        Sft.Train(s_sft with { Task = "OffsetRetry-v1", Steps = 1 }, _folder.At("start"), CancellationToken.None);
        var options = new GrpoOptions
        {
            Task = "OffsetRetry-v1", Model = _folder.At("start/final"), Steps = 2, Prompts = 3, MicroPrompts = 3,
            Completions = 2, MaxCompletionTokens = 6, PictureSize = 32, EvaluationQuestions = 2, Threads = 1,
        };
        await using var first = await RunningServer.StartAsync();
        await using var second = await RunningServer.StartAsync();

        Grpo.Train(options, _folder.At("here"), CancellationToken.None);
        Grpo.Train(options with { Server = $"{first.Address},{second.Address}" }, _folder.At("there"),
            CancellationToken.None);

        AssertSameRun(_folder.At("here"), _folder.At("there"), steps: 2);
    }

    [Fact]
    public async Task Train_Sequence_EachStageBeginsWhereTheLastOneEnded()
    {
        await File.WriteAllTextAsync(_folder.At("sequence.json"), """
            {"stages": [{"recipe": "sft", "options": {"steps": 2, "batch": 4, "microBatch": 4}},
                        {"recipe": "grpo", "options": {"task": "OffsetX-v1", "steps": 1, "prompts": 2,
                            "microPrompts": 2, "completions": 2, "maxCompletionTokens": 4}}],
             "common": {"pictureSize": 32, "evaluationQuestions": 2, "threads": 1}}
            """);

        await Run("train", "sequence", "--out", _folder.At("run"), "--options", _folder.At("sequence.json"));
        await Run("train", "sequence", "--out", _folder.At("run"), "--options", _folder.At("sequence.json"));

        var second = JsonNode.Parse(File.ReadAllText(_folder.At("run/02-grpo/options.json")))!;
        Assert.Equal(_folder.At("run/01-sft/final"), second["model"]!.GetValue<string>());
        Assert.True(File.Exists(_folder.At("run/02-grpo/final/model.safetensors")));
        Assert.Single(File.ReadAllLines(_folder.At("run/02-grpo/metrics.jsonl")));
    }

    [Fact]
    public void Train_AdaptersOfAnEarlierRun_GoOnFromThere()
    {
        Sft.Train(s_sft with { Steps = 1 }, _folder.At("base"), CancellationToken.None);
        var adapted = s_sft with { Model = _folder.At("base/final"), Steps = 2, AdapterRank = 2, AdaptVision = true };
        Sft.Train(adapted, _folder.At("adapted"), CancellationToken.None);

        using var policy = Policy.Open(_folder.At("adapted/final"), new PolicyOptions());

        Assert.True(policy.BeganWithAdapters);
        Assert.Contains(policy.Trained, item => item.Name.Contains("visual"));
        using var stored = new SafetensorsFile(_folder.At("adapted/final/adapter_model.safetensors"));
        Assert.All(policy.Trained, item =>
            Assert.Equal(stored.Get(item.Name).ToFloats(), item.Parameter.data<float>().ToArray()));
    }

    [Fact]
    public void Score_AnswersOfOnePrompt_EqualThoseOfTheSharedPrompt()
    {
        using var scope = torch.NewDisposeScope();
        using var source = new QuestionSource(_clients, "Stability-v1", "", "val", 64);
        TinyFolder.Write(_folder.At("model"), Texts(source));
        using var policy = Policy.Open(_folder.At("model"), new PolicyOptions { HasValueHead = true });
        var prompts = source.Ask(0, 2).Questions.Select(question => policy.Prompt(question)).ToArray();
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
        Assert.Equal(["Stability-v1", "OffsetX-v1"], Sample.Latest(_folder.At("run")).Select(s => s.Task).Distinct());
    }

    [Fact]
    public void Evaluate_WithExamples_ShowsThemBeforeTheQuestion()
    {
        using var source = new QuestionSource(_clients, "Stability-v1", "", "val", 64);
        TinyFolder.Write(_folder.At("model"), Texts(source));
        using var policy = Policy.Open(_folder.At("model"), new PolicyOptions());
        var questions = source.Ask(0, 3).Questions;

        var prompt = policy.Prompt(questions[0], questions.Skip(1).Select(question => question.WithExpert));
        var options = new EvaluationOptions { Questions = 3, Examples = 2, MaxTokens = 4 };
        var result = Evaluator.Run(policy, source, options);

        Assert.Equal(3, prompt.Images.Count);
        Assert.Equal([questions[1].Expert, questions[2].Expert], Answers(policy, prompt));
        Assert.Equal((3, 1.0), (result.Questions, result.ExpertReward));
    }

    [Fact]
    public void Restore_SavedPolicy_GivesTheSameWeights()
    {
        using var source = new QuestionSource(_clients, "Stability-v1", "", "train", 64);
        TinyFolder.Write(_folder.At("model"), Texts(source));
        using var policy = Policy.Open(_folder.At("model"), new PolicyOptions { Seed = 1 });
        using var other = Policy.Open(_folder.At("model"), new PolicyOptions { Seed = 2 });
        policy.Save(_folder.At("saved"));

        other.Restore(_folder.At("saved"));

        Assert.All(policy.Trained.Zip(other.Trained), pair => Assert.True(
            pair.First.Parameter.data<float>().ToArray().AsSpan().SequenceEqual(
                pair.Second.Parameter.data<float>().ToArray())));
    }

    private static IEnumerable<string> Texts(QuestionSource source) =>
        source.Ask(0, 8).Questions.SelectMany(question => new[] { question.Prompt, question.Expert });

    private static IEnumerable<string> Answers(Policy policy, EncodedChat chat) =>
        policy.Encoder.Tokenizer.Decode([.. chat.Ids.Where((_, i) => chat.IsAnswer[i])])
            .Split("<|im_end|>\n", StringSplitOptions.RemoveEmptyEntries);

    private string Write(TrainingOptions options)
    {
        var file = _folder.At($"options-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, JsonSerializer.Serialize(options, options.GetType(), OptionsJson.Format));
        return file;
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "PhysIntuition.Trainer.dll"), .. arguments])
        { RedirectStandardError = true })!;

    /// <summary>Runs the real program to its end.</summary>
    private static async Task Run(params string[] arguments)
    {
        using var process = Start(arguments);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var said = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, said);
    }

    /// <summary>Runs the real program and kills it without notice once the log has so many lines.</summary>
    /// <returns>False where it ended by itself before.</returns>
    private async Task<bool> IsKilledWhenLogged(string folder, SftOptions options, int lines)
    {
        using var process = Start("train", "sft", "--out", folder, "--options", Write(options));
        var log = Path.Combine(folder, "metrics.jsonl");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!process.HasExited && (!File.Exists(log) || File.ReadLines(log).Count() < lines))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
        }

        process.Kill();
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode is 0 or 137, await process.StandardError.ReadToEndAsync(limit.Token));
        return process.ExitCode == 137;   // 128 and SIGKILL
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
