using System.Text.RegularExpressions;

namespace PhysIntuition.Vlm.Tokenization;

public sealed class CodePointPreTokenizerTests
{
    // The alphabet mixes every class that a pattern distinguishes; all in the BMP, where .NET's patterns are right.
    private static readonly string[] s_alphabet =
        ["a", "Z", "é", "中", "'s", "'LL", "'",
        "7", "½", "Ⅷ", " ", "  ", "\t", "\u00a0", "\n", "\r", "!", "-", "្"];

    [Fact]
    public void Split_ReferenceStrings_GivesTheReferencePieces()
    {
        var tokenizer = Tokenizer.Load(Vectors.At("tokenizer/qwen_prefix_tokenizer.json"));
        var cases = Vectors.Json("tokenizer/qwen_pretokenize_vectors.json").GetProperty("cases");

        Assert.All(cases.EnumerateArray(), entry => Assert.Equal(
            entry.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString()!),
            tokenizer.Split(entry.GetProperty("text").GetString()!)));
    }

    [Theory]
    [InlineData(CodePointPreTokenizer.QwenPattern)]
    [InlineData(CodePointPreTokenizer.Gpt2Pattern)]
    public void Next_RandomText_SplitsAsThePatternItself(string pattern)
    {
        var scanner = CodePointPreTokenizer.For(pattern)!;
        var regex = new Regex(pattern, RegexOptions.CultureInvariant);
        var random = new Random(1);
        for (var round = 0; round < 5000; round++)
        {
            var text = string.Concat(random.GetItems(s_alphabet, random.Next(1, 12)));

            Assert.Equal(regex.Matches(text).Select(match => match.Value), Pieces(text, scanner));
        }
    }

    [Theory]
    [InlineData("𝒳𝒴", new[] { "𝒳𝒴" })]             // letters beyond the BMP are letters
    [InlineData("𝟙𝟚", new[] { "𝟙", "𝟚" })]          // so are numbers
    [InlineData("𝑔,m𝓳m", new[] { "𝑔", ",m𝓳m" })]   // a symbol goes with such letters, too
    [InlineData("'ſo", new[] { "'ſ", "o" })]         // the long s folds to s
    public void NextQwen_BeyondTheBmpAndAscii_KnowsTheClasses(string text, string[] pieces) =>
        Assert.Equal(pieces, Pieces(text, CodePointPreTokenizer.For(CodePointPreTokenizer.QwenPattern)!));

    private static IEnumerable<string> Pieces(string text, CodePointPreTokenizer scanner) =>
        scanner.PreTokenize(text).Select(piece => text.Substring(piece.Offset, piece.Length));
}
