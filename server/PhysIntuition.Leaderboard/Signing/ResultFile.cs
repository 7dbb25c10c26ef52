using System.Text.Json;
using System.Text.Json.Serialization;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Statistics;

namespace PhysIntuition.Leaderboard.Signing;

/// <summary>What a closed run publishes: enough to replay and check every score once the season is over.</summary>
public sealed record ResultFile
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        IndentSize = 1,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Form of this file; grows when fields change their meaning.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Id of the run.</summary>
    public required string Run { get; init; }

    /// <summary>Id of the season.</summary>
    public required string Season { get; init; }

    /// <summary>SHA-256 of the season's secret, hex.</summary>
    public required string Commitment { get; init; }

    /// <summary>What was played, by whom.</summary>
    public required RunRequest Request { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime OpenedAt { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime ClosedAt { get; init; }

    /// <summary>Engine, renderer and server versions, and the scene-set hash: one JSON object.</summary>
    public required string Provenance { get; init; }

    /// <summary>Mean reward with its 95 % interval.</summary>
    public required Interval Score { get; init; }

    /// <summary>One row for each scene; empty while the season is open, as labels could be read from it.</summary>
    public required IReadOnlyList<SceneResult> Scenes { get; init; }

    /// <summary>The answers as they were accepted; empty while the season is open.</summary>
    public required IReadOnlyList<Answer> Answers { get; init; }

    /// <summary>Public key of the server that scored, hex.</summary>
    public string PublicKey { get; init; } = "";

    /// <summary>Ed25519 over the same JSON with an empty signature, base64.</summary>
    public string Signature { get; init; } = "";

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads a file.</summary>
    /// <exception cref="JsonException">The text is no result file; the message says where.</exception>
    public static ResultFile Parse(string json) =>
        JsonSerializer.Deserialize<ResultFile>(json, Json) ?? throw new JsonException("The file holds null.");

    /// <summary>The same file with this server's key and signature.</summary>
    public ResultFile SignedBy(Ed25519Key key)
    {
        var draft = this with { PublicKey = Convert.ToHexStringLower(key.PublicKey), Signature = "" };
        return draft with { Signature = Convert.ToBase64String(key.Sign(draft.Bytes())) };
    }

    /// <summary>Everything that is wrong with the file, in sentences; empty if it is what the server signed.</summary>
    /// <param name="trustedKey">Hex; null: the key that the file names, which proves only that nothing was
    /// changed.</param>
    public IReadOnlyList<string> Verify(string? trustedKey = null)
    {
        List<string> faults = [];
        if (trustedKey is not null && !string.Equals(trustedKey, PublicKey, StringComparison.OrdinalIgnoreCase))
        {
            faults.Add($"The file names the key {PublicKey}; the trusted one is {trustedKey}.");
        }

        if (!Ed25519Key.Verify(Hex(PublicKey), (this with { Signature = "" }).Bytes(), Base64(Signature)))
        {
            faults.Add("The signature does not fit the file: something was changed after the server signed it.");
        }

        if (Scenes.Count > 0 && Interval.Of([.. Scenes.Select(scene => scene.Reward)]) is var score && score != Score)
        {
            faults.Add($"The file states a mean of {Score.Mean}; its scenes give {score.Mean}.");
        }

        return faults;
    }

    private byte[] Bytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    private static byte[] Hex(string text)
    {
        try
        {
            return Convert.FromHexString(text);
        }
        catch (FormatException)
        {
            return [];
        }
    }

    private static byte[] Base64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : [];
    }
}
