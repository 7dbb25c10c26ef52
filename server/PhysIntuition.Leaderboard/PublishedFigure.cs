namespace PhysIntuition.Leaderboard;

/// <summary>A figure that others measured and published; shown beside runs, never counted as one.</summary>
/// <param name="Task">Task that it belongs to.</param>
/// <param name="Method">Who was measured.</param>
/// <param name="Score">Mean reward; an interval only where the number of scenes is published.</param>
/// <param name="Source">Where it stands.</param>
public sealed record PublishedFigure(string Task, string Method, Interval Score, string Source)
{
    private const string VisualCognition =
        "Schulze Buschoff, Akata, Bethge, Schulz: Visual cognition in multimodal large language models, Nature " +
        "Machine Intelligence 7 (2025), arXiv 2311.16093; on the 100 photographs of block towers of Lerer, Gross, " +
        "Fergus, ICML 2016";

    /// <summary>All that the product knows.</summary>
    public static IReadOnlyList<PublishedFigure> All { get; } =
    [
        // The mean over participants; its interval cannot be derived from what is published.
        new("RealTowers-v1", StandingsTable.People, new Interval(0.656, 0.656, 0.656, 0), VisualCognition),
        new("RealTowers-v1", "GPT-4V", Interval.Wilson(60, 100), VisualCognition),
        new("RealTowers-v1", "Claude 3", Interval.Wilson(58, 100), VisualCognition),
    ];
}
