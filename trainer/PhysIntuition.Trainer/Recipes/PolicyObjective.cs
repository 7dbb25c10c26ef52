namespace PhysIntuition.Trainer.Recipes;

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
