using System.Buffers.Binary;

namespace PhysIntuition.Leaderboard;

/// <summary>The seeds of a season: nobody can know them before it closes, anybody can check them after.</summary>
/// <remarks>
/// Seed i is the first 8 bytes, little-endian, of HMAC-SHA-256(secret, "board\noptions\ni") for odd i, and of
/// HMAC-SHA-256(secret, "board\noptions\ni\nrun") for even i, modulo the number of seeds that the split accepts; the
/// board is the task, followed by "/suite" where there is one.
/// Odd scenes are common to all runs, so that methods are compared in pairs; even ones are the run's own. Common ones
/// are scored when the season is over: what a score gives away helps no other run. In tasks of several answers, whose
/// episodes tell what came of each, every scene is the run's own and has the message of an even one.
/// </remarks>
public static class SeedSchedule
{
    /// <summary>Bytes of a season's secret.</summary>
    public const int SecretBytes = 32;

    /// <summary>A fresh secret, hex.</summary>
    public static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>Whether a text is a secret as <see cref="NewSecret"/> makes them.</summary>
    public static bool IsSecret(string text) => text.Length == 2 * SecretBytes && text.All(char.IsAsciiHexDigit);

    /// <summary>The hash that is published before anybody plays: SHA-256 of the secret's bytes, hex.</summary>
    public static string Commit(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(secret)));

    /// <summary>Whether every run of the season meets this scene.</summary>
    /// <param name="scene">Index of the scene, from 0.</param>
    /// <param name="sharesScenes">See <see cref="Run.SharesScenes"/>.</param>
    public static bool IsCommon(int scene, bool sharesScenes) => sharesScenes && scene % 2 == 1;

    /// <summary>One seed.</summary>
    /// <param name="secret">The season's secret, hex.</param>
    /// <param name="board">Task id, or task id/suite.</param>
    /// <param name="options">The run's options as they were sent.</param>
    /// <param name="run">Id of the run.</param>
    /// <param name="scene">Index of the scene, from 0.</param>
    /// <param name="seedCount">Seeds that the split accepts; 0 means all 64-bit numbers.</param>
    /// <param name="sharesScenes">See <see cref="Run.SharesScenes"/>.</param>
    public static ulong Seed(
        string secret, string board, string options, string run, int scene, ulong seedCount, bool sharesScenes = true)
    {
        var own = IsCommon(scene, sharesScenes) ? "" : $"\n{run}";
        var message = Encoding.UTF8.GetBytes($"{board}\n{options}\n{scene}{own}");
        var hash = HMACSHA256.HashData(Convert.FromHexString(secret), message);
        var seed = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        return seedCount == 0 ? seed : seed % seedCount;
    }

    /// <summary>The seeds of some scenes of a run, in the order given.</summary>
    /// <param name="secret">The season's secret, hex.</param>
    /// <param name="request">What the run plays.</param>
    /// <param name="run">Id of the run.</param>
    /// <param name="sharesScenes">See <see cref="Run.SharesScenes"/>.</param>
    /// <param name="scenes">Which scenes.</param>
    /// <param name="seedCount">Seeds that the split accepts; 0 means all 64-bit numbers.</param>
    public static ulong[] Seeds(
        string secret, RunSpec request, string run, bool sharesScenes, IEnumerable<int> scenes, ulong seedCount) =>
        [.. scenes.Select(scene =>
            Seed(secret, request.Board, request.Options, run, scene, seedCount, sharesScenes))];
}
