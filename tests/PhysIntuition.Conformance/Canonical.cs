using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Client;

namespace PhysIntuition.Conformance;

/// <summary>The canonical form of transcripts.</summary>
internal static class Canonical
{
    private const int LongestHex = 32;   // bytes; longer ones are hashed

    private static readonly JsonSerializerOptions s_json =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line: keys in order, no white space.</summary>
    public static string Line(JsonNode node) => Sorted(node)!.ToJsonString(s_json);

    public static string Bytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= LongestHex ? Convert.ToHexStringLower(bytes) : Digest(bytes);

    public static JsonArray Observations(Observations observations) =>
        new([.. observations.Select(JsonNode? (observation) => Observation(observation))]);

    /// <summary>Chunks of a column as one observation.</summary>
    public static JsonObject Column(string name, IReadOnlyList<(Observation Chunk, int Rows)> chunks)
    {
        var first = chunks[0].Chunk;
        return Observation(new Observation(name)
        {
            Type = first.Type,
            Shape = first.Shape.Count == 0 ? [] : [chunks.Sum(chunk => chunk.Rows), .. first.Shape.Skip(1)],
            Bytes = Join(chunks.Where(part => part.Chunk.Shape.Count > 0).Select(part =>
                part.Chunk.Bytes[..(part.Chunk.Bytes.Length / part.Chunk.Shape[0] * part.Rows)])),
            Files = [.. chunks.SelectMany(part => part.Chunk.Files.Take(part.Rows))],
            Texts = [.. chunks.SelectMany(part => part.Chunk.Texts.Take(part.Rows))],
        });
    }

    private static JsonObject Observation(Observation observation) => observation switch
    {
        { Shape.Count: > 0 } => new JsonObject
        {
            ["name"] = observation.Name,
            ["type"] = observation.Type.ToString().ToLowerInvariant(),
            ["shape"] = new JsonArray([.. observation.Shape.Select(axis => (JsonNode)axis)]),
            ["data"] = Bytes(observation.Bytes.Span),
        },
        { Files.Count: > 0 } => new JsonObject
        {
            ["name"] = observation.Name,
            ["files"] = observation.Files.Count,
            ["data"] = Digest(Join(observation.Files)),
        },
        _ => new JsonObject
        {
            ["name"] = observation.Name,
            ["texts"] = observation.Texts.Count,
            ["data"] = Digest(Encoding.UTF8.GetBytes(string.Concat(observation.Texts.Select(text => text + '\0')))),
        },
    };

    private static string Digest(ReadOnlySpan<byte> bytes) =>
        $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}";

    private static byte[] Join(IEnumerable<ReadOnlyMemory<byte>> parts) =>
        [.. parts.SelectMany(part => part.ToArray())];

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members
            .OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
