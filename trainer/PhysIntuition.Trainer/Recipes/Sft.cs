using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Every knob of supervised fine-tuning.</summary>
public sealed record SftOptions : TrainingOptions
{
    /// <summary>The published setting: adapters on a large model, 64 x 4 scenes per step.</summary>
    public static SftOptions Paper { get; } = new()
    {
        Model = "", AdapterRank = 16, AdapterAlpha = 16, AdaptVision = true,
        LearningRate = 2e-4, Decay = Decay.Linear,
        Batch = 256, MicroBatch = 4, WeightDecay = 0.01, PictureSize = 224, HoldInBf16 = true, HoldInNf4 = true,
        GradientCheckpointing = true,
    };

    /// <summary>Scenes per optimiser step.</summary>
    [Within(1, double.PositiveInfinity)]
    public int Batch { get; init; } = 64;

    /// <summary>Scenes that go through the model together; their losses add up to the batch's exactly.</summary>
    [Within(1, double.PositiveInfinity)]
    public int MicroBatch { get; init; } = 64;

    /// <summary>Weights each token by its own probability.</summary>
    public bool Dynamic { get; init; }

    /// <summary>Tasks, separated by commas, of which only the form of the answer is learned: every question gets the
    /// answer of another scene.</summary>
    public string FormTasks { get; init; } = "";

    /// <inheritdoc/>
    public override IEnumerable<string> Faults()
    {
        foreach (var fault in base.Faults())
        {
            yield return fault;
        }

        string[] tasks = [.. TaskShare.Parse(Task).Select(share => share.TaskId)];
        foreach (var unknown in FormTasks.Split(',', StringSplitOptions.TrimEntries
            | StringSplitOptions.RemoveEmptyEntries).Except(tasks))
        {
            yield return $"formTasks names {unknown}, which is not in task.{KnownNames.Hint(unknown, tasks)}";
        }

        if (MicroBatch > 0 && Batch % MicroBatch != 0)
        {
            yield return $"batch is {Batch} and microBatch {MicroBatch}; microBatch must divide batch.";
        }
    }

    internal override string? Refuse(int processes) => Batch / MicroBatch % processes == 0 ? null
        : $"{processes} processes learn together; their number must divide batch / microBatch ({Batch / MicroBatch}).";
}

/// <summary>Supervised fine-tuning: the expert's answer to every scene is made more probable.</summary>
/// <remarks>
/// The loss sees the answer and its end token alone. A step: ask, score the expert's tokens, loss, update.
/// </remarks>
internal static class Sft
{
    public static void Train(
        SftOptions options, string folder, CancellationToken cancellation, ProcessGroup? group = null)
    {
        using var run = new TrainingRun(options, folder, group);
        run.Loop(step => Step(run, options, step), cancellation);
    }

    private static Dictionary<string, double> Step(TrainingRun run, SftOptions options, long step)
    {
        var questions = run.Questions(step, options.Batch, options.MicroBatch);
        var watch = Stopwatch.StartNew();
        var form = options.FormTasks.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var lessons = Array.ConvertAll(questions, scenes => SupervisedExamples.Of(run.Policy, scenes, form));
        var tokens = run.ProcessGroup.Sum(lessons.Sum(lesson => lesson.Answers.Sum(answer => (double)answer.Length)));

        run.Policy.Adapters?.BeginStep(step);
        var parts = new List<double[]>();
        foreach (var lesson in lessons)
        {
            var (loss, success) = Backward(run.Policy, lesson, tokens, options.Dynamic);
            run.AddGradients();
            parts.Add([loss, success * options.MicroBatch / options.Batch]);
        }

        var sums = run.ProcessGroup.SumPieces(parts);
        var metrics = new Dictionary<string, double>
        {
            ["loss"] = sums[0], ["success"] = sums[1], ["num_tokens"] = tokens,
        };
        var firstSeed = run.SceneSeed(step, options.Batch);
        run.Apply(step, new { task = options.Task, firstSeed, options.Batch }, metrics);
        metrics["time/learn"] = watch.Elapsed.TotalSeconds;
        return metrics;
    }

    /// <summary>Adds the gradients of one micro batch.</summary>
    /// <param name="policy">Who learns.</param>
    /// <param name="lesson">What is imitated.</param>
    /// <param name="tokens">Answer tokens of the whole batch.</param>
    /// <param name="isDynamic">Weights each token by its own probability.</param>
    /// <returns>The micro batch's share of the loss, and the mean probability of its answers.</returns>
    internal static (double Loss, double Success) Backward(
        Policy policy, SupervisedExamples lesson, double tokens, bool isDynamic = false)
    {
        var (loss, success) = (0.0, 0.0);
        foreach (var group in lesson.ByLength())
        {
            using var scope = NewDisposeScope();
            var (batch, pixels) = policy.Batch(group.Prompts);
            using var owned = batch;
            using var ownedPixels = pixels;
            var scores = CompletionScorer.Score(policy.Model, batch, group.Answers);          // [scene, token]
            var mask = Masks.Of(group.Answers, policy.Model.Device);
            var share = Loss(scores.LogProbabilities, mask, tokens, isDynamic);
            share.backward();
            loss += share.ToDouble();
            success += Probability(scores.LogProbabilities, mask) * group.Answers.Length / lesson.Answers.Length;
        }

        return (loss, success);
    }

    /// <summary>Sum of negative log-probabilities over the trained tokens, by a token count.</summary>
    /// <param name="logProbs">[sequence, token]: log-probability of each token given those before it.</param>
    /// <param name="mask">[sequence, token]: 1 where a token is trained.</param>
    /// <param name="tokens">Trained tokens of all micro batches of a step, whose losses then add up.</param>
    /// <param name="isDynamic">Weights each token by its own probability (Wu et al., DFT, 2025).</param>
    internal static Tensor Loss(Tensor logProbs, Tensor mask, double tokens, bool isDynamic = false)
    {
        using var scope = NewDisposeScope();
        var wide = logProbs.to(ScalarType.Float64);
        var weights = mask.to(ScalarType.Float64);
        weights = isDynamic ? weights * wide.detach().exp() : weights;
        return (-(wide * weights).sum()).Over(Math.Max(tokens, 1)).MoveToOuterDisposeScope();
    }

    /// <summary>How probable the expert's answers are on average: this recipe's success.</summary>
    private static double Probability(Tensor logProbs, Tensor mask)
    {
        using var none = no_grad();
        return (logProbs * mask).sum(1).exp().mean().ToDouble();
    }
}
