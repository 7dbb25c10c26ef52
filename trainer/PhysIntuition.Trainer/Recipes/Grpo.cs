using System.Diagnostics;
using PhysIntuition.Trainer.Losses;
using PhysIntuition.Trainer.Policies;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm.Chat;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Sampling;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Every knob of group-relative policy optimisation and its relatives.</summary>
public sealed record GrpoOptions : TrainingOptions
{
    /// <summary>The published setting: adapters on a large model, 16 completions per prompt.</summary>
    public static GrpoOptions Paper { get; } = new()
    {
        Model = "", AdapterRank = 16, AdapterAlpha = 16, LearningRate = 5e-6, Decay = Decay.Cosine, WarmupShare = 0.1,
        Beta1 = 0.9, Beta2 = 0.99, WeightDecay = 0.1, ClipNorm = 0.1, Prompts = 4, MicroPrompts = 1, Completions = 16,
        MaxCompletionTokens = 200, PictureSize = 224, HoldInBf16 = true, HoldInNf4 = true, GradientCheckpointing = true,
    };

    /// <summary>Scenes per step.</summary>
    public int Prompts { get; init; } = 8;

    /// <summary>Scenes whose completions go through the model together when it learns.</summary>
    public int MicroPrompts { get; init; } = 8;

    /// <summary>Completions per scene, the group.</summary>
    public int Completions { get; init; } = 16;

    /// <summary>Most tokens of a completion.</summary>
    public int MaxCompletionTokens { get; init; } = 32;

    /// <summary>Temperature of the draws, and of the probabilities that learn.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Draws keep this many best tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Draws keep the fewest tokens of this probability together.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Draws keep tokens of this share of the best token's probability.</summary>
    public float MinP { get; init; }

    /// <summary>How tokens count and are averaged.</summary>
    public PolicyObjective Objective { get; init; } = PolicyObjective.Grpo;

    /// <summary>One ratio per completion instead of one per token (GSPO).</summary>
    public bool SequenceLevel { get; init; }

    /// <summary>Weight of the KL term against the model that the run began with.</summary>
    public double Beta { get; init; }

    /// <summary>How far a ratio may fall below 1.</summary>
    public double EpsilonLow { get; init; } = 0.2;

    /// <summary>How far a ratio may rise above 1.</summary>
    public double EpsilonHigh { get; init; } = 0.2;

    /// <summary>What a centred reward is divided by.</summary>
    public RewardScale Scale { get; init; } = RewardScale.Group;

    /// <summary>Weight of the entropy bonus.</summary>
    public double EntropyCoefficient { get; init; }

    /// <summary>Updates on the same completions.</summary>
    public int Iterations { get; init; } = 1;

    /// <summary>Leaves completions out that were cut off.</summary>
    public bool MasksTruncated { get; init; }

