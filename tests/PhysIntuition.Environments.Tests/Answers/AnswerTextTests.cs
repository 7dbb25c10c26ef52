using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests.Answers;

public sealed class AnswerTextTests
{
    private static readonly IReadOnlyList<AnswerAxis> s_pair = new Offset().Spec.Answer;

    [Theory]
    [InlineData("<answer>(12, -34)</answer>")]
    [InlineData("I think <answer>99, 1</answer>... no: <ANSWER> [12 ,-34] </ANSWER>")]
    [InlineData("<answer>x = 12 cm; y: -34 hundredths.</answer>")]
    [InlineData("<answer>+12 -34</answer> and some more words")]
    [InlineData("<answer>(12 cm, \u221234 cm)</answer>")]
    public void Read_FormsThatMeanTheSame_GivesTheSamePair(string text)
    {
        var answer = AnswerText.Read(text, s_pair);

        Assert.Null(answer.Error);
        Assert.Equal((12.0, -34.0), (answer[0], answer[1]));
    }

    [Theory]
    [InlineData("12, -34", "no <answer>")]
    [InlineData("<answer>12</answer>", "'y' is missing")]
    [InlineData("<answer>12.5, 3</answer>", "without decimals")]
    [InlineData("<answer>12, 3, 4</answer>", "more than 2 values")]
    [InlineData("<answer>twelve, 3</answer>", "'x' is 'twelve")]
    [InlineData("<answer>12, 99999</answer>", "[-500, 2000]")]
    [InlineData("<answer>12, NaN</answer>", "'y' is 'NaN'")]
    [InlineData("<answer></answer>", "'x' is missing")]
    [InlineData("</answer>12, 3<answer>", "no <answer>")]
    public void Read_TextWithoutALegalPair_SaysWhatIsWrong(string text, string reason)
    {
        var answer = AnswerText.Read(text, s_pair);

        Assert.False(answer.IsLegal);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<answer>yes</answer>", true)]
    [InlineData("<answer> No. </answer>", false)]
    [InlineData("<answer>[YES]</answer>", true)]
    public void Read_YesOrNo_IgnoresForm(string text, bool isYes)
    {
        var answer = AnswerText.Read(text, AnswerAxis.YesNo);

        Assert.True(answer.IsLegal);
        Assert.Equal(isYes, answer.IsYes);
    }

    [Theory]
    [InlineData("<answer>90</answer>", true)]
    [InlineData("<answer>90 degrees</answer>", true)]
    [InlineData("<answer>(90°)</answer>", true)]
    [InlineData("<answer>90 or 180</answer>", false)]
    [InlineData("<answer>900</answer>", false)]
    public void Read_ChoiceOfNumbers_TakesAUnit(string text, bool isLegal)
    {
        var answer = AnswerText.Read(text, [AnswerAxis.Choice("degrees", "0", "90", "180", "270")]);

        Assert.Equal(isLegal, answer.IsLegal);
        Assert.Equal(isLegal ? 1 : 0, answer[0]);
    }

    [Theory]
    [InlineData("<answer>maybe</answer>")]
    [InlineData("<answer>yes and no</answer>")]
    [InlineData("<answer>yesterday</answer>")]
    public void Read_NeitherYesNorNo_IsUnreadable(string text) =>
        Assert.False(AnswerText.Read(text, AnswerAxis.YesNo).IsLegal);

    [Fact]
    public void Read_TenMegabytesOfText_ReadsTheAnswerAtItsEnd()
    {
        var text = new string('a', 10_000_000) + "<answer>yes</answer>";

        Assert.True(AnswerText.Read(text, AnswerAxis.YesNo).IsYes);
    }

    [Fact]
    public void Write_AnyAnswer_IsReadBack()
    {
        var axes = new Push().Spec.Answer;
        var answer = Answer.OfTriple(3, -45, 120.5);

        Assert.Equal(answer, AnswerText.Read(AnswerText.Write(answer, axes), axes));
    }
}
