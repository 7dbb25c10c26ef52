using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PhysIntuition.Environments.Observations;

/// <summary>The observation "info" of one slot: what is said about its last answer, as JSON.</summary>
/// <remarks>Nothing that is known before an answer stands in it.</remarks>
public static class SlotInfo
{
    private static readonly string s_nothing = Write(null, null, null);

    // Verdicts are a few constant sentences, given by the thousand.
    private static readonly ConcurrentDictionary<string, string> s_verdicts = new();

    /// <summary>The JSON object.</summary>
    /// <param name="parseError">Why the text could not be read.</param>
    /// <param name="verdict">The step's verdict in a sentence.</param>
    /// <param name="distance">How far off the answer was, m; NaN where that means nothing.</param>
    public static string Text(string? parseError, string? verdict, double distance) =>
        (parseError, verdict, double.IsFinite(distance)) switch
        {
            (null, null, false) => s_nothing,
            (null, { } words, false) => s_verdicts.GetOrAdd(words, static words => Write(null, words, null)),
            var (_, _, isFinite) => Write(parseError, verdict, isFinite ? distance : null),
        };

    private static string Write(string? parseError, string? verdict, double? distance) => JsonSerializer.Serialize(
        new AnswerInfo(parseError, verdict, distance), AnswerInfoJson.Default.AnswerInfo);
}

/// <summary>The fields of the object.</summary>
/// <param name="ParseError">Why the text could not be read.</param>
/// <param name="Verdict">The step's verdict in a sentence.</param>
/// <param name="Distance">How far off the answer was, m.</param>
internal sealed record AnswerInfo(string? ParseError, string? Verdict, double? Distance);

/// <summary>Source-generated JSON of <see cref="AnswerInfo"/>: snake case, nulls included.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AnswerInfo))]
internal sealed partial class AnswerInfoJson : JsonSerializerContext;
