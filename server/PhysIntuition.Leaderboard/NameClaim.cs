using System.Text;

namespace PhysIntuition.Leaderboard;

/// <summary>Proof that whoever opens a run has a key: its name belongs to the key from the first run on.</summary>
/// <param name="PublicKey">Ed25519, 32 bytes.</param>
/// <param name="Nonce">Any text; makes every claim another one.</param>
/// <param name="Signature">64 bytes over <see cref="Message"/>.</param>
public sealed record NameClaim(byte[] PublicKey, string Nonce, byte[] Signature)
{
    /// <summary>Most characters of a nonce.</summary>
    public const int MaxNonceLength = 64;

    /// <summary>The key as the owner of a name.</summary>
    public string Owner => $"ed25519:{Convert.ToHexStringLower(PublicKey)}";

    /// <summary>Signs what is about to be opened.</summary>
    /// <param name="key">The method's key.</param>
    /// <param name="commitment">Of the open season: the claim is worth nothing to another server or season.</param>
    /// <param name="run">As it will be asked for.</param>
    public static NameClaim Sign(Ed25519Key key, string commitment, in ClaimedRun run)
    {
        var nonce = RunTokens.NewId();
        return new NameClaim(key.PublicKey, nonce, key.Sign(Message(commitment, nonce, run)));
    }

    /// <summary>Whether the key has signed this.</summary>
    public bool Fits(string commitment, in ClaimedRun run) =>
        Nonce.Length is > 0 and <= MaxNonceLength &&
        Ed25519Key.Verify(PublicKey, Message(commitment, Nonce, run), Signature);

    /// <summary>What is signed, UTF-8: "PhysIntuition run 1", commitment, nonce, method, task, suite, count in decimal
    /// digits, options; a line feed between two of them.</summary>
    private static byte[] Message(string commitment, string nonce, in ClaimedRun run) => Encoding.UTF8.GetBytes(
        string.Join('\n', "PhysIntuition run 1", commitment, nonce, run.Method, run.Task, run.Suite,
            FormattableString.Invariant($"{run.Count}"), run.Options));
}

/// <summary>What a claim is about, spelled as in the request.</summary>
/// <param name="Method">Name of the method.</param>
/// <param name="Task">Task id.</param>
/// <param name="Suite">Suite; empty for none.</param>
/// <param name="Count">Scenes; 0 for the default.</param>
/// <param name="Options">The task's options; empty for the defaults.</param>
public readonly record struct ClaimedRun(string Method, string Task, string Suite, uint Count, string Options);
