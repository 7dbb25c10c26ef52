using System.Text.Json;

namespace PhysIntuition.Vlm.Safetensors;

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
