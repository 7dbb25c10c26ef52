using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PhysIntuition.Leaderboard.Runs;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>One hash over all scores of a run, by which two servers see that they agree.</summary>
internal static class RunDigest
{
    /// <summary>SHA-256, hex, over a line "scene hash reward" for each scene.</summary>
    public static string Of(IEnumerable<SceneResult> results)
    {
        var text = string.Join('\n', results.Select(result => string.Create(
            CultureInfo.InvariantCulture, $"{result.Scene} {result.SceneHash} {result.Reward:R}")));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