    /// <summary>Tokens over which the length penalty grows; 0 has no penalty.</summary>
    public int OverlongMargin { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> Faults()
    {
        foreach (var fault in base.Faults())
        {
            yield return fault;
        }

        if (Prompts < 1 || MicroPrompts < 1 || Prompts % MicroPrompts != 0)
        {
            yield return $"prompts is {Prompts} and microPrompts {MicroPrompts}; microPrompts must divide prompts.";
        }

        if (Completions < 2)
        {
            yield return $"completions is {Completions}; a group needs at least 2.";
        }

        if (!(Temperature > 0))
        {
            yield return $"temperature is {Temperature}; must be above 0 to draw different completions.";
        }

        if (Iterations < 1 || MaxCompletionTokens < 1 || OverlongMargin < 0)
        {
            yield return "iterations and maxCompletionTokens must be at least 1, overlongMargin at least 0.";
        }
    }

    internal PolicyLossOptions Loss => new()
    {
        Objective = Objective, IsSequenceLevel = SequenceLevel, Beta = Beta, EpsilonLow = EpsilonLow,
        EpsilonHigh = EpsilonHigh, EntropyCoefficient = EntropyCoefficient, MaxCompletionTokens = MaxCompletionTokens,
        AccumulationSteps = Prompts / MicroPrompts,
    };

    internal GenerationOptions Generation(IReadOnlyList<int> stopTokens, long step) => new()
    {
        Sampling = new SamplingOptions { Temperature = Temperature, TopK = TopK, TopP = TopP, MinP = MinP },
        MaxNewTokens = MaxCompletionTokens, CompletionsPerPrompt = Completions, StopTokens = stopTokens,
        Seed = (Seed * 0x9E3779B97F4A7C15) + (ulong)step,   // odd multiplier: seeds of two runs share no steps
    };
}

/// <summary>Group-relative policy optimisation: the better of several answers become more probable.</summary>
/// <remarks>
/// A step: ask, generate, judge, advantage, then per update and micro batch score, loss, and apply. The first update
/// sees ratios of exactly 1; further ones compare with the probabilities at generation.
/// </remarks>
internal sealed class Grpo(TrainingRun run, Policy? reference, GrpoOptions options)
{
    public static void Train(GrpoOptions options, string folder, CancellationToken cancellation)
    {
        using var run = new TrainingRun(options, folder);
        using var reference = options.Beta != 0 && run.Policy.Adapters is null ? run.OpenReference() : null;
        run.Loop(new Grpo(run, reference, options).Step, cancellation);
    }

    private Dictionary<string, double> Step(long step)
    {
        var clock = new StepClock();
        var firstSeed = run.SceneSeed(step, options.Prompts);
        var questions = run.Questions.Ask(firstSeed, options.Prompts);
        var prompts = questions.Select(question => run.Policy.Prompt(question)).ToArray();
        clock.Mark("time/environment");

        var groups = Generate(prompts, step);                                   // [prompt][completion]
        clock.Mark("time/generate");

        var texts = groups.Select(group => group.Select(item => run.Policy.Text(item.TokenIds)).ToArray()).ToArray();
        var scores = run.Questions.Judge(firstSeed, texts);
        clock.Mark("time/judge");

        var metrics = new Dictionary<string, double>();
        var advantages = Weigh(groups, scores, metrics);
        for (var update = 0; update < options.Iterations; update++)
        {
            Learn(prompts, groups, advantages, (step, update), metrics);
            run.Apply(step, new { task = options.Task, firstSeed, texts, scores }, metrics);
        }

        clock.Mark("time/learn");
        clock.AddTo(metrics);
        return metrics;
    }

    private Completion[][] Generate(EncodedChat[] prompts, long step)
    {
        var (batch, pixels) = run.Policy.Batch(prompts);
        using var owned = batch;
        using var ownedPixels = pixels;
        return TextGenerator.Generate(run.Policy.Model, batch, options.Generation(run.Policy.StopTokens, step));
    }

    private double[] Weigh(Completion[][] groups, Score[][] scores, Dictionary<string, double> metrics)
    {
        var rewards = groups.Zip(scores).SelectMany(pair => pair.First.Zip(pair.Second, Reward)).ToArray();
        var lengths = groups.SelectMany(group => group.Select(item => (double)item.TokenIds.Length)).ToArray();
        var groupDeviations = rewards.Chunk(options.Completions).Select(group => Advantages.Deviation(group)).ToArray();
        metrics["reward"] = rewards.Average();
        metrics["reward_std"] = groupDeviations.Average();
        metrics["frac_reward_zero_std"] = groupDeviations.Count(deviation => deviation == 0) / (double)options.Prompts;
        metrics["readable"] = scores.SelectMany(row => row).Average(score => score.IsReadable ? 1.0 : 0);
        metrics["completions/mean_length"] = lengths.Average();
        metrics["completions/max_length"] = lengths.Max();
        metrics["completions/clipped_ratio"] =
            groups.SelectMany(group => group).Average(item => item.IsStopped ? 0.0 : 1);
        return Advantages.Compute(
            Array.ConvertAll(rewards, reward => new[] { reward }), [1], options.Completions, options.Scale);
    }

