using System.Collections.Concurrent;
using System.Text;

namespace PhysIntuition.Vlm.Tokenization;

/// <summary>Byte-level BPE as the Qwen and GPT-2 families use it; safe to share between threads.</summary>
/// <remarks>
/// Encoding: added tokens are cut out of the raw text; the rest is composed (NFC), split into pieces, written as
/// UTF-8 bytes and merged. No begin-of-text token is added.
/// </remarks>
public sealed class Tokenizer
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "tokenizer.json";

    private const int CachedPieces = 1 << 16;   // words repeat; above this the cache stops growing
    private const int LongestCachedPiece = 64;  // longer pieces seldom come again

    private readonly Vocabulary _vocabulary;
    private readonly BytePairMerger _merger;
    private readonly NextPiece _nextPiece;
    private readonly bool _isComposed;
    private readonly AddedTokenSplitter? _splitter;
    private readonly Dictionary<int, AddedToken> _addedById;
    private readonly Dictionary<string, AddedToken> _addedByContent;
    private readonly ConcurrentDictionary<string, int[]> _cache = new(StringComparer.Ordinal);
    private int _cachedPieces;

    private Tokenizer(TokenizerFile file)
    {
        _vocabulary = file.Vocabulary;
        _merger = new BytePairMerger(file.Vocabulary);
        _nextPiece = file.NextPiece;
        _isComposed = file.IsComposed;
        _splitter = file.AddedTokens.Count > 0 ? new AddedTokenSplitter(file.AddedTokens) : null;
        _addedById = file.AddedTokens.ToDictionary(token => token.Id);
        _addedByContent = file.AddedTokens.ToDictionary(token => token.Content);
        AddedTokens = file.AddedTokens;
    }

    /// <summary>Tokens that are matched whole, special ones among them.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <summary>One past the largest id; a model's own vocabulary may be padded beyond it.</summary>
    public int Size => Math.Max(_vocabulary.Size, _addedById.Count > 0 ? _addedById.Keys.Max() + 1 : 0);

    /// <summary>Loads a tokenizer.json, or the one in a model folder.</summary>
    /// <exception cref="InvalidDataException">The file asks for something that is not carried out here.</exception>
    public static Tokenizer Load(string path) =>
        new(TokenizerFile.Read(Directory.Exists(path) ? Path.Combine(path, FileName) : path));

    /// <summary>The id of a token given by its exact text, added or in the byte alphabet; null if none.</summary>
    public int? IdOf(string token) => _addedByContent.TryGetValue(token, out var added) ? added.Id
        : _vocabulary.TryGetId(token, out var id) ? id
        : null;

    /// <summary>Whether decoding may leave this id out.</summary>
    public bool IsSpecial(int id) => _addedById.TryGetValue(id, out var token) && token.IsSpecial;

    /// <summary>Token ids of a text; empty for an empty text.</summary>
    public List<int> Encode(string text)
    {
        var ids = new List<int>((text.Length / 3) + 1);
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            AddedToken? token = null;
            var start = _splitter is null ? -1 : _splitter.Find(rest, out token);
            var end = token is null ? rest.Length : start;
            EncodeOrdinary(rest[..end], ids);
            if (token is not null)
            {
                ids.Add(token.Id);
                end += token.Content.Length;
            }

            rest = rest[end..];
        }

        return ids;
    }

    /// <summary>The text of ids; broken UTF-8 becomes U+FFFD, unused ids become nothing.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecial">Leaves special tokens out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false)
    {
        var bytes = new List<byte>(ids.Length * 4);
        foreach (var id in ids)
        {
            if (!skipSpecial || !IsSpecial(id))
            {
                bytes.AddRange(BytesOf(id));
            }
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>The UTF-8 bytes of one token, possibly a part of a character; empty for an unused id.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => _addedById.TryGetValue(id, out var token)
        ? Encoding.UTF8.GetBytes(token.Content)
        : _vocabulary.BytesOf(id);

    /// <summary>The pieces between which merges never happen; added tokens are not cut out.</summary>
    internal List<string> Split(string text)
    {
        var pieces = new List<string>();
        var rest = (_isComposed ? CanonicalComposition.Normalize(text) : text).AsSpan();
        while (rest.Length > 0)
        {
            var end = _nextPiece(rest);
            pieces.Add(rest[..end].ToString());
            rest = rest[end..];
        }

        return pieces;
    }

    private void EncodeOrdinary(ReadOnlySpan<char> text, List<int> ids)
    {
        var rest = _isComposed ? CanonicalComposition.Normalize(text.ToString()) : text;
        while (rest.Length > 0)
        {
            var end = _nextPiece(rest);
            ids.AddRange(EncodePiece(rest[..end]));
            rest = rest[end..];
        }
    }

    private int[] EncodePiece(ReadOnlySpan<char> piece)
    {
        var cache = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
        if (cache.TryGetValue(piece, out var known))
        {
            return known;
        }

        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(piece.Length)];
        var ids = _merger.Merge(bytes.AsSpan(0, Encoding.UTF8.GetBytes(piece, bytes)));
        if (piece.Length <= LongestCachedPiece && _cachedPieces < CachedPieces && cache.TryAdd(piece, ids))
        {
            Interlocked.Increment(ref _cachedPieces);
        }

        return ids;
    }
}
