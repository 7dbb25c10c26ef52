namespace PhysIntuition.Vlm.Tokenization;

/// <summary>Learns a small byte-level vocabulary from texts and writes it as a tokenizer.json.</summary>
/// <remarks>Sennrich, Haddow, Birch 2016, algorithm 1; equal counts are broken by the smaller pair, so the result is
/// a pure function of the texts.</remarks>
public static class BytePairLearner
{
    private static readonly string[] s_special =
    [
        "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>",
        "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
    ];

    /// <summary>Learns merges and writes the file; special tokens get the ids behind the last merge.</summary>
    /// <param name="path">The tokenizer.json to create or replace.</param>
    /// <param name="texts">Typical texts; special tokens in them are ordinary text here.</param>
    /// <param name="merges">Most merges; learning ends earlier where no pair occurs twice.</param>
    public static void Write(string path, IEnumerable<string> texts, int merges)
    {
        var words = Words(texts);
        var vocabulary = Enumerable.Range(0, 256).Select(value => ByteAlphabet.ToCharacter((byte)value).ToString())
            .Order(StringComparer.Ordinal).ToList();
        var learned = new List<(string Left, string Right)>();
        while (learned.Count < merges && MostFrequent(words) is { } pair)
        {
            learned.Add(pair);
            vocabulary.Add(pair.Left + pair.Right);
            foreach (var (parts, _) in words)
            {
                Join(parts, pair);
            }
        }

        AtomicFile.Write(path, stream => WriteJson(stream, vocabulary, learned));
    }

    private static List<(List<string> Parts, int Count)> Words(IEnumerable<string> texts)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var rest = CanonicalComposition.Normalize(text).AsSpan();
            while (rest.Length > 0)
            {
                var word = rest[..CodePointPreTokenizer.NextQwen(rest)].ToString();
                counts[word] = counts.GetValueOrDefault(word) + 1;
                rest = rest[word.Length..];
            }
        }

        return [.. counts.Select(entry => (Encoding.UTF8.GetBytes(entry.Key)
            .Select(value => ByteAlphabet.ToCharacter(value).ToString()).ToList(), entry.Value))];
    }

    private static (string Left, string Right)? MostFrequent(List<(List<string> Parts, int Count)> words)
    {
        var counts = new Dictionary<(string Left, string Right), int>();
        foreach (var (parts, count) in words)
        {
            for (var i = 0; i + 1 < parts.Count; i++)
            {
                var pair = (parts[i], parts[i + 1]);
                counts[pair] = counts.GetValueOrDefault(pair) + count;
            }
        }

        return counts.Where(entry => entry.Value > 1)
            .OrderByDescending(entry => entry.Value)
            .ThenBy(entry => entry.Key.Left, StringComparer.Ordinal)
            .ThenBy(entry => entry.Key.Right, StringComparer.Ordinal)
            .Select(entry => ((string, string)?)entry.Key)
            .FirstOrDefault();
    }

    private static void Join(List<string> parts, (string Left, string Right) pair)
    {
        for (var i = 0; i + 1 < parts.Count; i++)
        {
            if (parts[i] == pair.Left && parts[i + 1] == pair.Right)
            {
                parts[i] += parts[i + 1];
                parts.RemoveAt(i + 1);
            }
        }
    }

    private static void WriteJson(Stream stream, List<string> vocabulary, List<(string Left, string Right)> merges)
    {
        object byteLevel = new { type = "ByteLevel", add_prefix_space = false, use_regex = false };
        var pattern = new { Regex = CodePointPreTokenizer.QwenPattern };
        object split = new { type = "Split", pattern, behavior = "Isolated", invert = false };
        var tokenizer = new
        {
            version = "1.0",
            added_tokens = s_special.Select((content, i) => new
            {
                id = vocabulary.Count + i, content, single_word = false, lstrip = false, rstrip = false,
                normalized = false, special = true,
            }),
            normalizer = new { type = "NFC" },
            pre_tokenizer = new { type = "Sequence", pretokenizers = new[] { split, byteLevel } },
            decoder = byteLevel,
            model = new
            {
                type = "BPE",
                vocab = vocabulary.Select((token, id) => (token, id)).ToDictionary(item => item.token, item => item.id),
                merges = merges.Select(merge => new[] { merge.Left, merge.Right }),
            },
        };
        JsonSerializer.Serialize(stream, tokenizer);
    }
}

/// <summary>The printable character that stands for each byte in a byte-level vocabulary.</summary>
/// <remarks>
/// Printable Latin-1 bytes stand for themselves; the other 68, in increasing order, are U+0100 onwards, so a
/// space is "Ġ" and a line feed "Ċ" (Radford et al., Language Models are Unsupervised Multitask Learners, 2019).
/// </remarks>
internal static class ByteAlphabet
{
    private const int FirstSubstitute = 0x100;

    private static readonly char[] s_characters = new char[256];
    private static readonly Dictionary<char, byte> s_bytes = [];

    static ByteAlphabet()
    {
        var next = (char)FirstSubstitute;
        for (var value = 0; value < 256; value++)
        {
            var isPrintable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            s_characters[value] = isPrintable ? (char)value : next++;
            s_bytes[s_characters[value]] = (byte)value;
        }
    }

    public static char ToCharacter(byte value) => s_characters[value];

    /// <summary>The bytes of a vocabulary entry; false if a character stands for none.</summary>
    public static bool TryToBytes(string token, out byte[] bytes)
    {
        bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (!s_bytes.TryGetValue(token[i], out bytes[i]))
            {
                return false;
            }
        }

        return true;
    }
}
