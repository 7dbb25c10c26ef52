using System.Buffers.Binary;
using System.Text.Json;

namespace PhysIntuition.Vlm.Safetensors;

/// <summary>Writes safetensors files that every other reader loads.</summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;   // so that the data section of a mapped file is aligned

    /// <summary>Writes one file atomically; tensors are ordered widest type first, then by name.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">What to write; names must differ.</param>
    /// <param name="metadata">Free text for the header, for example {"format": "pt"}.</param>
    public static void Write(
        string path, IEnumerable<TensorEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors
            .OrderByDescending(tensor => tensor.Type.Size())
            .ThenBy(tensor => tensor.Name, StringComparer.Ordinal)
            .ToArray();
        var header = Header(ordered, metadata, path);

        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var tensor in ordered)
            {
                tensor.WriteTo(stream);
            }
        });
    }

    private static byte[] Header(
        TensorEntry[] tensors, IReadOnlyDictionary<string, string>? metadata, string path)
    {
        using var json = new MemoryStream();
        json.Write(stackalloc byte[SafetensorsHeader.PrefixBytes]);
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            WriteMetadata(writer, metadata);
            WriteTensors(writer, tensors, path);
            writer.WriteEndObject();
        }

        while (json.Length % Alignment != 0)
        {
            json.WriteByte((byte)' ');
        }

        var bytes = json.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - SafetensorsHeader.PrefixBytes);
        return bytes;
    }

    private static void WriteMetadata(Utf8JsonWriter writer, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null)
        {
            return;
        }

        writer.WriteStartObject("__metadata__");
        foreach (var (key, value) in metadata.OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteTensors(Utf8JsonWriter writer, TensorEntry[] tensors, string path)
    {
        var seen = new HashSet<string>();
        long position = 0;
        foreach (var tensor in tensors)
        {
            if (!seen.Add(tensor.Name))
            {
                throw new SafetensorsException(SafetensorsError.DuplicateTensor, path,
                    $"tensor '{tensor.Name}' was given twice; names must differ.");
            }

            writer.WriteStartObject(tensor.Name);
            writer.WriteString("dtype", tensor.Type.HeaderName());
            writer.WriteStartArray("shape");
            foreach (var extent in tensor.Shape)
            {
                writer.WriteNumberValue(extent);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("data_offsets");
            writer.WriteNumberValue(position);
            writer.WriteNumberValue(position += tensor.ByteLength);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }
}
