using PhysIntuition.Environments.Answers;

namespace PhysIntuition.Environments.Tests;

/// <summary>What is taken out of an answer before it is read.</summary>
public sealed class PlainTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("   12   34  ", "12 34 ")]
    [InlineData("(1, 2)", "1, 2 ")]
    [InlineData("**yes**", "yes ")]
    [InlineData("`yes`_", "yes ")]
    [InlineData("“yes”", "yes ")]
    [InlineData("\\boxed{12}", "12 ")]
    [InlineData("\\text{yes}", "yes ")]
    [InlineData("$\\left(1, 2\\right)$", "1, 2 ")]
    [InlineData("90^\\circ", "90 °")]
    [InlineData("5 N\\cdot s", "5 N· s")]
    [InlineData("5 N*s", "5 N·s")]
    [InlineData("−5", "-5")]
    [InlineData("–5", "-5")]
    [InlineData("１２，３", "12,3")]          // full-width forms
    [InlineData("1、2。", "1,2.")]
    [InlineData("1\u200B2", "1 2")]
    [InlineData("1\t\r\n2", "1 2")]
    [InlineData("\\nyes\\n", "yes ")]          // a newline that was escaped twice
    [InlineData("\\unknown 1", "\\unknown 1")]
    [InlineData("\\textile", "extile")]        // a tab that was escaped twice, not a longer \\text
    [InlineData("\\", "\\")]
    public void Write_Markup_LeavesTheValue(string text, string plain)
    {
        Span<char> target = new char[text.Length];

        Assert.Equal(plain, target[..PlainText.Write(text, target)].ToString());
    }

    [Fact]
    public void Write_EveryCharacter_FitsInTheLengthOfItsText()
    {
        Span<char> target = new char[3];
        for (var letter = char.MinValue; letter < char.MaxValue; letter++)
        {
            Assert.InRange(PlainText.Write([letter, letter, letter], target), 0, 3);
        }
    }
}
