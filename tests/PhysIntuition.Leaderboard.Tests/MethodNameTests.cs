using PhysIntuition.Faults;

namespace PhysIntuition.Leaderboard.Tests;

public sealed class MethodNameTests
{
    [Theory]
    [InlineData("noisy geometry")]
    [InlineData("  Noisy\u00a0 GEOMETRY ")]
    [InlineData("ｎｏｉｓｙ　ｇｅｏｍｅｔｒｙ")] // fullwidth
    [InlineData("noisy gеоmеtry")] // Cyrillic е and о
    [InlineData("noisyɡeornetry")] // ɡ of the phonetic alphabet, rn for m
    [InlineData("noisy gèometrý")]
    [InlineData("𝐧𝐨𝐢𝐬𝐲 𝒈𝒆𝒐𝒎𝒆𝒕𝒓𝒚")]
    public void Parse_NameThatReadsTheSame_HasTheSameKey(string name) =>
        Assert.Equal(MethodName.Parse("noisy geometry").Key, MethodName.Parse(name).Key);

    [Theory]
    [InlineData("model-0", "model-O")]
    [InlineData("Il1", "lI|")]
    [InlineData("ﬁne", "fine")]
    [InlineData("Straße", "STRASSE")]
    [InlineData("가", "\u1100\u1161")] // a syllable, and its letters
    [InlineData("각", "\u1100\u1161\u11a8")]
    [InlineData("e\u0323\u0301", "e\u0301\u0323")]
    public void Parse_OtherCodesForTheSameLook_AreOneName(string first, string second) =>
        Assert.Equal(MethodName.Parse(first).Key, MethodName.Parse(second).Key);

    [Theory]
    [InlineData("model-1", "model-2")]
    [InlineData("vision", "version")]
    [InlineData("모델", "모댈")]
    [InlineData("модель", "модуль")]
    public void Parse_NamesThatReadDifferently_StayApart(string first, string second) =>
        Assert.NotEqual(MethodName.Parse(first).Key, MethodName.Parse(second).Key);

    [Theory]
    [InlineData("")]
    [InlineData(" \u3000 ")]
    [InlineData("a\u200bb")] // zero-width space
    [InlineData("a\u202eb")] // right-to-left override
    [InlineData("a\ufe0fb")] // variation selector
    [InlineData("a\u3164b")] // Hangul filler
    [InlineData("a\u0000b")]
    [InlineData("a\ud800b")] // half of a pair
    [InlineData("a\ue000b")] // private use
    [InlineData("\u0301")]
    [InlineData("a long name of more than eighty characters, which no table would have a column for, really")]
    public void Parse_NameThatCannotBeRead_IsRefused(string name)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => MethodName.Parse(name));

        Assert.Equal((Fault.InvalidArgument, "method"), (fault.Fault, fault.Field));
    }

    [Fact]
    public void Parse_AnyName_IsShownTrimmedAndOtherwiseAsWritten() =>
        Assert.Equal("Größer als GPT-4o", MethodName.Parse("  Größer  als\tGPT-4o ").Text);
}
