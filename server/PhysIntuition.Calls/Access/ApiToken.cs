using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PhysIntuition.Server.Access;

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
