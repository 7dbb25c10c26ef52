namespace PhysIntuition.Vlm.Tokenization;

/// <summary>Finds the end of the first piece of a non-empty text; merges never cross pieces.</summary>
internal delegate int NextPiece(ReadOnlySpan<char> text);

/// <summary>The pre-tokenizers that are known, by the pattern that a tokenizer.json writes.</summary>
/// <remarks>Alternatives are tried in the pattern's order, each greedy; comments repeat the alternative.</remarks>
internal static class PreTokenizer
{
    /// <summary>Qwen2, Qwen2.5, Qwen3 and their vision models.</summary>
    public const string QwenPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
        + @"|\s+(?!\S)|\s+";

    /// <summary>GPT-2, and every ByteLevel with use_regex.</summary>
    public const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly string[] s_contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    /// <summary>The scanner for a pattern; null if the pattern is not known.</summary>
    public static NextPiece? For(string pattern) => pattern switch
    {
        QwenPattern => NextQwen,
        Gpt2Pattern => NextGpt2,
        _ => null,
    };

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
