using System.Buffers.Text;
using System.Security.Cryptography;

namespace PhysIntuition.Server.Sessions;

/// <summary>Names and secrets of sessions.</summary>
internal static class SessionKey
{
    /// <summary>Metadata key of the session's id.</summary>
    public const string IdHeader = "physintuition-session";

    /// <summary>Metadata key of the session's secret.</summary>
    public const string TokenHeader = "physintuition-session-token";

    /// <summary>128 random bits; not secret, but nobody guesses another's.</summary>
    public static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    /// <summary>256 random bits.</summary>
    public static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Whether a client may have chosen this as its session's id: 22 to 64 letters, digits, - and _.</summary>
    public static bool IsId(string id) => id.Length is >= 22 and <= 64 &&
        id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');

    /// <summary>Compares in a time that does not tell where the difference is.</summary>
    public static bool Matches(byte[] expected, string given)
    {
        Span<byte> bytes = stackalloc byte[128];
        return given.Length <= 64 && Encoding.UTF8.TryGetBytes(given, bytes, out var length) &&
            CryptographicOperations.FixedTimeEquals(expected, bytes[..length]);
    }
}
