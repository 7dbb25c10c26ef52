namespace PhysIntuition.Trainer.Losses;

/// <summary>A soft punishment of completions near the length limit (Yu et al., DAPO, 2025, equation 13).</summary>
public static class OverlongPenalty
{
    /// <summary>0 up to limit - margin, falling to -1 at the limit.</summary>
    /// <param name="tokens">The completion's length.</param>
    /// <param name="limit">The most tokens allowed.</param>
    /// <param name="margin">Over how many tokens the punishment grows; above 0.</param>
    public static double Of(int tokens, int limit, int margin) =>
        tokens <= limit - margin ? 0
        : tokens <= limit ? (limit - margin - tokens) / (double)margin
        : -1;
}
