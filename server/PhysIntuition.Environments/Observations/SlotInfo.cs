using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
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
    private static readonly byte[] s_nothingAsUtf8 = Encoding.UTF8.GetBytes(s_nothing);

    // Verdicts are a few constant sentences, given by the thousand.
    private static readonly ConcurrentDictionary<string, VerdictTexts> s_verdicts = new();

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

    /// <summary>Writes the same as UTF-8.</summary>
    /// <inheritdoc cref="Text"/>
    public static void Write(string? parseError, string? verdict, double distance, IBufferWriter<byte> target)
    {
        switch (parseError, verdict, double.IsFinite(distance))
        {
            case (null, null, false):
                target.Write(s_nothingAsUtf8);
                break;
            case (null, { } words, false):
                target.Write(TextsOf(words).WholeAsUtf8);
                break;
            case (null, { } words, true):
                target.Write(TextsOf(words).BeginAsUtf8);
                var span = target.GetSpan(LongestNumber);
                distance.TryFormat(span, out var length, "R", CultureInfo.InvariantCulture);
                span[length] = (byte)'}';
                target.Advance(length + 1);
                break;
            default:
                Encoding.UTF8.GetBytes(Text(parseError, verdict, distance), target);
                break;
        }
    }

    // Distances differ from answer to answer; what stands before them does not.
    private static VerdictTexts TextsOf(string words) => s_verdicts.GetOrAdd(words, static words =>
    {
        var whole = new SlotInfo(null, words, null).ToJson();
        var begin = whole[..^"null}".Length];
        return new VerdictTexts(whole, begin, Encoding.UTF8.GetBytes(whole), Encoding.UTF8.GetBytes(begin));
    });

    private string ToJson() => JsonSerializer.Serialize(this, SlotInfoJson.Default.SlotInfo);

    // What is written of a verdict without a distance, and before one.
    private sealed record VerdictTexts(string Whole, string Begin, byte[] WholeAsUtf8, byte[] BeginAsUtf8);
}

/// <summary>Source-generated JSON of <see cref="SlotInfo"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SlotInfo))]
public sealed partial class SlotInfoJson : JsonSerializerContext;
