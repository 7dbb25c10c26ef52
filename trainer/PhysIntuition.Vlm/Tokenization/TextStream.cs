using System.Text;

namespace PhysIntuition.Vlm.Tokenization;

/// <summary>Decodes tokens as they arrive; a character cut between tokens is held back until it is whole.</summary>
/// <param name="tokenizer">Where the ids come from.</param>
/// <param name="skipSpecial">Leaves special tokens out.</param>
public sealed class TextStream(Tokenizer tokenizer, bool skipSpecial = false)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>The text that this token completes; may be empty.</summary>
    public string Add(int id) =>
        skipSpecial && tokenizer.IsSpecial(id) ? "" : Decode(tokenizer.BytesOf(id), isLast: false);

    /// <summary>Ends the text; an incomplete character becomes U+FFFD.</summary>
    public string Finish() => Decode([], isLast: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var characters = new char[_decoder.GetCharCount(bytes, isLast)];
        _decoder.GetChars(bytes, characters, isLast);
        return new string(characters);
    }
}
