using System.Globalization;
using System.Text.RegularExpressions;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests;

public sealed partial class AnswerTextTests
{
    private static readonly IReadOnlyList<AnswerAxis> s_pair = new Offset().Spec.Answer;

    /// <summary>Every form in the table of docs/protocol.md.</summary>
    public static TheoryData<string, string, string> Documented
    {
        get
        {
            var lines = File.ReadLines(Repository.At("docs/protocol.md"))
                .SkipWhile(line => !line.StartsWith("| between the tags |", StringComparison.Ordinal)).Skip(2)
                .TakeWhile(line => line.StartsWith('|'));
            return
            [
                .. from line in lines
                   let cells = line.Trim('|').Split(" | ")
                   from form in CodeSpan().Matches(cells[0])
                   let text = form.Groups[1].Success ? form.Groups[1].Value : form.Groups[2].Value
                   select new TheoryDataRow<string, string, string>(text, cells[1].Trim(), cells[2].Trim()),
            ];
        }
    }

    [Theory]
    [MemberData(nameof(Documented))]
    public void Read_DocumentedForm_IsReadAsDocumented(string form, string asked, string meaning)
    {
        var axes = asked switch
        {
            "yes or no" => AnswerAxis.YesNo,
            "x and y, cm" => s_pair,
            _ => [AnswerAxis.Choice("degrees", "0", "90", "180", "270")],
        };

        var answer = AnswerText.Read($"<answer>{form}</answer>", axes);

        var read = !answer.IsLegal ? "unreadable" : string.Join(", ", axes.Select((axis, i) =>
            axis.Choices is { } words ? words[(int)answer[i]] : string.Create(
                CultureInfo.InvariantCulture, $"{answer[i]}")));
        Assert.Equal((meaning, meaning == "unreadable"), (read, answer.Error is not null));
    }

    [Theory]
    [InlineData("<answer>yes</answer> no wait <answer>no</answer>", false)]
    [InlineData("<answer>no</answer> ... <ANSWER>Yes</ANSWER> I am sure.", true)]
    [InlineData("<answer><answer>yes</answer></answer>", true)]
    [InlineData("write <answer>no</answer>, so: <answer>yes", false)]
    public void Read_SeveralAnswers_TakesTheLastWholeOne(string text, bool isYes)
    {
        var answer = AnswerText.Read(text, AnswerAxis.YesNo);

        Assert.True(answer.IsLegal, answer.Error);
        Assert.Equal(isYes, answer.IsYes);
    }

    [Theory]
    [InlineData("12 degrees, 3", "'x' is followed by 'degrees'; only its unit, cm, may stand there.")]
    [InlineData("12, 3 mm.", "'y' is followed by 'mm'; only its unit, cm, may stand there.")]
    [InlineData("y = 3", "'x' is missing; it must be a whole number in [-1000, 1000] cm.")]
    [InlineData("y = 3, y = 4", "'y' is there twice.")]
    public void Read_OtherUnitOrName_SaysWhichAndWhatIsAllowed(string form, string says) =>
        Assert.Equal(says, AnswerText.Read($"<answer>{form}</answer>", s_pair).Error);

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

    // Markdown's code: between two backticks, or between two pairs of them.
    [GeneratedRegex("`` (.*?) ``|`([^`]*)`")]
    private static partial Regex CodeSpan();
}
