using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PhysIntuition.Vlm.Weights;

/// <summary>Writes a model's weights as one file or, above a size, as shards with an index.</summary>
public static class CheckpointWriter
{
    private const long DefaultShardBytes = 5_000_000_000;   // what published checkpoints use

    private static readonly Dictionary<string, string> s_metadata = new() { ["format"] = "pt" };
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Writes every tensor; each file atomically, the index last.</summary>
    /// <param name="folder">The model folder; created if absent.</param>
    /// <param name="tensors">What to write, in the model's order.</param>
    /// <param name="shardBytes">Most data bytes per file; one larger tensor gets a file of its own.</param>
    public static void Write(string folder, IEnumerable<TensorEntry> tensors, long shardBytes = DefaultShardBytes)
    {
        Directory.CreateDirectory(folder);
        var shards = Split(tensors, shardBytes);
        if (shards.Count == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, Checkpoint.SingleName), shards[0], s_metadata);
            File.Delete(Path.Combine(folder, Checkpoint.IndexName));   // an index wins over a single file
            return;
        }

        var weightMap = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < shards.Count; i++)
        {
            var name = $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors";
            SafetensorsWriter.Write(Path.Combine(folder, name), shards[i], s_metadata);
            shards[i].ForEach(tensor => weightMap.Add(tensor.Name, name));
        }

        WriteIndex(folder, weightMap, shards.Sum(shard => shard.Sum(tensor => tensor.ByteLength)));
    }

    private static List<List<TensorEntry>> Split(IEnumerable<TensorEntry> tensors, long shardBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shardBytes);
        var shards = new List<List<TensorEntry>> { new() };
        long used = 0;
        foreach (var tensor in tensors)
        {
            if (used > 0 && used + tensor.ByteLength > shardBytes)
            {
                shards.Add([]);
                used = 0;
            }

            shards[^1].Add(tensor);
            used += tensor.ByteLength;
        }

        return shards;
    }

    private static void WriteIndex(string folder, SortedDictionary<string, string> weightMap, long totalSize)
    {
        var index = new { metadata = new { total_size = totalSize }, weight_map = weightMap };
        AtomicFile.Write(Path.Combine(folder, Checkpoint.IndexName), stream =>
            JsonSerializer.Serialize(stream, index, s_indented));
    }
}

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
                throw new SafetensorsException(path,
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

/// <summary>One tensor to be written: what it is, and how to produce its bytes when its turn comes.</summary>
/// <remarks>Bytes are produced one tensor at a time, so a checkpoint need not lie in memory as a whole.</remarks>
public sealed class TensorEntry
{
    private readonly Action<Stream> _write;

    /// <summary>A tensor whose bytes a callback writes.</summary>
    /// <param name="name">Full name.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Extents, row-major.</param>
    /// <param name="write">Writes exactly <see cref="ByteLength"/> bytes.</param>
    public TensorEntry(string name, DType type, ReadOnlySpan<long> shape, Action<Stream> write)
    {
        Name = name;
        Type = type;
        Shape = shape.ToArray();
        ByteLength = type.Size();
        foreach (var extent in Shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent, nameof(shape));
            ByteLength = checked(ByteLength * extent);
        }

        _write = write;
    }

    /// <summary>Full name.</summary>
    public string Name { get; }

    /// <summary>Element type.</summary>
    public DType Type { get; }

    /// <summary>Extents, row-major.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Bytes of the tensor.</summary>
    public long ByteLength { get; }

    /// <summary>Elements in managed memory; T's size must be that of the type.</summary>
    /// <param name="name">Full name.</param>
    /// <param name="type">Element type, as it is in memory.</param>
    /// <param name="shape">Extents, row-major.</param>
    /// <param name="values">As many as the shape has elements; read when the file is written.</param>
    public static TensorEntry Of<T>(string name, DType type, ReadOnlySpan<long> shape, ReadOnlyMemory<T> values)
        where T : unmanaged
    {
        var entry = new TensorEntry(name, type, shape, stream => stream.Write(MemoryMarshal.AsBytes(values.Span)));
        if ((long)values.Length * Marshal.SizeOf<T>() != entry.ByteLength)
        {
            throw new ArgumentException(
                $"tensor '{name}' needs {entry.ByteLength} bytes; got {values.Length} values of {typeof(T).Name}.",
                nameof(values));
        }

        return entry;
    }

    internal void WriteTo(Stream stream)
    {
        var before = stream.Position;
        _write(stream);
        if (stream.Position - before != ByteLength)
        {
            throw new InvalidOperationException(
                $"Tensor '{Name}' wrote {stream.Position - before} bytes; its type and shape need {ByteLength}.");
        }
    }
}
