using PhysIntuition.Evaluation;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>One step of imitation against an update computed from the weights it began with.</summary>
public sealed class SupervisedStepTests : IDisposable
{
    private static readonly SftOptions s_options = new()
    {
        Steps = 1, Batch = 4, MicroBatch = 4, PictureSize = 32, EvaluationQuestions = 1, Threads = 1, Seed = 3,
        LearningRate = 1e-3, Decay = Decay.Constant, WarmupShare = 0, WeightDecay = 0.1, ClipNorm = 1e9,
    };

    private readonly TemporaryFolder _folder = new();

    private readonly TinyModel _tiny;

    public SupervisedStepTests(TinyModel tiny)
    {
        NativeTorch.Require();
        _tiny = tiny;
    }

    public void Dispose() => _folder.Dispose();

    // AdamW's first step divides the gradient by its own size: p (1 - rate decay) - rate g / (|g| + 1e-8). A clipped
    // gradient has the same signs, so that its size shows in the metrics alone.
    [Theory]
    [InlineData(1e9)]
    [InlineData(0.01)]
    public void Train_OneStep_IsAdamWOnTheMeanNegativeLogarithm(double clip)
    {
        Sft.Train(s_options with { ClipNorm = clip }, _folder.At("run"), CancellationToken.None);
        using var before = Policy.Open(_folder.At("run/model"), s_options.Policy);
        using var after = Policy.Open(_folder.At("run/model"), s_options.Policy);
        after.Restore(_folder.At("run/final"));

        var (loss, norm) = Backward(before);

        Assert.Equal(loss, Runs.Loss(_folder.At("run"), 1), 1e-5 * loss);
        Assert.Equal(norm, Runs.Line(_folder.At("run"), 1)["grad_norm"]!.GetValue<double>(), 1e-4 * norm);
        var scale = Math.Min(1, clip / norm);
        var moved = 0;
        foreach (var ((name, old), (_, learned)) in before.Trained.Zip(after.Trained))
        {
            var gradient = old.grad?.data<float>().ToArray() ?? new float[old.numel()];
            var (start, end) = (old.data<float>().ToArray(), learned.data<float>().ToArray());
            for (var i = 0; i < start.Length; i++)
            {
                var g = scale * gradient[i];
                if (Math.Abs(gradient[i]) is > 0 and < 1e-4f)
                {
                    continue;   // what is left of a sum that cancels depends on its order
                }

                var wanted = (start[i] * (1 - (1e-3 * 0.1))) - (1e-3 * g / (Math.Abs(g) + 1e-8));
                Assert.True(Math.Abs(wanted - end[i]) < 2e-5 || (old.grad is null && start[i] == end[i]),
                    $"{name}[{i}]: {wanted} and {end[i]}");
                moved++;
            }
        }

        Assert.True(moved > 10_000, $"{moved} weights");
    }

    [Theory]
    [InlineData("40 40 40 40", "40 40 40 40")]
    [InlineData("100 40 41 101", "40 41|100 101")]
    [InlineData("80 100 88", "80 88|100")]     // 80, 88, 100 would be 10.7 % of padding; 80 and 88 alone are 4.5 %
    [InlineData("7", "7")]
    public void ByLength_Rows_AreGroupedSoThatLittleIsPadding(string lengths, string groups)
    {
        int[] rows = [.. lengths.Split(' ').Select(int.Parse)];
        var examples = new SupervisedExamples(
            [.. rows.Select(length => new EncodedChat(new int[length - 2], [], []))],
            [.. rows.Select(length => new[] { length, 0 })]);

        var cut = examples.ByLength(padding: 0.1).ToArray();

        Assert.Equal(groups, string.Join('|', cut.Select(
            group => string.Join(' ', group.Answers.Select(answer => answer[0])))));
        Assert.All(cut, group => Assert.Equal(
            group.Answers.Select(answer => answer[0] - 2), group.Prompts.Select(prompt => prompt.Ids.Length)));
    }

