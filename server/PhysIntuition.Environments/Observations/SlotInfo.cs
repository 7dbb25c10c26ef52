using System.Collections.Concurrent;
using System.Globalization;
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
    private static readonly string s_nothing = new SlotInfo(null, null, null).ToJson();

    // Verdicts are a few constant sentences, given by the thousand.
    private static readonly ConcurrentDictionary<string, (string Whole, string Begin)> s_verdicts = new();

    /// <summary>How it is written: snake case, nulls included.</summary>
    public static SlotInfoJson Json => SlotInfoJson.Default;

    /// <summary>The JSON object.</summary>
    /// <param name="parseError">Why the text could not be read.</param>
    /// <param name="verdict">The step's verdict in a sentence.</param>
    /// <param name="distance">How far off the answer was, m; NaN where that means nothing.</param>
    public static string Text(string? parseError, string? verdict, double distance) =>
        (parseError, verdict, double.IsFinite(distance)) switch
        {
            (null, null, false) => s_nothing,
            (null, { } words, false) => TextsOf(words).Whole,
            (null, { } words, true) => string.Create(
                CultureInfo.InvariantCulture, $"{TextsOf(words).Begin}{distance:R}}}"),
            var (_, _, isFinite) => new SlotInfo(parseError, verdict, isFinite ? distance : null).ToJson(),
        };

    // Distances differ from answer to answer; what stands before them does not.
    private static (string Whole, string Begin) TextsOf(string words) => s_verdicts.GetOrAdd(words, static words =>
    {
        var whole = new SlotInfo(null, words, null).ToJson();
        return (whole, whole[..^"null}".Length]);
    });

    private string ToJson() => JsonSerializer.Serialize(this, SlotInfoJson.Default.SlotInfo);
}

/// <summary>Source-generated JSON of <see cref="SlotInfo"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SlotInfo))]
public sealed partial class SlotInfoJson : JsonSerializerContext;
