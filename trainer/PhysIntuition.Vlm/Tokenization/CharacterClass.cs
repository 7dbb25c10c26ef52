using System.Globalization;
using System.Text;

namespace PhysIntuition.Vlm.Tokenization;

/// <summary>What the pre-tokenizers' patterns distinguish.</summary>
internal enum CharacterClass : byte
{
    /// <summary>Neither letter, number nor white space: marks, punctuation, symbols.</summary>
    Other,

    /// <summary>\p{L}.</summary>
    Letter,

    /// <summary>\p{N}.</summary>
    Number,

    /// <summary>\s but for line ends.</summary>
    Space,

    /// <summary>\r or \n.</summary>
    LineEnd,
}

/// <summary>Classes of code points; .NET's own patterns see UTF-16 units and miss letters outside the BMP.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] s_ascii =
        [.. Enumerable.Range(0, 128).Select(value => Classify(new Rune(value)))];

    /// <summary>The class of the code point at a place, and its length in UTF-16 units.</summary>
    public static CharacterClass At(ReadOnlySpan<char> text, int index, out int length)
    {
        length = 1;
        if (text[index] < 128)
        {
            return s_ascii[text[index]];
        }

        Rune.DecodeFromUtf16(text[index..], out var rune, out length);   // a lone surrogate reads as U+FFFD
        return Classify(rune);
    }

    /// <summary>The end of the run of one class that begins at a place.</summary>
    public static int EndOfRun(ReadOnlySpan<char> text, int index, CharacterClass wanted)
    {
        while (index < text.Length && At(text, index, out var length) == wanted)
        {
            index += length;
        }

        return index;
    }

    /// <summary>The end of the white space, line ends included, that begins at a place.</summary>
    public static int EndOfWhiteSpace(ReadOnlySpan<char> text, int index)
    {
        while (index < text.Length && At(text, index, out var length) is CharacterClass.Space or CharacterClass.LineEnd)
        {
            index += length;
        }

        return index;
    }

    private static CharacterClass Classify(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
            => CharacterClass.Number,
        _ when rune.Value is '\r' or '\n' => CharacterClass.LineEnd,
        _ when Rune.IsWhiteSpace(rune) => CharacterClass.Space,
        _ => CharacterClass.Other,
    };
}
