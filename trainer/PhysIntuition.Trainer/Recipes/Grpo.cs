using System.Diagnostics;
using PhysIntuition.Environments.Options;
using PhysIntuition.Trainer.Losses;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Trainer.Training;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Every knob of group-relative policy optimisation and its relatives.</summary>
public sealed record GrpoOptions : TrainingOptions
{
    /// <summary>The published setting: adapters on a large model, 16 completions per prompt.</summary>
    public static GrpoOptions Paper { get; } = new()
    {
        Model = "", AdapterRank = 16, AdapterAlpha = 16, AdaptVision = true,
        LearningRate = 5e-6, Decay = Decay.Cosine, WarmupShare = 0.1,
        Beta1 = 0.9, Beta2 = 0.99, WeightDecay = 0.1, ClipNorm = 0.1, Prompts = 4, MicroPrompts = 1, Completions = 16,
        MaxCompletionTokens = 200, PictureSize = 224, HoldInBf16 = true, HoldInNf4 = true, GradientCheckpointing = true,
    };

    /// <summary>Scenes per step.</summary>
    [Within(1, double.PositiveInfinity)]
    public int Prompts { get; init; } = 8;

    /// <summary>Scenes whose completions go through the model together when it learns.</summary>
    [Within(1, double.PositiveInfinity)]
    public int MicroPrompts { get; init; } = 8;

    /// <summary>Completions per scene, the group.</summary>
    [Within(2, double.PositiveInfinity)]
    public int Completions { get; init; } = 16;

    /// <summary>Most tokens of a completion.</summary>
    [Within(1, double.PositiveInfinity)]
    public int MaxCompletionTokens { get; init; } = 32;

    /// <summary>Temperature of the draws, and of the probabilities that learn.</summary>
    [Within(0, double.PositiveInfinity, IsMinExcluded = true, IsMaxExcluded = true)]
    public float Temperature { get; init; } = 1;

    /// <summary>Draws keep this many best tokens; 0 keeps all.</summary>
    [Within(0, double.PositiveInfinity)]
    public int TopK { get; init; }

    /// <summary>Draws keep the fewest tokens of this probability together.</summary>
    [Within(0, 1, IsMinExcluded = true)]
    public float TopP { get; init; } = 1;

    /// <summary>Draws keep tokens of this share of the best token's probability.</summary>
    [Within(0, 1)]
    public float MinP { get; init; }

    /// <summary>How tokens count and are averaged.</summary>
    public PolicyObjective Objective { get; init; } = PolicyObjective.Grpo;

    /// <summary>One ratio per completion instead of one per token (GSPO).</summary>
    public bool SequenceLevel { get; init; }

    /// <summary>Weight of the KL term against the model that the run began with.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double Beta { get; init; }

    /// <summary>How far a ratio may fall below 1.</summary>
    [Within(0, 1)]
    public double EpsilonLow { get; init; } = 0.2;

    /// <summary>How far a ratio may rise above 1.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double EpsilonHigh { get; init; } = 0.2;

    /// <summary>What a centred reward is divided by.</summary>
    public RewardScale Scale { get; init; } = RewardScale.Group;

    /// <summary>Weight of the entropy bonus.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double EntropyCoefficient { get; init; }

    /// <summary>Updates on the same completions.</summary>
    [Within(1, double.PositiveInfinity)]
    public int Iterations { get; init; } = 1;

    /// <summary>Leaves completions out that were cut off.</summary>
    public bool MasksTruncated { get; init; }

    /// <summary>Tokens over which the length penalty grows; 0 has no penalty.</summary>
    [Within(0, double.PositiveInfinity)]
    public int OverlongMargin { get; init; }

    /// <summary>An OpenAI-compatible server of the base model that writes completions; empty: this process.</summary>
    public string Sampler { get; init; } = "";

    /// <summary>With a sampler: the most that a token counts for being more probable here than there; 0 leaves its
    /// numbers out.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double ImportanceCap { get; init; } = 3;

    /// <inheritdoc/>
    public override IEnumerable<string> Faults()
    {
        foreach (var fault in base.Faults())
        {
            yield return fault;
        }

        if (Sampler.Length > 0 && (AdapterRank == 0 || !Sampler.StartsWith("http", StringComparison.Ordinal)
            || !Uri.TryCreate(Sampler, UriKind.Absolute, out _)))
        {
            yield return AdapterRank == 0
                ? $"sampler is {Sampler} and adapterRank 0; a sampler is sent adapters, so set adapterRank."
                : $"sampler is {Sampler}; must be a server's address, as http://127.0.0.1:8000/v1.";
        }

        if (MicroPrompts > 0 && Prompts % MicroPrompts != 0)
        {
            yield return $"prompts is {Prompts} and microPrompts {MicroPrompts}; microPrompts must divide prompts.";
        }

        if (Workers > 1 && MicroPrompts > 0 && (Prompts / MicroPrompts % Workers != 0 || Scale == RewardScale.Batch))
        {
            yield return $"workers is {Workers}; must divide prompts / microPrompts ({Prompts / MicroPrompts}), and "
                + "scale must not be batch, which looks at the rewards of all.";
        }
    }

