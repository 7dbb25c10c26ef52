using PhysIntuition.Simulation;
using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>The GRPO family of losses, in float64: tokens are few, cancellation is strong.</summary>
/// <remarks>Follows TRL's GRPOTrainer term by term; the options name the papers.</remarks>
public static class PolicyLoss
{
    // Vespo: lowest sequence weight, bound of a log ratio, and the two shapes (k, lambda).
    private const double LowestWeight = 1e-8, LargestLogRatio = 20;

    private static readonly (double Power, double Rate) s_gain = (2, 3), s_loss = (3, 2);

    /// <summary>Computes the loss of one micro batch.</summary>
    /// <exception cref="ArgumentException">The options need a tensor that the batch lacks.</exception>
    public static PolicyLossResult Compute(PolicyBatch batch, GrpoOptions options)
    {
        Check(batch, options);
        using var scope = NewDisposeScope();
        var terms = new Terms(batch, options);

        var policy = PolicyTerm(terms, options);                              // [completion, token or 1]
        policy = KeepHighEntropy(KeepOnPolicy(policy, terms, options), terms, options);
        policy = RestrainCovariance(policy, terms, options);
        policy = terms.Importance is { } importance
            ? policy * importance.Within(double.NegativeInfinity, options.ImportanceCap)
            : policy;
        if (terms.Kl is not null)
        {
            policy = policy.Plus(terms.Kl.Times(options.Beta));
        }

        var loss = Average(policy, terms, options);
        var metrics = PolicyMetrics.Of(terms, options, loss);
        if (options.EntropyCoefficient != 0)
        {
            loss = loss - terms.MeanOf(terms.Entropies!)
                .Times(options.EntropyCoefficient / terms.AccumulationSteps);
        }

        return new PolicyLossResult(loss.MoveToOuterDisposeScope(), metrics);
    }

    private static Tensor PolicyTerm(Terms t, GrpoOptions options)
    {
        switch (options.Objective)
        {
            case PolicyObjective.Cispo:
                return -(t.Ratio.Within(double.NegativeInfinity, options.EpsilonHigh).detach() * t.Advantages
                    * t.LogProbs);
            case PolicyObjective.Sapo:
                var isLoss = t.Advantages.IsAbove(0).logical_not().to(ScalarType.Float64);
                var temperature = isLoss.Times(0.05).Plus(1);                 // 1.05 for losses
                return -((t.Ratio.Plus(-1) * temperature).sigmoid().Times(4) / temperature * t.Advantages);
            case PolicyObjective.Vespo:
                return -(t.SequenceWeight.detach() * t.Advantages * t.LogProbs);
            default:
                var clipped = t.Ratio.Within(1 - options.EpsilonLow, 1 + options.EpsilonHigh);
                var open = options.Delta == 0 ? t.Ratio : t.Ratio.Within(double.NegativeInfinity, options.Delta);
                return -minimum(open * t.Advantages, clipped * t.Advantages);
        }
    }

    private static Tensor KeepOnPolicy(Tensor policy, Terms t, GrpoOptions options)
    {
        if (options.OffPolicyThreshold == 0)
        {
            return policy;
        }

        var drift = (t.Masked(-t.LogRatio).sum(1, keepdim: true) / t.Lengths).detach();
        return policy * t.Advantages.IsBelow(0).logical_and(drift.IsAbove(options.OffPolicyThreshold)).logical_not()
            .to(ScalarType.Float64);
    }

    /// <summary>Holds back tokens whose advantage and log-probability rise together: they cost most entropy.</summary>
    private static Tensor RestrainCovariance(Tensor policy, Terms t, GrpoOptions options)
    {
        if (options.Covariance == CovarianceRule.None)
        {
            return policy;
        }

        double[] Numbers(Tensor values) => values.detach().expand(policy.shape).contiguous().cpu()
            .data<double>().ToArray();
        var picked = Pick(
            (Numbers(t.LogProbs), Numbers(t.Advantages), Numbers(t.Ratio), Numbers(t.Mask)), options);
        var places = tensor(picked, policy.shape, device: policy.device);     // 1 where a token is picked
        return options.Covariance == CovarianceRule.Clip
            ? policy * places.Times(-1).Plus(1)
            : policy.Plus((t.LogRatio.abs() * places).Times(options.CovariancePrice));
    }

