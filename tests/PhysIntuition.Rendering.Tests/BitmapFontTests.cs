namespace PhysIntuition.Rendering.Tests;

public sealed class BitmapFontTests
{
    [Theory]
    [InlineData("acegmnopqrsuvwxyz", 2)]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZbdfhklt0123456789", 0)]
    public void DotsOf_LettersOfOneKind_StandOnOneLineAndAreOfOneHeight(string letters, int top)
    {
        foreach (var letter in letters)
        {
            Assert.Equal((letter, top, BitmapFont.Height - 1), (letter, Rows(letter).First(), Rows(letter).Last()));
        }
    }

    [Fact]
    public void DotsOf_PrintableLetters_AreAllDifferent()
    {
        var printable = Enumerable.Range(' ', 95).Select(code => BitmapFont.DotsOf((char)code)).ToArray();

        Assert.Equal(printable, printable.Distinct());
        Assert.Equal(BitmapFont.DotsOf('?'), BitmapFont.DotsOf('é'));
    }

    private static int[] Rows(char letter) => [.. Enumerable.Range(0, BitmapFont.Height).Where(
        y => Enumerable.Range(0, BitmapFont.Width).Any(x => BitmapFont.IsSet(BitmapFont.DotsOf(letter), x, y)))];
}