    internal PolicyLossOptions Loss => new()
    {
        Objective = Objective, IsSequenceLevel = SequenceLevel, Beta = Beta, EpsilonLow = EpsilonLow,
        EpsilonHigh = EpsilonHigh, EntropyCoefficient = EntropyCoefficient, MaxCompletionTokens = MaxCompletionTokens,
        ImportanceCap = ImportanceCap,
    };

    internal GenerationOptions Generation(
        IReadOnlyList<int> stopTokens, long step, int microBatch, int turn, int each) => new()
    {
        Sampling = new SamplingOptions { Temperature = Temperature, TopK = TopK, TopP = TopP, MinP = MinP },
        MaxNewTokens = MaxCompletionTokens, CompletionsPerPrompt = each, StopTokens = stopTokens,
        Seed = SeedSequence.Seed(Seed, step, microBatch, turn),
    };
}

/// <summary>Group-relative policy optimisation: the better of several answers become more probable.</summary>
/// <remarks>
/// A step: ask, generate, judge, advantage, then per update and micro batch score, loss, and apply. The first update
/// sees ratios of exactly 1; further ones compare with the probabilities at generation. All turns of an episode learn
/// from what the whole episode earned.
/// </remarks>
internal sealed class Grpo(TrainingRun run, Policy? reference, RemoteSampler? sampler, GrpoOptions options)
{
    private readonly Dictionary<Exchange, Tensor> _before = [];   // log p of the first update, for the next ones

    public static void Train(
        GrpoOptions options, string folder, CancellationToken cancellation, ProcessGroup? team = null)
    {
        using var run = new TrainingRun(options, folder, team);
        using var reference = options.Beta != 0 ? run.OpenReference() : null;
        using var sampler = options.Sampler.Length > 0 ? new RemoteSampler(options.Sampler, run.Folder) : null;
        run.Loop(new Grpo(run, reference, sampler, options).Step, cancellation);
    }

    private Dictionary<string, double> Step(long step)
    {
        var metrics = new Dictionary<string, double>();
        var questions = run.Questions(step, options.Prompts, options.MicroPrompts);
        var watch = Stopwatch.StartNew();
        var firstBatch = run.ProcessGroup.ShareOf(options.Prompts / options.MicroPrompts).Start.Value;
        sampler?.Load(run.Policy, step, run.ProcessGroup);
        Rollout[] rollouts = [.. questions.Select((scenes, i) => new Rollout(
            run.Policy, scenes, options.Completions, (prompts, each, turn) =>
            {
                var generation = options.Generation(run.Policy.StopTokens, step, firstBatch + i, turn, each);
                return sampler?.Write(prompts, generation) ?? run.Policy.Write(prompts, generation);
            }))];
        run.Finish(rollouts);
        metrics["time/generate"] = watch.Elapsed.TotalSeconds;

        var advantages = Weigh(questions, rollouts, metrics);                     // [micro batch][episode]
        for (var update = 0; update < options.Iterations; update++)
        {
            Learn(rollouts, advantages, (step, update), metrics);
            run.Apply(step, new
            {
                task = options.Task, firstSeed = run.SceneSeed(step, options.Prompts),
                texts = rollouts.SelectMany(rollout => rollout.Texts),
                returns = rollouts.SelectMany(rollout => rollout.Returns),
            }, metrics);
        }

        foreach (var scores in _before.Values)
        {
            scores.Dispose();
        }

        _before.Clear();
        metrics["time/learn"] = watch.Elapsed.TotalSeconds - metrics["time/generate"];
        return metrics;
    }