    private double Reward(Completion completion, Score score) => score.Reward + (options.OverlongMargin == 0
        ? 0
        : OverlongPenalty.Of(completion.TokenIds.Length, options.MaxCompletionTokens, options.OverlongMargin));

    private void Learn(
        EncodedChat[] prompts, Completion[][] groups, double[] advantages, (long Step, int Update) at,
        Dictionary<string, double> metrics)
    {
        run.Policy.Adapters?.BeginStep(at.Step);
        var parts = options.Prompts / options.MicroPrompts;
        var tokens = groups.SelectMany(group => group).Sum(Counted);
        var sums = new Dictionary<string, double> { ["loss"] = 0 };
        for (var part = 0; part < parts; part++)
        {
            using var scope = NewDisposeScope();
            var start = part * options.MicroPrompts;
            var completions = groups[start..(start + options.MicroPrompts)].SelectMany(group => group).ToArray();
            var (batch, pixels) = run.Policy.Batch(prompts[start..(start + options.MicroPrompts)]);
            using var owned = batch;
            using var ownedPixels = pixels;
            int[][] ids = [.. completions.Select(item => item.TokenIds)];
            var scores = CompletionScorer.Score(run.Policy.Model, batch, ids, options.Temperature);
            var own = advantages.AsSpan(start * options.Completions, completions.Length).ToArray();
            var data = new PolicyBatch(
                scores.LogProbabilities, MaskOf(completions), tensor(Array.ConvertAll(own, value => (float)value)))
            {
                OldLogProbs = at.Update == 0 ? null : Masks.Pad(
                    [.. completions.Select(item => item.LogProbabilities)], run.Policy.Model.Device),
                ReferenceLogProbs = options.Beta == 0 ? null : ReferenceScores(prompts, start, ids),
                Entropies = scores.Entropies,
                TokensInGeneration = tokens,
            };
            var result = PolicyLoss.Compute(data, options.Loss);
            result.Loss.backward();
            sums["loss"] += result.Loss.ToDouble();
            foreach (var (name, value) in result.Metrics)
            {
                sums[name] = sums.GetValueOrDefault(name) + (value / parts);
            }
        }

        foreach (var (name, value) in sums)
        {
            metrics[name] = value;
        }
    }

    private int Counted(Completion completion) =>
        options.MasksTruncated && !completion.IsStopped ? 0 : completion.TokenIds.Length;

    private Tensor MaskOf(Completion[] completions)
    {
        var mask = Masks.Of([.. completions.Select(item => item.TokenIds)], run.Policy.Model.Device);
        if (!options.MasksTruncated)
        {
            return mask;
        }

        float[] kept = [.. completions.Select(item => item.IsStopped ? 1f : 0)];
        return mask * tensor(kept, [kept.Length, 1], device: run.Policy.Model.Device);
    }

    private Tensor ReferenceScores(EncodedChat[] prompts, int start, int[][] ids)
    {
        using var none = no_grad();
        using var adaptersOff = run.Policy.Adapters?.Disabled();
        var policy = reference ?? run.Policy;
        var (batch, pixels) = policy.Batch(prompts[start..(start + options.MicroPrompts)]);
        using var owned = batch;
        using var ownedPixels = pixels;
        return CompletionScorer.Score(policy.Model, batch, ids, options.Temperature).LogProbabilities;
    }

    /// <summary>Seconds of each part of a step.</summary>
    private sealed class StepClock
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private readonly Dictionary<string, double> _times = [];
        private double _last;

        public void Mark(string name)
        {
            _times[name] = _watch.Elapsed.TotalSeconds - _last;
            _last = _watch.Elapsed.TotalSeconds;
        }

        public void AddTo(Dictionary<string, double> metrics)
        {
            foreach (var (name, seconds) in _times)
            {
                metrics[name] = seconds;
            }
        }
    }
}
