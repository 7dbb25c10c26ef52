using System.Text.Json.Nodes;
using PhysIntuition.Evaluation;
using PhysIntuition.Server.Tests;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Tokenization;
using PhysIntuition.Vlm.Weights;
using TorchSharp;
using static PhysIntuition.Trainer.Runs;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Short runs of the tiny model on real scenes.</summary>
public sealed class TrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EnvironmentClients _clients = EnvironmentClients.Open("");

    public TrainingTests() => NativeTorch.Require();

    public void Dispose()
    {
        _clients.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Train_PpoOnATaskOfSeveralTurns_IsRefused() => Assert.Contains("Use grpo",
        Assert.Throws<ArgumentException>(() => Ppo.Train(
            new PpoOptions { Task = "OffsetRetry-v1", Prompts = 2, MicroBatch = 2, PictureSize = 32 },
            _folder.At("run"), CancellationToken.None)).Message);

    [Fact]
    public async Task Train_AtTwoServers_LearnsWhatItLearnsInProcess()
    {
        Sft.Train(Small with { Task = "OffsetRetry-v1", Steps = 1 }, _folder.At("start"), CancellationToken.None);
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

        await Program("train", "sequence", "--out", _folder.At("run"), "--options", _folder.At("sequence.json"));
        await Program("train", "sequence", "--out", _folder.At("run"), "--options", _folder.At("sequence.json"));

        var second = JsonNode.Parse(File.ReadAllText(_folder.At("run/02-grpo/options.json")))!;
        Assert.Equal(_folder.At("run/01-sft/final"), second["model"]!.GetValue<string>());
        Assert.True(File.Exists(_folder.At("run/02-grpo/final/model.safetensors")));
        Assert.Single(File.ReadAllLines(_folder.At("run/02-grpo/metrics.jsonl")));
    }

    [Fact]
    public void Train_AdaptersOfAnEarlierRun_GoOnFromThere()
    {
        Sft.Train(Small with { Steps = 1 }, _folder.At("base"), CancellationToken.None);
        var adapted = Small with { Model = _folder.At("base/final"), Steps = 2, AdapterRank = 2, AdaptVision = true };
        Sft.Train(adapted, _folder.At("adapted"), CancellationToken.None);

        using var policy = Policy.Open(_folder.At("adapted/final"), new PolicyOptions());

        Assert.True(policy.BeganWithAdapters);
        Assert.Contains(policy.Trained, item => item.Name.Contains("visual"));
        using var stored = new SafetensorsFile(_folder.At("adapted/final/adapter_model.safetensors"));
        Assert.All(policy.Trained, item =>
            Assert.Equal(stored.Get(item.Name).ToFloats(), item.Parameter.data<float>().ToArray()));

        // A recipe with a value head takes adapters that came without one.
        var rewards = new PpoOptions
        {
            Model = _folder.At("adapted/final"), AdapterRank = 2, AdaptVision = true, Steps = 1, Prompts = 2,
            Completions = 2, MicroBatch = 4, Epochs = 1, MaxCompletionTokens = 4, PictureSize = 32,
            EvaluationQuestions = 1, Threads = 1,
        };
        Ppo.Train(rewards, _folder.At("rewards"), CancellationToken.None);
        Assert.True(File.Exists(_folder.At("rewards/final/value_head.safetensors")));
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
        Sft.Train(Small with { Steps = 2 }, _folder.At("start"), CancellationToken.None);
        var options = Small with { Model = _folder.At("start/final"), Steps = 2, AdapterRank = 4, HoldInNf4 = isNf4 };

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
        var options = Small with { LearningRate = 1e30, WarmupShare = 0, ClipNorm = 1e30 };

        var thrown = Assert.Throws<ArithmeticException>(
            () => Sft.Train(options, _folder.At("run"), CancellationToken.None));

        Assert.Contains("must be finite", thrown.Message);
        var report = JsonNode.Parse(File.ReadAllText(Directory.GetFiles(_folder.At("run"), "stopped-at-*").Single()))!;
        Assert.Equal("Stability-v1", report["batch"]!["task"]!.GetValue<string>());
    }

    [Fact]
    public void Train_FolderOfAnotherRun_IsRefused()
    {
        StopAfterOneStep(cancellation => Sft.Train(Small, _folder.At("run"), cancellation));

        var refused = Assert.Throws<ArgumentException>(
            () => Sft.Train(Small with { Seed = 2 }, _folder.At("run"), CancellationToken.None)).Message;

        Assert.Contains("other options", refused);
        Assert.Contains("): seed was 1 and is 2. Give the same", refused);
    }

    [Fact]
    public void Train_ResumedWithOtherThreads_GoesOn()
    {
        StopAfterOneStep(cancellation => Sft.Train(Small, _folder.At("run"), cancellation));

        Sft.Train(Small with { Threads = 2 }, _folder.At("run"), CancellationToken.None);

        Assert.True(Directory.Exists(_folder.At("run/final")));
    }

    [Fact]
    public void Train_FolderWhereARunIsUnderWay_IsRefused()
    {
        using var run = new TrainingRun(Small, _folder.At("run"));

        Assert.Contains("under way in", Assert.Throws<IOException>(
            () => Sft.Train(Small, _folder.At("run"), CancellationToken.None)).Message);
    }

    [Fact]
    public void Train_TwoTasks_EvaluatesEach()
    {
        var options = Small with { Task = "Stability-v1,OffsetX-v1:2", Steps = 1 };

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
}
