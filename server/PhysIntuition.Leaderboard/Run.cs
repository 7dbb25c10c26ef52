using System.Text.Json.Serialization;

namespace PhysIntuition.Leaderboard;

/// <summary>Who plays.</summary>
public enum PlayerKind
{
    /// <summary>A model or program.</summary>
    Agent,

    /// <summary>A person on the play page.</summary>
    Human,

    /// <summary>A scripted player that comes with the product.</summary>
    Baseline,

    /// <summary>A figure from a publication; not scored here.</summary>
    Published,
}

/// <summary>How far a run is.</summary>
public enum RunState
{
    /// <summary>Takes answers.</summary>
    Open,

    /// <summary>Answers are frozen; scoring has begun and is repeated if it was interrupted.</summary>
    Closing,

    /// <summary>Scored; nothing changes any more.</summary>
    Closed,
}

/// <summary>What a run is about; said when it is opened and never changed.</summary>
public sealed record RunSpec
{
    /// <summary>Name of the method, 1 to 80 printable characters.</summary>
    public required string Method { get; init; }

    /// <summary>Who plays.</summary>
    public PlayerKind Kind { get; init; } = PlayerKind.Agent;

    /// <summary>Task id, for example <c>Stability-v1</c>.</summary>
    public required string Task { get; init; }

    /// <summary>A suite of the task, for example <c>tall-v1</c>, which changes its scenes; empty for none.</summary>
    public string Suite { get; init; } = "";

    /// <summary>The task's options as a JSON object; empty for the defaults.</summary>
    public string Options { get; init; } = "";

    /// <summary>Task and suite as <c>Stability-v1/tall-v1</c>: what rows are compared within.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Board => Suite.Length == 0 ? Task : $"{Task}/{Suite}";

    /// <summary>Axis of a shifted distribution, empty for the task as it is; only a label for tables.</summary>
    public string Axis { get; init; } = "";

    /// <summary>Task the method was trained on, empty if unknown or none; a row of the transfer matrix.</summary>
    public string TrainedOn { get; init; } = "";

    /// <summary>How the method works and was run: free JSON object, at most 16 KiB.</summary>
    public string Settings { get; init; } = "";

    /// <summary>The command that reproduces the run; empty if unknown.</summary>
    public string Command { get; init; } = "";

    /// <summary>Scenes, 1 to 10,000.</summary>
    public int Count { get; init; } = 200;

    /// <summary>Whose it is: the name of an API token, or "ed25519:" and a public key; empty: nobody knows.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Whether the name belongs to whoever plays. If not, rows show runs and not methods.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsVerified => Kind != PlayerKind.Agent || Owner.Length > 0;
}

/// <summary>A held-out run.</summary>
public sealed record Run
{
    /// <summary>Public name, unguessable.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of the run's secret token, hex.</summary>
    public required string TokenHash { get; init; }

    /// <summary>Season whose scenes it plays.</summary>
    public required string Season { get; init; }

    /// <summary>What it is about.</summary>
    public required RunSpec Request { get; init; }

    /// <summary>Of the claim that opened it, hex; empty without one. The same claim opens no second run.</summary>
    public string Signature { get; init; } = "";

    /// <summary>How far it is.</summary>
    public required RunState State { get; init; }

    /// <summary>Whether its odd scenes are common to all runs of the season, so that methods compare in pairs. Not in
    /// tasks of several answers, whose episodes tell what came of each.</summary>
    public bool SharesScenes { get; init; } = true;

    /// <summary>UTC.</summary>
    public required DateTime OpenedAt { get; init; }

    /// <summary>UTC; later answers are refused.</summary>
    public required DateTime Deadline { get; init; }

    /// <summary>UTC; null until scored.</summary>
    public DateTime? ClosedAt { get; init; }

    /// <summary>Engine, renderer and server versions and scene-set hash: JSON, written when scored.</summary>
    public string Provenance { get; init; } = "";

    /// <summary>Whether other runs of the season meet this scene too.</summary>
    public bool IsCommon(int scene) => SeedSchedule.IsCommon(scene, SharesScenes);
}

/// <summary>A scene of a run and its seed.</summary>
/// <param name="Scene">Index of the scene in the run, from 0.</param>
/// <param name="Seed">Of the held-out split.</param>
public readonly record struct SeededScene(int Scene, ulong Seed);

/// <summary>One answer; final once accepted.</summary>
/// <param name="Scene">Index of the scene in the run, from 0.</param>
/// <param name="Step">Step within the episode, from 0; one-step tasks have only 0.</param>
/// <param name="Text">What was answered.</param>
/// <param name="Confidence">Stated chance of being right, in [0, 1]; NaN if none was stated.</param>
public readonly record struct SceneAnswer(int Scene, int Step, string Text, double Confidence);

/// <summary>The score of one scene.</summary>
/// <param name="Scene">Index of the scene in the run, from 0.</param>
/// <param name="Reward">The episode's reward.</param>
/// <param name="Steps">Steps taken; 0 if the scene was never answered.</param>
/// <param name="SceneHash">Hash of the scene, hex.</param>
/// <param name="OutcomeHash">Hash of the simulated outcome, hex.</param>
public readonly record struct SceneResult(int Scene, double Reward, int Steps, string SceneHash, string OutcomeHash);

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

/// <summary>Names and secrets of runs. Only hashes of secrets are stored.</summary>
public static class RunTokens
{
    /// <summary>128 random bits, hex: the public id of a run.</summary>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>256 random bits, hex: whoever has it may answer.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is stored of a token: SHA-256, hex. Tokens are random, so no salt or slow hash is
    /// needed.</summary>
    public static string Hash(string token) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Compares in constant time.</summary>
    public static bool Matches(string token, string hash) => CryptographicOperations.FixedTimeEquals(
        Encoding.ASCII.GetBytes(Hash(token)), Encoding.ASCII.GetBytes(hash));
}
