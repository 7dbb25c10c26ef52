using System.Buffers;
using System.Text.Json;

namespace PhysIntuition.Leaderboard;

/// <summary>A whole leaderboard as one file: seasons as anybody may know them, and signed results.</summary>
/// <param name="Seasons">All seasons; secrets of those that are over.</param>
/// <param name="Results">Results of all closed runs.</param>
public sealed record ResultArchive(IReadOnlyList<Season> Seasons, IReadOnlyList<ResultFile> Results)
{
    private const int Newest = 2;   // grows when fields change their meaning; results have a format of their own

    /// <summary>The file's text; results stand in it byte for byte.</summary>
    public string ToJson()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(
            bytes, new JsonWriterOptions { Indented = true, IndentSize = 1, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format", Newest);
            writer.WritePropertyName("seasons");
            JsonSerializer.Serialize(writer, Seasons, ResultFile.Options);
            writer.WriteStartArray("results");
            foreach (var result in Results)
            {
                writer.WriteRawValue(result.Json.Trim());
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Reads a file of any format.</summary>
    /// <param name="json">Its text.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="PhysIntuitionException">It is none.</exception>
    public static ResultArchive Parse(string json, string name)
    {
        try
        {
            var file = JsonSerializer.Deserialize<Fields>(json, ResultFile.Options) ?? throw new JsonException("null");
            return file.Format is 1 or Newest
                ? new ResultArchive(file.Seasons, [.. file.Results.Select(ResultFile.Parse)])
                : throw new JsonException($"it has no 'format' from 1 to {Newest}");
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "file",
                $"'{name}' is no file of 'leaderboard export': {wrong.Message.TrimEnd('.')}.");
        }
    }

    private sealed record Fields(int Format, IReadOnlyList<Season> Seasons, IReadOnlyList<JsonElement> Results);
}