    private static double[] Pick(
        (double[] LogProbs, double[] Advantages, double[] Ratios, double[] Mask) tokens, GrpoOptions options)
    {
        int[] own = [.. Enumerable.Range(0, tokens.Mask.Length).Where(i => tokens.Mask[i] > 0)];
        var picked = new double[tokens.Mask.Length];
        if (own.Length == 0)
        {
            return picked;
        }

        var (meanLogProb, meanAdvantage) =
            (own.Average(i => tokens.LogProbs[i]), own.Average(i => tokens.Advantages[i]));
        double Covariance(int i) =>
            (tokens.LogProbs[i] - meanLogProb) * (tokens.Advantages[i] - meanAdvantage);
        bool IsClipped(int i) => tokens.Advantages[i] > 0 ? tokens.Ratios[i] > 1 + options.EpsilonHigh
            : tokens.Advantages[i] < 0 && tokens.Ratios[i] < 1 - options.EpsilonLow;
        var count = Math.Max(1, (int)(options.CovarianceShare * own.Length));
        int[] chosen;
        if (options.Covariance == CovarianceRule.Kl)
        {
            chosen = [.. own.OrderByDescending(Covariance)];
        }
        else
        {
            chosen = [.. own.Where(i => !IsClipped(i)
                && Covariance(i) > options.CovarianceLow && Covariance(i) < options.CovarianceHigh)];
            new RandomStream(options.Seed).Shuffle<int>(chosen);
        }

        Array.ForEach(chosen[..Math.Min(count, chosen.Length)], i => picked[i] = 1);
        return picked;
    }

    private static Tensor KeepHighEntropy(Tensor policy, Terms t, GrpoOptions options)
    {
        if (options.TopEntropyShare >= 1)
        {
            return policy;
        }

        var entropies = t.Entropies!.cpu().data<double>().ToArray();
        var mask = t.Mask.cpu().data<double>().ToArray();
        var lowest = Quantile([.. entropies.Where((_, i) => mask[i] > 0)], 1 - options.TopEntropyShare);
        return policy * t.Entropies.IsBelow(lowest).logical_not().to(ScalarType.Float64);
    }

    /// <summary>Linear interpolation between the two nearest values.</summary>
    private static double Quantile(double[] values, double share)
    {
        Array.Sort(values);
        var place = share * (values.Length - 1);
        var below = (int)Math.Floor(place);
        var above = Math.Min(below + 1, values.Length - 1);
        return values[below] + ((place - below) * (values[above] - values[below]));
    }

    private static Tensor Average(Tensor policy, Terms t, GrpoOptions options)
    {
        var sums = t.Masked(policy).sum(1, keepdim: true);                    // [completion, 1]
        return options.Objective switch
        {
            PolicyObjective.Grpo or PolicyObjective.Sapo => (sums / t.Lengths).mean().Over(t.AccumulationSteps),
            PolicyObjective.Bnpo => sums.sum().Over(t.TokenCount).Over(t.AccumulationSteps),
            PolicyObjective.DrGrpo => sums.sum()
                .Over((double)t.Rows * options.MaxCompletionTokens * t.AccumulationSteps),
            PolicyObjective.Luspo => (policy * t.Mask.sum(1, keepdim: true)).mean().Over(t.AccumulationSteps),
            _ => sums.sum().Over(t.TokensInGeneration ?? t.TokenCount),
        };
    }

    private static void Check(PolicyBatch batch, GrpoOptions options)
    {
        if (options.Beta != 0 && batch.ReferenceLogProbs is null)
        {
            throw new ArgumentException($"beta is {options.Beta} and needs the reference model's log-probabilities.");
        }

        if ((options.EntropyCoefficient != 0 || options.TopEntropyShare < 1) && batch.Entropies is null)
        {
            throw new ArgumentException("The entropy bonus and the entropy share need the tokens' entropies.");
        }

        if (options.Covariance != CovarianceRule.None && options.SequenceLevel)
        {
            throw new ArgumentException("Covariances are those of tokens; leave sequence-level ratios off.");
        }

        if (options.Objective == PolicyObjective.Luspo && !options.SequenceLevel)
        {
            throw new ArgumentException("Luspo weights completions by their length and needs sequence-level ratios.");
        }
    }

