using System.Buffers;
using System.Diagnostics;
using Microsoft.ML.Tokenizers;

namespace PhysIntuition.Vlm.Tokenization;

/// <summary>Byte-level BPE as the Qwen and GPT-2 families use it; safe to share between threads.</summary>
/// <remarks>
/// Encoding: added tokens are cut out of the raw text, the leftmost first, of several there the longest; the rest is
/// composed (NFC), split into pieces, written as UTF-8 bytes and merged. No begin-of-text token is added.
/// </remarks>
public sealed class Tokenizer
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "tokenizer.json";

    private readonly BpeTokenizer _pieces;
    private readonly byte[]?[] _bytes;
    private readonly bool _isComposed;
    private readonly AddedToken[] _longestFirst;
    private readonly SearchValues<string> _added;
    private readonly Dictionary<int, AddedToken> _addedById;
    private readonly Dictionary<string, int> _ids;

    private Tokenizer(TokenizerFile file)
    {
        _pieces = BpeTokenizer.Create(new BpeOptions(file.Vocabulary)
        {
            Merges = file.Merges, ByteLevel = true, PreTokenizer = file.PreTokenizer,
        });
        _bytes = file.Bytes;
        _isComposed = file.IsComposed;
        AddedTokens = file.AddedTokens;
        _longestFirst = [.. AddedTokens.OrderByDescending(token => token.Content.Length)];
        _added = SearchValues.Create([.. AddedTokens.Select(token => token.Content)], StringComparison.Ordinal);
        _addedById = AddedTokens.ToDictionary(token => token.Id);
        _ids = file.Vocabulary;
        foreach (var token in AddedTokens)
        {
            _ids[token.Content] = token.Id;
        }
    }

    /// <summary>Tokens that are matched whole, special ones among them.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <summary>One past the largest id; a model's own vocabulary may be padded beyond it.</summary>
    public int Size => Math.Max(_bytes.Length, _addedById.Count > 0 ? _addedById.Keys.Max() + 1 : 0);

    /// <summary>Loads a tokenizer.json, or the one in a model folder.</summary>
    /// <exception cref="InvalidDataException">The file asks for something that is not carried out here.</exception>
    public static Tokenizer Load(string path) =>
        new(TokenizerFile.Read(Directory.Exists(path) ? Path.Combine(path, FileName) : path));

    /// <summary>The id of a token given by its exact text, added or in the byte alphabet; null if none.</summary>
    public int? IdOf(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>Whether decoding may leave this id out.</summary>
    public bool IsSpecial(int id) => _addedById.TryGetValue(id, out var token) && token.IsSpecial;

    /// <summary>Token ids of a text; empty for an empty text.</summary>
    public List<int> Encode(string text)
    {
        var ids = new List<int>((text.Length / 3) + 1);
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            var start = rest.IndexOfAny(_added);
            var end = start < 0 ? rest.Length : start;
            ids.AddRange(_pieces.EncodeToIds(Prepare(rest[..end])));
            rest = rest[end..];
            if (start >= 0)
            {
                var token = AddedTokenAt(rest);
                ids.Add(token.Id);
                rest = rest[token.Content.Length..];
            }
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
        : (uint)id < (uint)_bytes.Length ? _bytes[id] : null;

    /// <summary>The pieces between which merges never happen; added tokens are not cut out.</summary>
    internal List<string> Split(string text)
    {
        var prepared = Prepare(text);
        return [.. _pieces.PreTokenizer!.PreTokenize(prepared)
            .Select(piece => prepared.Substring(piece.Offset, piece.Length))];
    }

    private AddedToken AddedTokenAt(ReadOnlySpan<char> text)
    {
        foreach (var token in _longestFirst)
        {
            if (text.StartsWith(token.Content, StringComparison.Ordinal))
            {
                return token;
            }
        }

        throw new UnreachableException("A search for the same texts found one here.");
    }

    // Form C where the file asks for it; half a surrogate pair is no character and becomes U+FFFD.
    private string Prepare(ReadOnlySpan<char> text)
    {
        var whole = text.ContainsAnyInRange('\ud800', '\udfff')
            ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()))
            : text.ToString();
        return _isComposed ? CanonicalComposition.Normalize(whole) : whole;
    }
}

/// <summary>A token that is cut out of the text as a whole, before anything else looks at it.</summary>
/// <param name="Id">The token's number.</param>
/// <param name="Content">The exact text, for example "&lt;|im_start|&gt;".</param>
/// <param name="IsSpecial">Whether decoding may leave it out.</param>
public sealed record AddedToken(int Id, string Content, bool IsSpecial);
