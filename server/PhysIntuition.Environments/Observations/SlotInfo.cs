using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PhysIntuition.Environments.Observations;

/// <summary>The observation "info" of one slot: what is said about its last answer. Nothing that is known before an
/// answer stands in it.</summary>
/// <param name="ParseError">Why the text could not be read.</param>
/// <param name="Verdict">The step's verdict in a sentence.</param>
/// <param name="Distance">How far off the answer was, m.</param>
public sealed record SlotInfo(
    [property: JsonPropertyName("parse_error")] string? ParseError, string? Verdict, double? Distance)
{
    private const int LongestNumber = 32;   // characters

    private static readonly string s_nothing = new SlotInfo(null, null, null).ToJson();

    // Verdicts are a few constant sentences, given by the thousand.
    private static readonly ConcurrentDictionary<string, VerdictTexts> s_verdicts = new();

    /// <summary>How it is written: snake case, nulls included.</summary>
    public static SlotInfoJson Json => SlotInfoJson.Default;

    /// <summary>The JSON object.</summary>
    /// <param name="parseError">Why the text could not be read.</param>
    /// <param name="verdict">The step's verdict in a sentence.</param>
    /// <param name="distance">How far off the answer was, m; NaN where that means nothing.</param>
    public static string Text(string? parseError, string? verdict, double distance) =>
        Begin(parseError, verdict, distance, out var isWhole) is var begin && isWhole
            ? begin
            : string.Create(CultureInfo.InvariantCulture, $"{begin}{distance:R}}}");

    /// <summary>Writes the same as UTF-8.</summary>
    /// <inheritdoc cref="Text"/>
    public static void Write(string? parseError, string? verdict, double distance, IBufferWriter<byte> target)
    {
        Encoding.UTF8.GetBytes(Begin(parseError, verdict, distance, out var isWhole), target);
        if (!isWhole)
        {
            var span = target.GetSpan(LongestNumber);
            distance.TryFormat(span, out var length, "R", CultureInfo.InvariantCulture);
            span[length] = (byte)'}';
            target.Advance(length + 1);
        }
    }

    // Distances differ from answer to answer; what stands before them does not.
    private static string Begin(string? parseError, string? verdict, double distance, out bool isWhole)
    {
        var isFinite = double.IsFinite(distance);
        isWhole = !isFinite || parseError is not null || verdict is null;
        return (parseError, verdict, isFinite) switch
        {
            (null, null, false) => s_nothing,
            (null, { } words, _) => isWhole ? TextsOf(words).Whole : TextsOf(words).Begin,
            _ => new SlotInfo(parseError, verdict, isFinite ? distance : null).ToJson(),
        };
    }

    private static VerdictTexts TextsOf(string words) => s_verdicts.GetOrAdd(words, static words =>
    {
        var whole = new SlotInfo(null, words, null).ToJson();
        return new VerdictTexts(whole, whole[..^"null}".Length]);
    });

    private string ToJson() => JsonSerializer.Serialize(this, SlotInfoJson.Default.SlotInfo);

    // What is written of a verdict without a distance, and before one.
    private sealed record VerdictTexts(string Whole, string Begin);
}

/// <summary>Source-generated JSON of <see cref="SlotInfo"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SlotInfo))]
public sealed partial class SlotInfoJson : JsonSerializerContext;
