namespace PhysIntuition.Trainer.Losses;

/// <summary>The objectives of the GRPO family, by how a token counts and how tokens are averaged.</summary>
public enum PolicyObjective
{
    /// <summary>Clipped ratio; mean over a completion's tokens, then over completions (DeepSeekMath, 2024).</summary>
    Grpo,

    /// <summary>Clipped ratio; mean over the micro batch's tokens.</summary>
    Bnpo,

    /// <summary>Clipped ratio; sum over tokens by a constant length (Liu et al., 2025).</summary>
    DrGrpo,

    /// <summary>Clipped ratio; mean over the tokens of the whole generation batch (Yu et al., 2025).</summary>
    Dapo,

    /// <summary>Clipped ratio as a constant weight of the log-probability; averaged as Dapo.</summary>
    Cispo,

    /// <summary>A sigmoid gate in place of the clip; averaged as Grpo.</summary>
    Sapo,

    /// <summary>A smooth weight of the sequence's ratio; averaged as Dapo.</summary>
    Vespo,

    /// <summary>Sequence ratio weighted by the completion's length; mean over completions.</summary>
    Luspo,
}

/// <summary>What is done to the tokens that take most entropy away.</summary>
/// <remarks>
/// Those whose log-probability and advantage both stand far above the mean, or both far below: Cui et al., The Entropy
/// Mechanism of Reinforcement Learning for Reasoning Language Models, 2025 (arXiv 2505.22617).
/// </remarks>
public enum CovarianceRule
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Some between two bounds, drawn at random, teach nothing (Clip-Cov).</summary>
    Clip,

    /// <summary>The highest ones pay for leaving the model that generated (KL-Cov).</summary>
    Kl,
}

/// <summary>Every knob of the policy loss; defaults are GRPO's as published, without a KL term.</summary>
public sealed record PolicyLossOptions
{
    /// <summary>The objective.</summary>
    public PolicyObjective Objective { get; init; } = PolicyObjective.Grpo;

    /// <summary>One ratio per completion, the geometric mean of its tokens' (GSPO), instead of one per token.</summary>
    public bool IsSequenceLevel { get; init; }

    /// <summary>Weight of the KL term against the reference model; 0 leaves it out.</summary>
    public double Beta { get; init; }

    /// <summary>How far the ratio may fall below 1.</summary>
    public double EpsilonLow { get; init; } = 0.2;

    /// <summary>How far the ratio may rise above 1; for Cispo the highest ratio itself.</summary>
    public double EpsilonHigh { get; init; } = 0.2;

    /// <summary>Caps the unclipped ratio, too; null leaves it open.</summary>
    public double? Delta { get; init; }

    /// <summary>Multiplies the KL term by the ratio, which makes its gradient unbiased off policy.</summary>
    public bool CorrectsKlBias { get; init; }

    /// <summary>Share of tokens, those of highest entropy, that the policy term sees; 1 sees all.</summary>
    public double TopEntropyShare { get; init; } = 1;

    /// <summary>Weight of the entropy bonus.</summary>
    public double EntropyCoefficient { get; init; }

    /// <summary>Leaves out completions of negative advantage that drifted further than this; null: none.</summary>
    public double? OffPolicyThreshold { get; init; }

    /// <summary>What is done to the tokens that take most entropy away.</summary>
    public CovarianceRule Covariance { get; init; }

    /// <summary>Share of the micro batch's tokens that the rule touches at most; it touches one at least.</summary>
    public double CovarianceShare { get; init; } = 2e-4;

    /// <summary>Clip: only tokens above this covariance.</summary>
    public double CovarianceLow { get; init; } = 1;

    /// <summary>Clip: only tokens below this covariance.</summary>
    public double CovarianceHigh { get; init; } = 5;

    /// <summary>Kl: what a nat of distance costs, |log ratio| times this.</summary>
    public double CovariancePrice { get; init; } = 1;

    /// <summary>Seed of what is drawn at random.</summary>
    public ulong Seed { get; init; }

    /// <summary>Where another engine generated: the most that a token counts for being more probable here.</summary>
    /// <remarks>Truncated importance sampling (Yao et al., 2025).</remarks>
    public double ImportanceCap { get; init; } = 3;

    /// <summary>The constant length of DrGrpo: the most tokens that a completion may have.</summary>
    public int MaxCompletionTokens { get; init; } = 512;

    /// <summary>Micro batches of one optimiser step.</summary>
    public int AccumulationSteps { get; init; } = 1;
}