    /// <summary>The batch in float64, and what the terms share.</summary>
    internal sealed class Terms
    {
        private readonly PolicyBatch _batch;

        public Terms(PolicyBatch batch, GrpoOptions options)
        {
            _batch = batch;
            LogProbs = batch.LogProbs.to(ScalarType.Float64);                 // [completion, token]
            Mask = batch.Mask.to(ScalarType.Float64);
            Advantages = batch.Advantages.to(ScalarType.Float64).unsqueeze(1); // [completion, 1]
            Entropies = batch.Entropies?.to(ScalarType.Float64);
            Lengths = Mask.sum(1, keepdim: true).Within(1, double.PositiveInfinity);              // [completion, 1]
            TokenCount = Math.Max(Mask.sum().ToDouble(), 1);
            LogRatio = LogProbs - (batch.OldLogProbs?.to(ScalarType.Float64) ?? LogProbs.detach());
            Ratio = options.SequenceLevel
                ? (Masked(LogRatio).sum(1, keepdim: true) / Lengths).exp()    // [completion, 1], Zheng et al. 2025
                : LogRatio.exp();                                             // [completion, token]
            if (batch.SamplerLogProbs is { } sampled)
            {
                SamplerGap = Masked((LogProbs - LogRatio - sampled.to(ScalarType.Float64)).detach());
                Importance = (options.SequenceLevel ? SamplerGap.sum(1, keepdim: true) : SamplerGap).exp();
            }

            if (options.Beta != 0)
            {
                var gap = batch.ReferenceLogProbs!.to(ScalarType.Float64) - LogProbs;
                Kl = (gap.exp() - gap).Plus(-1);                              // Schulman's k3 estimator
                Kl = options.CorrectKlBias ? Kl * Ratio : Kl;
            }
        }

        public Tensor LogProbs { get; }

        public Tensor Mask { get; }

        public Tensor Advantages { get; }

        public Tensor? Entropies { get; }

        public Tensor Lengths { get; }

        public double TokenCount { get; }

        public Tensor LogRatio { get; }

        public Tensor Ratio { get; }

        public Tensor? Kl { get; }

        /// <summary>log p before the first update less the sampler's [completion, token]; 0 on padding.</summary>
        public Tensor? SamplerGap { get; }

        /// <summary>How much more probable the learning model found what was sampled, not capped.</summary>
        public Tensor? Importance { get; }

        public long Rows => LogProbs.shape[0];

        public double? TokensInGeneration => _batch.TokensInGeneration;

        public int AccumulationSteps => _batch.AccumulationSteps;

        /// <summary>Vespo's weight of a completion, [completion, 1].</summary>
        public Tensor SequenceWeight
        {
            get
            {
                var bounded = LogRatio.Within(-LargestLogRatio, LargestLogRatio);
                var total = Masked(bounded).sum(1, keepdim: true)
                    .Within(Math.Log(LowestWeight), LargestLogRatio);
                var isGain = Advantages.IsBelow(0).logical_not();
                Tensor Weight((double Power, double Rate) shape) =>
                    (total.Times(shape.Power).Plus(shape.Rate) - total.exp().Times(shape.Rate)).exp();
                return where(isGain, Weight(s_gain), Weight(s_loss));
            }
        }

        public Tensor Masked(Tensor values) => values * Mask;

        /// <summary>The mean over tokens, or over completions for one value each.</summary>
        public Tensor MeanOf(Tensor values) =>
            values.shape[1] == 1 ? values.mean() : Masked(values).sum().Over(TokenCount);
    }
}

/// <summary>Completions of one micro batch, right-padded; tensors are [completion, token] if not said.</summary>
/// <param name="LogProbs">Log-probabilities of the tokens under the model that learns; carries the gradient.</param>
/// <param name="Mask">1 for tokens up to and including the end token, else 0.</param>
/// <param name="Advantages">[completion].</param>
public sealed record PolicyBatch(Tensor LogProbs, Tensor Mask, Tensor Advantages)
{
    /// <summary>Under the model that generated; null where that is the learning model itself: the ratio is 1.</summary>
    public Tensor? OldLogProbs { get; init; }

