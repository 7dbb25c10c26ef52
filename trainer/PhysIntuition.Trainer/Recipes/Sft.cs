using System.Diagnostics;
using PhysIntuition.Trainer.Losses;
using PhysIntuition.Vlm.Generation;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Every knob of supervised fine-tuning.</summary>
public sealed record SftOptions : TrainingOptions
{
    /// <summary>The published setting: adapters on a large model, 64 x 4 scenes per step.</summary>
    public static SftOptions Paper { get; } = new()
    {
        Model = "", AdapterRank = 16, AdapterAlpha = 16, LearningRate = 2e-4, Decay = Decay.Linear,
        Batch = 256, MicroBatch = 4, WeightDecay = 0.01, PictureSize = 224, HoldInBf16 = true, HoldInNf4 = true,
        GradientCheckpointing = true,
    };

    /// <summary>Scenes per optimiser step.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>Scenes that go through the model together; their losses add up to the batch's exactly.</summary>
    public int MicroBatch { get; init; } = 64;

    /// <summary>Weights each token by its own probability.</summary>
    public bool Dynamic { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> Faults()
    {
        foreach (var fault in base.Faults())
        {
            yield return fault;
        }

        if (Batch < 1 || MicroBatch < 1 || Batch % MicroBatch != 0)
        {
            yield return $"batch is {Batch} and microBatch {MicroBatch}; microBatch must divide batch.";
        }
    }
}

/// <summary>Supervised fine-tuning: the expert's answer to every scene is made more probable.</summary>
/// <remarks>
/// The loss sees the answer and its end token alone. A step: ask, score the expert's tokens, loss, update.
/// </remarks>
internal static class Sft
{
    public static void Train(SftOptions options, string folder, CancellationToken cancellation)
    {
        using var run = new TrainingRun(options, folder);
        run.Loop(step => Step(run, options, step), cancellation);
    }

    private static Dictionary<string, double> Step(TrainingRun run, SftOptions options, long step)
    {
        var watch = Stopwatch.StartNew();
        var firstSeed = run.SceneSeed(step, options.Batch);
        var questions = run.Questions.Ask(firstSeed, options.Batch);
        var prompts = questions.Select(question => run.Policy.Prompt(question)).ToArray();
        var answers = questions.Select(question => run.Policy.Answer(question.Expert)).ToArray();
        var asked = watch.Elapsed.TotalSeconds;

        run.Policy.Adapters?.BeginStep(step);
        double loss = 0, tokens = answers.Sum(answer => answer.Length);
        for (var start = 0; start < options.Batch; start += options.MicroBatch)
        {
            using var scope = NewDisposeScope();
            var part = start..(start + options.MicroBatch);
            var (batch, pixels) = run.Policy.Batch(prompts[part]);
            using var owned = batch;
            using var ownedPixels = pixels;
            var scores = CompletionScorer.Score(run.Policy.Model, batch, answers[part]);  // [scene, token]
            var mask = Masks.Of(answers[part], run.Policy.Model.Device);
            var share = SupervisedLoss.Compute(scores.LogProbabilities, mask, tokens, options.Dynamic);
            share.backward();
            loss += share.ToDouble();
        }

        var metrics = new Dictionary<string, double>
        {
            ["loss"] = loss, ["num_tokens"] = tokens, ["time/environment"] = asked,
        };
        run.Apply(step, new { task = options.Task, firstSeed, options.Batch }, metrics);
        metrics["time/learn"] = watch.Elapsed.TotalSeconds - asked;
        return metrics;
    }
}
