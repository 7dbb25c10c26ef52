using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Statistics;

namespace PhysIntuition.Leaderboard.Results;

/// <summary>What a closed run publishes: enough to replay and check every score once the season is over.</summary>
public sealed record RunResult
{
    /// <summary>Id of the run.</summary>
    public required string Run { get; init; }

    /// <summary>Id of the season.</summary>
    public required string Season { get; init; }

    /// <summary>SHA-256 of the season's secret, hex.</summary>
    public required string Commitment { get; init; }

    /// <summary>What was played, by whom.</summary>
    public required RunRequest Request { get; init; }

    /// <summary>Whether odd scenes are common to all runs of the season; results of earlier versions do not say so, and
    /// theirs are.</summary>
    public bool SharesScenes { get; init; } = true;

    /// <summary>UTC.</summary>
    public required DateTime OpenedAt { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime ClosedAt { get; init; }

    /// <summary>Engine, renderer and server versions, and the scene-set hash: one JSON object.</summary>
    public required string Provenance { get; init; }

    /// <summary>Mean reward with its 95 % interval.</summary>
    public required Interval Score { get; init; }

    /// <summary>One row for each scene; empty while the season is open, as labels could be read from it.</summary>
    public required IReadOnlyList<SceneResult> Scenes { get; init; }

    /// <summary>The answers as they were accepted; empty while the season is open.</summary>
    public required IReadOnlyList<SceneAnswer> Answers { get; init; }
}
