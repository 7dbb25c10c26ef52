namespace PhysIntuition.Vlm.Models;

/// <summary>How pictures become patches; the content of preprocessor_config.json.</summary>
public sealed record ImageOptions
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "preprocessor_config.json";

    /// <summary>Pixels along one patch.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>Frames in one patch.</summary>
    public int TemporalPatchSize { get; init; } = 2;

    /// <summary>Patches along one token.</summary>
    public int MergeSize { get; init; } = 2;

    /// <summary>Fewest pixels of a picture.</summary>
    public long MinPixels { get; init; } = 65536;

    /// <summary>Most pixels of a picture.</summary>
    public long MaxPixels { get; init; } = 16777216;

    /// <summary>Mean of each channel, of samples scaled to 0..1.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0.5, 0.5, 0.5];

    /// <summary>Standard deviation of each channel, likewise.</summary>
    public IReadOnlyList<double> Deviation { get; init; } = [0.5, 0.5, 0.5];

    /// <summary>Pixels along one token.</summary>
    public int TokenSize => PatchSize * MergeSize;

    /// <summary>Reads a preprocessor_config.json, or the one in a model folder.</summary>
    /// <exception cref="InvalidDataException">The file asks for something that is not carried out here.</exception>
    public static ImageOptions Load(string path)
    {
        path = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(document.RootElement, path);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw new InvalidDataException($"{path}: not a preprocessor_config.json: {error.Message}", error);
        }
    }

    private static ImageOptions Read(JsonElement root, string path)
    {
        RequireDefaults(root, path);
        var options = new ImageOptions
        {
            PatchSize = root.GetProperty("patch_size").GetInt32(),
            TemporalPatchSize = root.GetProperty("temporal_patch_size").GetInt32(),
            MergeSize = root.GetProperty("merge_size").GetInt32(),
            MinPixels = Pixels(root, "min_pixels", "shortest_edge"),
            MaxPixels = Pixels(root, "max_pixels", "longest_edge"),
            Mean = Channels(root, "image_mean", path),
            Deviation = Channels(root, "image_std", path),
        };
        var isPositive = options is { PatchSize: > 0, TemporalPatchSize: > 0, MergeSize: > 0, MinPixels: > 0 };
        return isPositive && options.MinPixels <= options.MaxPixels
            ? options
            : throw new InvalidDataException($"{path}: sizes must be positive, and min_pixels at most max_pixels.");
    }

    // Newer files write pixel counts as "size": {"shortest_edge": ..., "longest_edge": ...}.
    private static long Pixels(JsonElement root, string name, string sizeName) =>
        root.TryGetProperty(name, out var pixels) && pixels.ValueKind == JsonValueKind.Number
            ? pixels.GetInt64()
            : root.GetProperty("size").GetProperty(sizeName).GetInt64();

    private static double[] Channels(JsonElement root, string name, string path)
    {
        var values = root.GetProperty(name).EnumerateArray().Select(value => value.GetDouble()).ToArray();
        return values.Length == RgbImage.Channels
            ? values
            : throw new InvalidDataException($"{path}: {name} has {values.Length} numbers; must have 3.");
    }

    private static void RequireDefaults(JsonElement root, string path)
    {
        foreach (var name in (string[])["do_resize", "do_rescale", "do_normalize", "do_convert_rgb"])
        {
            if (root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.False)
            {
                throw new InvalidDataException($"{path}: {name} is false; only true can be carried out.");
            }
        }

        const int bicubic = 3;
        if (root.TryGetProperty("resample", out var filter) && filter.GetInt32() != bicubic)
        {
            throw new InvalidDataException($"{path}: resample is {filter}; only 3 (bicubic) can be carried out.");
        }

        if (root.TryGetProperty("rescale_factor", out var factor) && Math.Abs((factor.GetDouble() * 255) - 1) > 1e-9)
        {
            throw new InvalidDataException($"{path}: rescale_factor is {factor}; only 1/255 can be carried out.");
        }
    }
}
