using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace PhysIntuition.Leaderboard;

/// <summary>A result as a server signed it.</summary>
/// <remarks>
/// Form 2 is <c>{"format": 2, "publicKey": hex, "signature": base64, "result": {...}}</c>; the signature covers
/// <c>"PhysIntuition result 2\n"</c> and the bytes of the object <c>result</c> as they stand in the file, so that no
/// reader has to write JSON as its writer did. Form 1 had all fields in one object and signed that object, indented
/// by one blank, with an empty signature; it is still read and checked.
/// </remarks>
public sealed class ResultFile
{
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    private const int Newest = 2;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    private readonly int _format;
    private readonly byte[] _signed;
    private readonly byte[] _signature;

    private ResultFile(string json, int format, RunResult result, string publicKey, byte[] signature, byte[] signed)
    {
        (Json, _format, Result) = (json, format, result);
        (PublicKey, _signature, _signed) = (publicKey, signature, signed);
    }

    /// <summary>The file's text, as it was written or read.</summary>
    public string Json { get; }

    /// <summary>What is signed.</summary>
    public RunResult Result { get; }

    /// <summary>Public key of the server that scored, hex.</summary>
    public string PublicKey { get; }

    /// <summary>Signs a result.</summary>
    public static ResultFile Sign(RunResult result, Ed25519Key key)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(result, Options);
        var (signed, publicKey) = (SignedBytes(payload), Convert.ToHexStringLower(key.PublicKey));
        var signature = key.Sign(signed);
        var json = $"{{\n\"format\": {Newest},\n\"publicKey\": \"{publicKey}\",\n\"signature\": " +
            $"\"{Convert.ToBase64String(signature)}\",\n\"result\": {Encoding.UTF8.GetString(payload)}\n}}\n";
        return new ResultFile(json, Newest, result, publicKey, signature, signed);
    }

    /// <summary>Reads a file of any form.</summary>
    /// <exception cref="JsonException">The text is no result file, or has fields that none has or has twice; the
    /// message says where.</exception>
    public static ResultFile Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, s_strict);
            return Parse(document.RootElement);
        }
        catch (InvalidOperationException wrong)
        {
            // Names and texts are decoded when they are looked at.
            throw new JsonException($"A text is no valid Unicode: {wrong.Message}", wrong);
        }
    }

    internal static ResultFile Parse(JsonElement file)
    {
        var format = file.ValueKind == JsonValueKind.Object && file.TryGetProperty("format", out var number) &&
            number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var value) ? value : 0;
        return format switch
        {
            1 => ParseFirst(file),
            Newest => ParseNewest(file),
            _ => throw new JsonException($"It has no 'format' from 1 to {Newest}."),
        };
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

        if (!Ed25519Key.Verify(Hex(PublicKey), _signed, _signature))
        {
            faults.Add("The signature does not fit the file: something was changed after the server signed it, or " +
                "the key is none that anything can be signed with.");
        }

        var score = Result.Score;
        if (Result.Scenes.Count > 0 &&
            Interval.Of([.. Result.Scenes.Select(scene => scene.Reward)]) is var own && !Fits(score, own))
        {
            faults.Add($"The file states a mean of {score.Mean} ({score.Low} to {score.High}); its scenes give " +
                $"{own.Mean} ({own.Low} to {own.High}).");
        }

        return faults;
    }

    // Form 1 drew its resamples with a generator of the runtime, which this one need not have. Each end of a percentile
    // interval from 2,000 resamples has a standard deviation of 1.5 % of the width; six of them hold always.
    private bool Fits(Interval stated, Interval own) => _format > 1
        ? stated == own
        : (stated.Mean, stated.Count) == (own.Mean, own.Count) &&
            Math.Max(Math.Abs(stated.Low - own.Low), Math.Abs(stated.High - own.High)) <=
            0.1 * (own.High - own.Low);

    private static ResultFile ParseNewest(JsonElement file)
    {
        var envelope = file.Deserialize<Envelope>(Options)!;
        var result = envelope.Result.Deserialize<RunResult>(Options) ?? throw new JsonException("'result' is null.");
        return new ResultFile(file.GetRawText(), Newest, result, envelope.PublicKey, Base64(envelope.Signature),
            SignedBytes(JsonMarshal.GetRawUtf8Value(envelope.Result)));
    }

    private static ResultFile ParseFirst(JsonElement file)
    {
        var fields = JsonObject.Create(file)!;
        var (key, signature) = (Take("publicKey"), Take("signature"));
        fields.Remove("format");
        var result = fields.Deserialize<RunResult>(Options)!;
        return new ResultFile(file.GetRawText(), 1, result, key, Base64(signature), Unsigned(file));

        string Take(string name) => fields.Remove(name, out var text) &&
            text is JsonValue value && value.TryGetValue(out string? held) ? held : "";
    }

    // Numbers stay as they were written; text is escaped as the writer of form 1 did.
    private static byte[] Unsigned(JsonElement file)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(
            bytes, new JsonWriterOptions { Indented = true, IndentSize = 1, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            foreach (var field in file.EnumerateObject())
            {
                if (field.NameEquals("signature"))
                {
                    writer.WriteString(field.Name, "");
                }
                else
                {
                    field.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static byte[] SignedBytes(ReadOnlySpan<byte> payload) => [.. "PhysIntuition result 2\n"u8, .. payload];

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

    private sealed record Envelope(int Format, string PublicKey, string Signature, JsonElement Result);
}

/// <summary>What a closed run publishes: enough to replay and check every score once the season is over.</summary>
public sealed record RunResult
{
    /// <summary>Id of the run.</summary>
    public required string Run { get; init; }

    /// <summary>Id of the season.</summary>
    public required string Season { get; init; }

    /// <summary>SHA-256 of the season's secret, hex.</summary>
    public required string Commitment { get; init; }

    /// <summary>What was played, by whom.</summary>
    public required RunSpec Request { get; init; }

    /// <summary>Whether odd scenes are common to all runs of the season; results of earlier versions do not say so, and
    /// theirs are.</summary>
    public bool SharesScenes { get; init; } = true;

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
    public required IReadOnlyList<SceneAnswer> Answers { get; init; }
}
