using Google.Protobuf;
using PhysIntuition.V1;

namespace PhysIntuition.Leaderboard;

/// <summary>Proof that whoever opens a run has a key: its name belongs to the key from the first run on.</summary>
public static class NameClaim
{
    /// <summary>Most characters of a nonce.</summary>
    public const int MaxNonceLength = 64;

    /// <summary>The claim's key as the owner of a name.</summary>
    public static string OwnerOf(RunClaim claim) => $"ed25519:{Convert.ToHexStringLower(claim.PublicKey.Span)}";

    /// <summary>Puts a claim into what is about to be sent.</summary>
    /// <param name="key">The method's key.</param>
    /// <param name="seasons">Of the server; the claim is for the last one that is open, and worth nothing to another
    /// server or season.</param>
    /// <param name="request">As it will be sent; nothing that the claim covers may change after it.</param>
    public static void Sign(Ed25519Key key, IEnumerable<SeasonInfo> seasons, OpenRunRequest request)
    {
        var commitment = seasons.Last(season => season.IsOpen).Commitment;
        var nonce = RunTokens.NewId();   // makes every claim another one
        request.Claim = new RunClaim
        {
            PublicKey = ByteString.CopyFrom(key.PublicKey), Nonce = nonce,
            Signature = ByteString.CopyFrom(key.Sign(Message(commitment, nonce, request))),
        };
    }

    /// <summary>Whether the claim's key has signed the request that it stands in.</summary>
    /// <param name="request">As it came, with a claim.</param>
    /// <param name="commitment">Of the open season.</param>
    public static bool Fits(OpenRunRequest request, string commitment) =>
        request.Claim.Nonce.Length is > 0 and <= MaxNonceLength &&
        Ed25519Key.Verify(
            request.Claim.PublicKey.ToByteArray(), Message(commitment, request.Claim.Nonce, request),
            request.Claim.Signature.ToByteArray());

    /// <summary>What is signed, UTF-8: "PhysIntuition run 1", commitment, nonce, method, task, suite, count in decimal
    /// digits, options; a line feed between two of them.</summary>
    private static byte[] Message(string commitment, string nonce, OpenRunRequest request) => Encoding.UTF8.GetBytes(
        string.Join('\n', "PhysIntuition run 1", commitment, nonce, request.Method, request.Task, request.Suite,
            FormattableString.Invariant($"{request.Count}"), request.OptionsJson));
}
