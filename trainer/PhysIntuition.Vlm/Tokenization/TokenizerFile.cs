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
        (Vocabulary, Bytes) = ReadVocabulary(model);
        Merges = [.. ReadMerges(model).Distinct()];
        AddedTokens = [.. root.GetProperty("added_tokens").EnumerateArray().Select(ReadAddedToken)];
        PreTokenizer = ReadPreTokenizer(root.GetProperty("pre_tokenizer"));
        IsComposed = ReadNormalizer(root);
    }

    /// <summary>Tokens in the byte alphabet, and their ids.</summary>
    public Dictionary<string, int> Vocabulary { get; }

    /// <summary>The bytes of every id; null where it is not used.</summary>
    public byte[]?[] Bytes { get; }

    /// <summary>Pairs with a space between, the most urgent first.</summary>
    public IReadOnlyList<string> Merges { get; }

    public IReadOnlyList<AddedToken> AddedTokens { get; }

    public CodePointPreTokenizer PreTokenizer { get; }

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

    private (Dictionary<string, int> Ids, byte[]?[] Bytes) ReadVocabulary(JsonElement model)
    {
        var ids = model.GetProperty("vocab").EnumerateObject()
            .ToDictionary(entry => entry.Name, entry => entry.Value.GetInt32());
        var bytes = new byte[]?[ids.Count == 0 ? 0 : ids.Values.Max() + 1];
        foreach (var (token, id) in ids)
        {
            if (id < 0 || !ByteAlphabet.TryToBytes(token, out bytes[id]!))
            {
                throw Fault($"model.vocab entry '{token}' (id {id}) is not in the byte-level alphabet.");
            }
        }

        for (var value = 0; value < 256; value++)
        {
            if (!ids.ContainsKey(ByteAlphabet.ToCharacter((byte)value).ToString()))
            {
                throw Fault($"model.vocab lacks byte {value}; a byte-level vocabulary has all 256.");
            }
        }

        return (ids, bytes);
    }

    private IEnumerable<string> ReadMerges(JsonElement model)
    {
        var rank = 0;
        foreach (var entry in model.GetProperty("merges").EnumerateArray())
        {
            var parts = entry.ValueKind == JsonValueKind.Array
                ? [.. entry.EnumerateArray().Select(part => part.GetString()!)]
                : entry.GetString()!.Split(' ');
            if (parts is not [var left, var right])
            {
                throw Fault($"model.merges[{rank}] is {entry.GetRawText()}; must be two tokens.");
            }

            if (!((string[])[left, right, left + right]).All(Vocabulary.ContainsKey))
            {
                throw Fault($"model.merges[{rank}] joins '{left}' and '{right}'; both and '{left}{right}' must be "
                    + "in model.vocab.");
            }

            yield return $"{left} {right}";
            rank++;
        }
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

    private CodePointPreTokenizer ReadPreTokenizer(JsonElement part)
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
            return CodePointPreTokenizer.Gpt2;
        }

        var split = steps[0];
        if (usesOwnPattern || steps.Length != 2 || TypeOf(split) != "Split"
            || split.GetProperty("behavior").GetString() != "Isolated" || split.GetProperty("invert").GetBoolean())
        {
            throw Fault("pre_tokenizer must be ByteLevel, or Split (Isolated) and ByteLevel without use_regex.");
        }

        var pattern = split.GetProperty("pattern").GetProperty("Regex").GetString()!;
        return CodePointPreTokenizer.For(pattern)
            ?? throw Fault($"pre_tokenizer splits by an unknown pattern: {pattern}");
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
