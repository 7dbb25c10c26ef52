using System.Buffers.Text;
using System.Security.Cryptography;

namespace PhysIntuition.Server;

/// <summary>A token as it is stored: its hash, never itself.</summary>
/// <remarks>
/// The secret has 256 random bits, so one round of SHA-256 hides it; a slow hash protects only what people choose.
/// </remarks>
/// <param name="Id">Public part, by which it is found and revoked.</param>
/// <param name="Name">Who has it, for logs and messages.</param>
/// <param name="Hash">SHA-256 of the secret, hex.</param>
/// <param name="Scopes">"play,score"; see <see cref="ScopeWords"/>.</param>
/// <param name="Created">When it was made.</param>
internal sealed record ApiToken(string Id, string Name, string Hash, string Scopes, DateTimeOffset Created)
{
    private const string Prefix = "pi_";
    private const int IdLength = 8;

    /// <summary>When it ends; null: when it is revoked.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Sessions open at a time; null: as many as the server has.</summary>
    public int? MaxSessions { get; init; }

    /// <summary>Slots of all its environments; null: as many as the server has.</summary>
    public int? MaxSlots { get; init; }

    /// <summary>Requests that wait or run; null: as many as the server has.</summary>
    public int? MaxRequests { get; init; }

    /// <summary>Requests in a second, with bursts of as many; null: any rate.</summary>
    public double? RequestsPerSecond { get; init; }

    /// <summary>Makes a token.</summary>
    /// <returns>What is stored, and the text that is shown once.</returns>
    public static (ApiToken Stored, string Text) Create(string name, Scopes scopes, DateTimeOffset now)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2));
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (new ApiToken(id, name, HashOf(secret), ScopeWords.Write(scopes), now), $"{Prefix}{id}_{secret}");
    }

    /// <summary>Takes a token's text apart; false: it is none.</summary>
    public static bool TryParse(string text, out string id, out string secret)
    {
        (id, secret) = ("", "");
        if (text.Length is < 20 or > 200 || !text.StartsWith(Prefix, StringComparison.Ordinal) ||
            text[Prefix.Length + IdLength] != '_')
        {
            return false;
        }

        (id, secret) = (text.Substring(Prefix.Length, IdLength), text[(Prefix.Length + IdLength + 1)..]);
        return true;
    }

    /// <summary>Compares in a time that does not tell where the difference is.</summary>
    public bool Admits(string secret) => CryptographicOperations.FixedTimeEquals(
        Encoding.ASCII.GetBytes(Hash), Encoding.ASCII.GetBytes(HashOf(secret)));

    private static string HashOf(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}

/// <summary>What an API token allows.</summary>
[Flags]
internal enum Scopes
{
    /// <summary>Nothing but to ask what there is.</summary>
    None = 0,

    /// <summary>Sessions and environments, over gRPC, OpenEnv and MCP.</summary>
    Play = 1,

    /// <summary>Score, datasets, and held-out runs of the leaderboard.</summary>
    Score = 2,

    /// <summary>What the server says about itself: metrics.</summary>
    Admin = 4,
}

/// <summary>Scopes as words: "play,score".</summary>
internal static class ScopeWords
{
    /// <summary>The words, in a fixed order.</summary>
    public static string Write(Scopes scopes) => scopes == Scopes.None
        ? "none"
        : scopes.ToString().ToLowerInvariant().Replace(" ", "", StringComparison.Ordinal);

    /// <summary>Reads the words.</summary>
    /// <exception cref="PhysIntuition.Faults.PhysIntuitionException">A word is no scope.</exception>
    public static Scopes Read(string words)
    {
        var scopes = Scopes.None;
        foreach (var word in words.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            scopes |= word.ToLowerInvariant() switch
            {
                "play" => Scopes.Play,
                "score" => Scopes.Score,
                "admin" => Scopes.Admin,
                _ => throw Refuse(words),
            };
        }

        return scopes == Scopes.None ? throw Refuse(words) : scopes;
    }

    private static PhysIntuition.Faults.PhysIntuitionException Refuse(string words) =>
        new(PhysIntuition.Faults.Fault.InvalidArgument, "scopes",
            $"'scopes' is '{words}'; there are play, score and admin. Name one or more, separated by commas.");
}
