using System.Text.Json;

namespace PhysIntuition.Vlm.Tokenization;

/// <summary>Reads a tokenizer.json and refuses, by name, every setting that it would otherwise ignore.</summary>
internal sealed class TokenizerFile
{
    private readonly string _path;

    private TokenizerFile(JsonElement root, string path)
    {
        _path = path;
        var model = root.GetProperty("model");
        RequireByteLevel(root, "decoder");
        RequireByteLevel(root, "post_processor");
        RequirePlainModel(model);
        Vocabulary = Vocabulary.Create(ReadVocabulary(model), ReadMerges(model), Fault);
        AddedTokens = [.. root.GetProperty("added_tokens").EnumerateArray().Select(ReadAddedToken)];
        NextPiece = ReadPreTokenizer(root.GetProperty("pre_tokenizer"));
        IsComposed = ReadNormalizer(root);
    }

    public Vocabulary Vocabulary { get; }

    public IReadOnlyList<AddedToken> AddedTokens { get; }

    public NextPiece NextPiece { get; }

    /// <summary>Whether text is brought into form C first.</summary>
    public bool IsComposed { get; }

    public static TokenizerFile Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            return new TokenizerFile(document.RootElement, path);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw new InvalidDataException($"{path}: not a tokenizer.json: {error.Message}", error);
        }
    }

    private InvalidDataException Fault(string message) => new($"{_path}: {message}");

    private void RequireByteLevel(JsonElement root, string field)
    {
        var isAbsent = !root.TryGetProperty(field, out var part) || part.ValueKind == JsonValueKind.Null;
        if (!isAbsent && TypeOf(part) != "ByteLevel")
        {
            throw Fault($"{field} is '{TypeOf(part)}'; only ByteLevel, or none, can be read.");
        }
    }

    private void RequirePlainModel(JsonElement model)
    {
        if (TypeOf(model) != "BPE")
        {
            throw Fault($"model is '{TypeOf(model)}'; only BPE can be read.");
        }

        string[] mustBeEmpty =
        [
            "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback",
            "ignore_merges",
        ];
        foreach (var field in mustBeEmpty)
        {
            if (model.TryGetProperty(field, out var value) && !IsEmpty(value))
            {
                throw Fault($"model.{field} is {value.GetRawText()}; only an absent, empty or false one can be read.");
            }
        }
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind is JsonValueKind.Null or JsonValueKind.False
        || (value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0);

    private static Dictionary<string, int> ReadVocabulary(JsonElement model) =>
        model.GetProperty("vocab").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt32());

    private List<(string Left, string Right)> ReadMerges(JsonElement model)
    {
        var merges = new List<(string, string)>();
        foreach (var entry in model.GetProperty("merges").EnumerateArray())
        {
            var parts = entry.ValueKind == JsonValueKind.Array
                ? [.. entry.EnumerateArray().Select(part => part.GetString()!)]
                : entry.GetString()!.Split(' ');
            merges.Add(parts.Length == 2
                ? (parts[0], parts[1])
                : throw Fault($"model.merges[{merges.Count}] is {entry.GetRawText()}; must be two tokens."));
        }

        return merges;
    }

    private AddedToken ReadAddedToken(JsonElement entry)
    {
        var content = entry.GetProperty("content").GetString()!;
        foreach (var field in (string[])["single_word", "lstrip", "rstrip"])
        {
            if (entry.TryGetProperty(field, out var value) && value.GetBoolean())
            {
                throw Fault($"added token '{content}' has {field}; only false can be read.");
            }
        }

        return content.Length > 0
            ? new AddedToken(entry.GetProperty("id").GetInt32(), content, entry.GetProperty("special").GetBoolean())
            : throw Fault("an added token has empty content.");
    }

    private NextPiece ReadPreTokenizer(JsonElement part)
    {
        // Either ByteLevel with its own pattern, or Split by a pattern and ByteLevel without one.
        var steps = TypeOf(part) == "Sequence" ? part.GetProperty("pretokenizers").EnumerateArray().ToArray() : [part];
        var byteLevel = steps[^1];
        if (TypeOf(byteLevel) != "ByteLevel" || byteLevel.GetProperty("add_prefix_space").GetBoolean())
        {
            throw Fault("pre_tokenizer must end with ByteLevel, add_prefix_space false.");
        }

        var usesOwnPattern = !byteLevel.TryGetProperty("use_regex", out var regex) || regex.GetBoolean();
        if (usesOwnPattern && steps.Length == 1)
        {
            return PreTokenizer.NextGpt2;
        }

        var split = steps[0];
        if (usesOwnPattern || steps.Length != 2 || TypeOf(split) != "Split"
            || split.GetProperty("behavior").GetString() != "Isolated" || split.GetProperty("invert").GetBoolean())
        {
            throw Fault("pre_tokenizer must be ByteLevel, or Split (Isolated) and ByteLevel without use_regex.");
        }

        var pattern = split.GetProperty("pattern").GetProperty("Regex").GetString()!;
        return PreTokenizer.For(pattern) ?? throw Fault($"pre_tokenizer splits by an unknown pattern: {pattern}");
    }

    private bool ReadNormalizer(JsonElement root)
    {
        if (!root.TryGetProperty("normalizer", out var part) || part.ValueKind == JsonValueKind.Null)
        {
            return false;
        }

        return TypeOf(part) == "NFC" ? true : throw Fault($"normalizer is '{TypeOf(part)}'; only NFC can be read.");
    }

    private static string TypeOf(JsonElement part) => part.GetProperty("type").GetString() ?? "null";
}
