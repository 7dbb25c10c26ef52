namespace PhysIntuition.Leaderboard.Runs;

/// <summary>Why the leaderboard refused.</summary>
public enum LeaderboardFault
{
    /// <summary>A field is outside its documented range.</summary>
    InvalidArgument,

    /// <summary>No such run or season, or the token is wrong: the two are not told apart.</summary>
    NotFound,

    /// <summary>The run or season is past that point: closed, expired, already answered.</summary>
    Final,

    /// <summary>Too many runs of one owner in a season.</summary>
    LimitReached,
}

/// <summary>A refusal that the caller can understand.</summary>
/// <param name="fault">Why.</param>
/// <param name="field">The field at fault, in wire spelling.</param>
/// <param name="message">Field, value, rule and remedy.</param>
public sealed class LeaderboardException(LeaderboardFault fault, string field, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public LeaderboardFault Fault { get; } = fault;

    /// <summary>The field at fault, in wire spelling.</summary>
    public string Field { get; } = field;
}