    /// <summary>Under another engine that generated, where its numbers differ; null: the learning model did.</summary>
    public Tensor? SamplerLogProbs { get; init; }

    /// <summary>Under the frozen reference model; needed where beta is not 0.</summary>
    public Tensor? ReferenceLogProbs { get; init; }

    /// <summary>Entropy of each token's distribution; needed for the entropy bonus and the entropy share.</summary>
    public Tensor? Entropies { get; init; }

    /// <summary>Tokens of the whole generation, which Dapo, Cispo and Vespo divide by; null: this batch's.</summary>
    public double? TokensInGeneration { get; init; }

    /// <summary>Micro batches of one optimiser step.</summary>
    public int AccumulationSteps { get; init; } = 1;
}

/// <summary>A loss to call backward on, and what is worth charting.</summary>
/// <param name="Loss">A float64 scalar; belongs to the caller's dispose scope.</param>
/// <param name="Metrics">Named as TRL names them.</param>
public sealed record PolicyLossResult(Tensor Loss, IReadOnlyDictionary<string, double> Metrics);

/// <summary>What is worth charting about one micro batch.</summary>
internal static class PolicyMetrics
{
    public static Dictionary<string, double> Of(PolicyLoss.Terms terms, GrpoOptions options, Tensor loss)
    {
        using var none = no_grad();
        var metrics = new Dictionary<string, double> { ["policy_loss"] = loss.ToDouble() };
        if (terms.Kl is not null)
        {
            metrics["kl"] = terms.MeanOf(terms.Kl).ToDouble();
        }

        if (terms.Entropies is not null)
        {
            metrics["entropy"] = terms.MeanOf(terms.Entropies).ToDouble();
        }

        if (terms.SamplerGap is { } gap)
        {
            var importance = gap.exp().masked_select(terms.Mask.IsAbove(0));
            metrics["sampling/sampling_logp_difference/mean"] = terms.MeanOf(gap.abs()).ToDouble();
            metrics["sampling/sampling_logp_difference/max"] = gap.abs().max().ToDouble();
            metrics["sampling/importance_sampling_ratio/mean"] = importance.mean().ToDouble();
            metrics["sampling/importance_sampling_ratio/min"] = importance.min().ToDouble();
            metrics["sampling/importance_sampling_ratio/max"] = importance.max().ToDouble();
        }

        switch (options.Objective)
        {
            case PolicyObjective.Cispo:
                var isCapped = terms.Ratio.IsAbove(options.EpsilonHigh).logical_and(terms.Advantages.IsAbove(0));
                metrics["cispo_clip_ratio"] = terms.MeanOf(isCapped.to(ScalarType.Float64)).ToDouble();
                break;
            case PolicyObjective.Vespo:
                metrics["vespo/phi_seq_mean"] = terms.SequenceWeight.mean().ToDouble();
                break;
            case PolicyObjective.Sapo:
                break;
            default:
                AddClipping(metrics, terms, options);
                break;
        }

        return metrics;
    }

    private static void AddClipping(
        Dictionary<string, double> metrics, PolicyLoss.Terms terms, GrpoOptions options)
    {
        var isLow = terms.Ratio.IsBelow(1 - options.EpsilonLow).logical_and(terms.Advantages.IsBelow(0));
        var isHigh = terms.Ratio.IsAbove(1 + options.EpsilonHigh).logical_and(terms.Advantages.IsAbove(0));
        var (low, high) = (isLow.to(ScalarType.Float64), isHigh.to(ScalarType.Float64));
        metrics["clip_ratio/low_mean"] = terms.MeanOf(low).ToDouble();
        metrics["clip_ratio/low_min"] = PerCompletion(low, terms).min().ToDouble();
        metrics["clip_ratio/high_mean"] = terms.MeanOf(high).ToDouble();
        metrics["clip_ratio/high_max"] = PerCompletion(high, terms).max().ToDouble();
        metrics["clip_ratio/region_mean"] = terms.MeanOf(low.Plus(high)).ToDouble();
    }

    private static Tensor PerCompletion(Tensor values, PolicyLoss.Terms terms) =>
        values.shape[1] == 1 ? values : terms.Masked(values).sum(1, keepdim: true) / terms.Lengths;
}
