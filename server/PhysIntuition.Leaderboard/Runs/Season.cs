using System.Text.Json.Serialization;

namespace PhysIntuition.Leaderboard.Runs;

/// <summary>A period with one set of held-out scenes, all derived from one secret.</summary>
/// <param name="Id">Name, for example <c>2026-autumn</c>.</param>
/// <param name="Commitment">SHA-256 of the secret, hex; published when the season opens.</param>
/// <param name="Secret">32 bytes, hex; never leaves the process before the season closes.</param>
/// <param name="OpenedAt">UTC.</param>
/// <param name="ClosedAt">UTC; null while open.</param>
public sealed record Season(string Id, string Commitment, string Secret, DateTime OpenedAt, DateTime? ClosedAt)
{
    /// <summary>Whether new runs are accepted.</summary>
    [JsonIgnore]
    public bool IsOpen => ClosedAt is null;

    /// <summary>What anybody may know: the secret only after the end.</summary>
    [JsonIgnore]
    public Season Published => IsOpen ? this with { Secret = "" } : this;
}