    private double[][] Weigh(Episodes[] questions, Rollout[] rollouts, Dictionary<string, double> metrics)
    {
        var completions = rollouts.SelectMany(rollout => rollout.Exchanges)
            .SelectMany(exchange => exchange.Groups).SelectMany(group => group).ToArray();
        var groups = rollouts.SelectMany(rollout => rollout.Returns.Chunk(options.Completions))
            .Select(group => Advantages.Deviation(group)).ToArray();
        metrics["reward"] = rollouts.SelectMany(rollout => rollout.Returns).Average();
        metrics["success"] = questions.Zip(rollouts, (scenes, rollout) => scenes.Success(rollout.Returns)).Average();
        metrics["reward_std"] = groups.Average();
        metrics["frac_reward_zero_std"] = groups.Count(deviation => deviation == 0) / (double)groups.Length;
        metrics["readable"] =
            rollouts.SelectMany(rollout => rollout.AreReadable).Average(isReadable => isReadable ? 1.0 : 0);
        metrics["completions/mean_length"] = completions.Average(item => (double)item.TokenIds.Length);
        metrics["completions/max_length"] = completions.Max(item => item.TokenIds.Length);
        metrics["completions/clipped_ratio"] = completions.Average(item => item.IsStopped ? 0.0 : 1);
        run.ProcessGroup.Average(metrics);

        double[][] rewards = [.. rollouts.SelectMany(rollout => rollout.Returns.Zip(
            Penalties(rollout), (earned, penalty) => new[] { earned + penalty }))];
        return [.. Advantages.Compute(rewards, [1], options.Completions, options.Scale)
            .Chunk(options.MicroPrompts * options.Completions)];
    }

    private double[] Penalties(Rollout rollout)
    {
        var penalties = new double[rollout.Returns.Length];
        foreach (var exchange in options.OverlongMargin == 0 ? [] : rollout.Exchanges)
        {
            foreach (var (completion, row) in exchange.Groups.SelectMany(group => group).Zip(exchange.Rows))
            {
                penalties[row] += OverlongPenalty.Of(
                    completion.TokenIds.Length, options.MaxCompletionTokens, options.OverlongMargin);
            }
        }

        return penalties;
    }

    private void Learn(
        Rollout[] rollouts, double[][] advantages, (long Step, int Update) at, Dictionary<string, double> metrics)
    {
        run.Policy.Adapters?.BeginStep(at.Step);
        var parts = options.Prompts / options.MicroPrompts * rollouts.Max(rollout => rollout.Exchanges.Count);
        var tokens = run.ProcessGroup.Sum((double)rollouts.SelectMany(rollout => rollout.Exchanges)
            .SelectMany(exchange => exchange.Groups).SelectMany(group => group).Sum(Counted));
        var sums = new Dictionary<string, double> { ["loss"] = 0 };
        foreach (var (rollout, weights) in rollouts.Zip(advantages))
        {
            foreach (var exchange in rollout.Exchanges)
            {
                using var scope = NewDisposeScope();
                var result = PolicyLoss.Compute(
                    Score(exchange, weights, at.Update, tokens), options.Loss with { AccumulationSteps = parts });
                result.Loss.backward();
                sums["loss"] += result.Loss.ToDouble();
                foreach (var (name, value) in result.Metrics)
                {
                    sums[name] = sums.GetValueOrDefault(name) + (value / parts);
                }
            }
        }

        run.ProcessGroup.Sum(sums);
        foreach (var (name, value) in sums)
        {
            metrics[name] = value;
        }
    }

    private PolicyBatch Score(Exchange exchange, double[] advantages, int update, double tokens)
    {
        var (batch, pixels) = run.Policy.Batch(exchange.Prompts);
        using var owned = batch;
        using var ownedPixels = pixels;
        Completion[] completions = [.. exchange.Groups.SelectMany(group => group)];
        int[][] ids = [.. completions.Select(item => item.TokenIds)];
        var scores = CompletionScorer.Score(run.Policy.Model, batch, ids, options.Temperature);
        float[] own = [.. exchange.Rows.Select(row => (float)advantages[row])];
        var generated = sampler is null && update == 0 ? null
            : Masks.Pad([.. completions.Select(item => item.LogProbabilities)], run.Policy.Model.Device);
        if (sampler is not null && update == 0 && options.Iterations > 1)
        {
            _before[exchange] = scores.LogProbabilities.detach().clone().DetachFromDisposeScope();
        }

        return new PolicyBatch(scores.LogProbabilities, MaskOf(completions), tensor(own))
        {
            OldLogProbs = update == 0 ? null : sampler is null ? generated : _before[exchange],
            SamplerLogProbs = sampler is null || options.ImportanceCap == 0 ? null : generated,
            ReferenceLogProbs = options.Beta == 0 ? null : ReferenceScores(exchange.Prompts, ids),
            Entropies = scores.Entropies,
            TokensInGeneration = tokens,
        };
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

    private Tensor ReferenceScores(EncodedChat[] prompts, int[][] ids)
    {
        using var none = no_grad();
        using var adaptersOff = reference is null ? run.Policy.Adapters?.Disabled() : null;
        var policy = reference ?? run.Policy;
        var (batch, pixels) = policy.Batch(prompts);
        using var owned = batch;
        using var ownedPixels = pixels;
        return CompletionScorer.Score(policy.Model, batch, ids, options.Temperature).LogProbabilities;
    }
}
