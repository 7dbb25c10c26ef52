using System.Text.Json.Serialization;

namespace PhysIntuition.Server.Batches;

/// <summary>The observation "info" of one slot.</summary>
/// <param name="ParseError">Why the text could not be read.</param>
/// <param name="Verdict">The step's verdict in a sentence.</param>
/// <param name="Distance">How far off the answer was, m.</param>
/// <param name="Margin">Static margin of the scene, block widths.</param>
internal sealed record SlotInfo(string? ParseError, string? Verdict, double? Distance, float? Margin)
{
    /// <summary>How it is written: snake case, nulls included.</summary>
    public static SlotInfoJson Json => SlotInfoJson.Default;
}

/// <summary>Source-generated JSON of <see cref="SlotInfo"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SlotInfo))]
internal sealed partial class SlotInfoJson : JsonSerializerContext;
