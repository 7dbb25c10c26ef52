namespace PhysIntuition.Leaderboard.Statistics;

/// <summary>Mean rewards that count as 0 and 1.</summary>
/// <param name="Random">Of uniformly random legal answers.</param>
/// <param name="Expert">Of the expert.</param>
public readonly record struct Anchors(double Random, double Expert)
{
    /// <summary>A mean reward on that scale.</summary>
    public double Normalise(double mean) => Expert == Random ? 0 : (mean - Random) / (Expert - Random);
}
