using System.Security.Cryptography;
using System.Text;

namespace PhysIntuition.Leaderboard.Runs;

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
