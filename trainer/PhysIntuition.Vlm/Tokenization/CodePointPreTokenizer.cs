using Microsoft.ML.Tokenizers;

namespace PhysIntuition.Vlm.Tokenization;

/// <summary>Finds the end of the first piece of a non-empty text; merges never cross pieces.</summary>
internal delegate int NextPiece(ReadOnlySpan<char> text);

/// <summary>The pre-tokenizers that are known, by the pattern that a tokenizer.json writes.</summary>
/// <remarks>
/// .NET's own patterns see UTF-16 units: letters and digits beyond the BMP would be symbols to them, and one text in
/// twenty-five with such characters would get other ids. So code points are scanned; alternatives are tried in the
/// pattern's order, each greedy, and comments repeat the alternative.
/// </remarks>
internal sealed class CodePointPreTokenizer : PreTokenizer
{
    /// <summary>Qwen2, Qwen2.5, Qwen3 and their vision models.</summary>
    public const string QwenPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
        + @"|\s+(?!\S)|\s+";

    /// <summary>GPT-2, and every ByteLevel with use_regex.</summary>
    public const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly string[] s_contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private readonly NextPiece _next;

    private CodePointPreTokenizer(NextPiece next) => _next = next;

    /// <summary>GPT-2's.</summary>
    public static CodePointPreTokenizer Gpt2 { get; } = new(NextGpt2);

    /// <summary>The scanner for a pattern; null if the pattern is not known.</summary>
    public static CodePointPreTokenizer? For(string pattern) => pattern switch
    {
        QwenPattern => new(NextQwen),
        Gpt2Pattern => Gpt2,
        _ => null,
    };

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => PreTokenize(text.AsSpan());

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text)
    {
        var pieces = new List<(int Offset, int Length)>((text.Length / 4) + 1);
        for (var start = 0; start < text.Length; start += pieces[^1].Length)
        {
            pieces.Add((start, _next(text[start..])));
        }

        return pieces;
    }

    public static int NextQwen(ReadOnlySpan<char> text)
    {
        // (?i:'s|'t|'re|'ve|'m|'ll|'d)
        if (text[0] == '\'' && Contraction(text, ignoresCase: true) is > 0 and var contraction)
        {
            return contraction;
        }

        // [^\r\n\p{L}\p{N}]?\p{L}+
        var first = CharacterClasses.At(text, 0, out var length);
        if (first is CharacterClass.Letter or CharacterClass.Space or CharacterClass.Other)
        {
            var end = CharacterClasses.EndOfRun(text, length, CharacterClass.Letter);
            if (end > length || first == CharacterClass.Letter)
            {
                return end;
            }
        }

        // \p{N}
        if (first == CharacterClass.Number)
        {
            return length;
        }

        //  ?[^\s\p{L}\p{N}]+[\r\n]*
        var begin = text[0] == ' ' ? 1 : 0;
        var symbols = CharacterClasses.EndOfRun(text, begin, CharacterClass.Other);
        return symbols > begin ? CharacterClasses.EndOfRun(text, symbols, CharacterClass.LineEnd) : QwenSpace(text);
    }

    public static int NextGpt2(ReadOnlySpan<char> text)
    {
        // 's|'t|'re|'ve|'m|'ll|'d
        if (text[0] == '\'' && Contraction(text, ignoresCase: false) is > 0 and var contraction)
        {
            return contraction;
        }

        //  ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+
        var begin = text[0] == ' ' && text.Length > 1 ? 1 : 0;
        var kind = CharacterClasses.At(text, begin, out _);
        return kind is CharacterClass.Space or CharacterClass.LineEnd
            ? Space(text)
            : CharacterClasses.EndOfRun(text, begin, kind);
    }

    private static int QwenSpace(ReadOnlySpan<char> text)
    {
        // \s*[\r\n]+ ends behind the last line end of the white space.
        var end = CharacterClasses.EndOfWhiteSpace(text, 0);
        var lastLineEnd = text[..end].LastIndexOfAny('\r', '\n');
        return lastLineEnd >= 0 ? lastLineEnd + 1 : Space(text);
    }

    private static int Space(ReadOnlySpan<char> text)
    {
        // \s+(?!\S)|\s+ leaves the last space to the word behind it; white space is one unit per character.
        var end = CharacterClasses.EndOfWhiteSpace(text, 0);
        return end == text.Length || end == 1 ? end : end - 1;
    }

    private static int Contraction(ReadOnlySpan<char> text, bool ignoresCase)
    {
        foreach (var contraction in s_contractions)
        {
            if (text.Length >= contraction.Length && Matches(text, contraction, ignoresCase))
            {
                return contraction.Length;
            }
        }

        return 0;
    }

    private static bool Matches(ReadOnlySpan<char> text, string contraction, bool ignoresCase)
    {
        for (var i = 1; i < contraction.Length; i++)
        {
            var letter = ignoresCase ? Fold(text[i]) : text[i];
            if (letter != contraction[i])
            {
                return false;
            }
        }

        return true;
    }

    // Simple case folding: the long s is the only letter outside ASCII that folds into a contraction's letter.
    private static char Fold(char letter) => letter == 'ſ' ? 's' : char.ToLowerInvariant(letter);
}

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

/// <summary>Classes of code points.</summary>
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
