namespace PhysIntuition.Vlm.Weights;

/// <summary>All weights of a model folder: one model.safetensors, or shards with an index.</summary>
public sealed class Checkpoint : ITensorSource, IDisposable
{
    /// <summary>The name of an unsharded model's file.</summary>
    public const string SingleName = "model.safetensors";

    /// <summary>The name of a sharded model's index.</summary>
    public const string IndexName = "model.safetensors.index.json";

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _owner = [];

    private Checkpoint()
    {
    }

    /// <summary>The mapped files, in the order of their names.</summary>
    public IReadOnlyList<SafetensorsFile> Files => _files;

    /// <inheritdoc/>
    public IEnumerable<string> Names => _files.SelectMany(file => file.Names);

    /// <summary>Opens a folder, an index, or a single file.</summary>
    /// <param name="path">A model folder, a .index.json or a .safetensors file.</param>
    /// <exception cref="SafetensorsException">Index and shards disagree, or a file breaks the format.</exception>
    /// <exception cref="FileNotFoundException">The folder holds neither of the two files.</exception>
    public static Checkpoint Open(string path)
    {
        var checkpoint = new Checkpoint();
        try
        {
            checkpoint.Add(Locate(path));
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool Contains(string name) => _owner.ContainsKey(name);

    /// <inheritdoc/>
    public TensorView Get(string name) => _owner.TryGetValue(name, out var file)
        ? file.Get(name)
        : throw new SafetensorsException(_files[0].Path,
            $"tensor '{name}' is in none of the checkpoint's {_files.Count} file(s).");

    /// <summary>Unmaps every file.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private static string Locate(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        var index = Path.Combine(path, IndexName);
        var single = Path.Combine(path, SingleName);
        return File.Exists(index) ? index
            : File.Exists(single) ? single
            : throw new FileNotFoundException($"{path} holds neither {SingleName} nor {IndexName}.", single);
    }

    private void Add(string path)
    {
        if (path.EndsWith(".json", StringComparison.Ordinal))
        {
            AddShards(path);
        }
        else
        {
            AddFile(path);
        }
    }

    private void AddFile(string path)
    {
        var file = new SafetensorsFile(path);
        _files.Add(file);
        foreach (var name in file.Names)
        {
            if (!_owner.TryAdd(name, file))
            {
                throw new SafetensorsException(path,
                    $"tensor '{name}' is also in {_owner[name].Path}; it must be in one shard only.");
            }
        }
    }

    private void AddShards(string index)
    {
        var folder = Path.GetDirectoryName(index)!;
        var shardOf = ReadIndex(index);
        if (shardOf.Count == 0)
        {
            throw new SafetensorsException(index, "the index names no tensor.");
        }

        var shards = new SortedSet<string>(shardOf.Values, StringComparer.Ordinal);
        foreach (var shard in shards)
        {
            AddFile(Path.Combine(folder, CheckShardName(shard, index)));
        }

        foreach (var (name, shard) in shardOf.OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            if (!_owner.TryGetValue(name, out var file) || Path.GetFileName(file.Path) != shard)
            {
                throw new SafetensorsException(index,
                    $"the index puts tensor '{name}' into {shard}, which does not hold it.");
            }
        }

        foreach (var name in _owner.Keys.Order(StringComparer.Ordinal))
        {
            if (!shardOf.ContainsKey(name))
            {
                throw new SafetensorsException(index,
                    $"{_owner[name].Path} holds tensor '{name}', which the index does not name.");
            }
        }
    }

    private static Dictionary<string, string> ReadIndex(string index)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(index));
            return document.RootElement.GetProperty("weight_map").EnumerateObject()
                .ToDictionary(item => item.Name, item => item.Value.GetString() ?? "");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException
            or ArgumentException)
        {
            throw new SafetensorsException(index,
                $"not a usable index; it needs an object 'weight_map' of tensor to file: {error.Message}");
        }
    }

    private static string CheckShardName(string shard, string index) =>
        shard == Path.GetFileName(shard) && shard is not ("" or "." or "..") && !shard.Contains('\0')
            ? shard
            : throw new SafetensorsException(index,
                $"the index names shard '{shard}'; must be a plain file name in the same folder.");
}

/// <summary>Named tensors: one file, or all shards of a checkpoint.</summary>
public interface ITensorSource
{
    /// <summary>Every tensor's name.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>Whether a tensor of this name is there.</summary>
    bool Contains(string name);

    /// <summary>A view of one tensor; copies nothing.</summary>
    /// <exception cref="SafetensorsException">There is no such tensor.</exception>
    TensorView Get(string name);
}