    // Prompts of one picture and of two: two rectangles in place of one.
    [Fact]
    public async Task Backward_RowsOfDifferentLength_HaveTheGradientOfOneRectangle()
    {
        using var clients = EnvironmentClients.Open("");
        using var sampler = new TaskSampler(clients, TaskShare.Parse("Stability-v1,Outcome-v1"), "", "train", 32);
        using var policy = Policy.Open(_tiny.Folder, s_options.Policy);
        var lesson = SupervisedExamples.Of(policy, await sampler.AskAsync(0, 8).WaitAsync(TimeSpan.FromMinutes(2)));
        var tokens = lesson.Answers.Sum(answer => answer.Length);

        Assert.True(lesson.ByLength().Count() > 1);
        var (loss, _) = Sft.Backward(policy, lesson, tokens);
        var grouped = Gradients(policy);
        var (batch, pixels) = policy.Batch(lesson.Prompts);
        using var owned = batch;
        using var ownedPixels = pixels;
        var scores = CompletionScorer.Score(policy.Model, batch, lesson.Answers).LogProbabilities;
        using var whole = Sft.Loss(scores, Masks.Of(lesson.Answers, policy.Model.Device), tokens);
        whole.backward();

        Assert.Equal(whole.ToDouble(), loss, 1e-6);
        Assert.All(Gradients(policy).Zip(grouped), pair => Assert.All(pair.First.Zip(pair.Second),
            item => Assert.Equal(item.First, item.Second, 1e-4f)));
    }

    [Fact]
    public void Train_MicroBatches_LearnTheSameAsTheWholeBatch()
    {
        Sft.Train(s_options, _folder.At("whole"), CancellationToken.None);
        Sft.Train(s_options with { MicroBatch = 2 }, _folder.At("parts"), CancellationToken.None);

        Assert.Equal(Runs.Loss(_folder.At("whole"), 1), Runs.Loss(_folder.At("parts"), 1), 1e-5);
        Assert.Equal(Runs.Line(_folder.At("whole"), 1)["grad_norm"]!.GetValue<double>(),
            Runs.Line(_folder.At("parts"), 1)["grad_norm"]!.GetValue<double>(), 1e-4);
    }

    [Fact]
    public void Train_RateAndTokens_AreWhatTheLogSays()
    {
        Sft.Train(s_options with { Steps = 4, Decay = Decay.Linear }, _folder.At("run"), CancellationToken.None);

        for (var step = 0; step < 4; step++)
        {
            var line = Runs.Line(_folder.At("run"), step + 1);
            Assert.Equal(1e-3 * (4 - step) / 4, line["learning_rate"]!.GetValue<double>(), 1e-12);
            Assert.Equal(step + 1, line["step"]!.GetValue<long>());
            Assert.True(line["num_tokens"]!.GetValue<double>() >= 8);   // at least a token and its end for each scene
        }
    }

    // Copies, and leaves none behind.
    private static float[][] Gradients(Policy policy)
    {
        float[][] own = [.. policy.Trained.Select(item => item.Parameter.grad?.data<float>().ToArray() ?? [])];
        foreach (var (_, parameter) in policy.Trained)
        {
            parameter.grad = null;
        }

        return own;
    }

    // Token by token, from the scores of another path through the model than the recipe takes.
    private static (double Loss, double Norm) Backward(Policy policy)
    {
        using var scope = NewDisposeScope();
        using var clients = EnvironmentClients.Open("");
        using var questions = new TaskSampler(clients, TaskShare.Parse(s_options.Task), "", "train", 32);
        var asked = questions.AskAsync((s_options.Seed & 0xFFFF) << 32, s_options.Batch).GetAwaiter().GetResult();
        EncodedChat[] prompts = [.. asked.Questions.Select(question => policy.Prompt(question))];
        int[][] answers = [.. asked.Questions.Select(question => policy.Answer(question.Expert))];
        var scores = AnswerScorer.Score(policy, prompts, answers, temperature: 1);
        var loss = -scores.LogProbs.sum() / answers.Sum(answer => answer.Length);
        loss.backward();
        var squares = policy.Trained.Where(item => item.Parameter.grad is not null).Sum(item =>
            item.Parameter.grad!.to(ScalarType.Float64).square().sum().ToDouble());

        return (loss.ToDouble(), Math.Sqrt(squares));
    }
}
