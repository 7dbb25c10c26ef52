using System.Text.RegularExpressions;
using PhysIntuition.Vlm.Testing;

namespace PhysIntuition.Vlm.Tokenization;

public sealed class PreTokenizerTests
{
    // The alphabet mixes every class that a pattern distinguishes; all in the BMP, where .NET's patterns are right.
    private static readonly string[] s_alphabet =
        ["a", "Z", "é", "中", "'s", "'LL", "'", "7", "½", "Ⅷ", " ", "  ", "\t", "\u00a0", "\n", "\r", "!", "-", "្"];

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
    [InlineData(PreTokenizer.QwenPattern)]
    [InlineData(PreTokenizer.Gpt2Pattern)]
    public void Next_RandomText_SplitsAsThePatternItself(string pattern)
    {
        var next = PreTokenizer.For(pattern)!;
        var regex = new Regex(pattern, RegexOptions.CultureInvariant);
        var random = new Random(1);
        for (var round = 0; round < 5000; round++)
        {
            var text = string.Concat(random.GetItems(s_alphabet, random.Next(1, 12)));

            Assert.Equal(regex.Matches(text).Select(match => match.Value), Pieces(text, next));
        }
    }

    [Theory]
    [InlineData("𝒳𝒴", new[] { "𝒳𝒴" })]             // letters beyond the BMP are letters
    [InlineData("𝟙𝟚", new[] { "𝟙", "𝟚" })]          // so are numbers
    [InlineData("'ſo", new[] { "'ſ", "o" })]         // the long s folds to s
    public void NextQwen_BeyondTheBmpAndAscii_KnowsTheClasses(string text, string[] pieces) =>
        Assert.Equal(pieces, Pieces(text, PreTokenizer.NextQwen));

    private static List<string> Pieces(string text, NextPiece next)
    {
        var pieces = new List<string>();
        for (var start = 0; start < text.Length; start += pieces[^1].Length)
        {
            pieces.Add(text.Substring(start, next(text.AsSpan(start))));
        }

        return pieces;
    }
}
