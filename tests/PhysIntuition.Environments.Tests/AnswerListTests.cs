using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests;

/// <summary>Answers that are lists of items, as JSON and as numbers.</summary>
public sealed class AnswerListTests
{
    private static readonly IReadOnlyList<AnswerAxis> s_axes = AnswerAxis.List("blocks", 3,
        AnswerAxis.Choice("color", "red", "blue"), new("width", 1, 90, "cm"), new("offset", -50, 50, "cm"));

    [Fact]
    public void List_Axes_AreTheCountAndTheFieldsOfEveryItem() => Assert.Equal(
        ["blocks", "color1", "width1", "offset1", "color2", "width2", "offset2", "color3", "width3", "offset3"],
        s_axes.Select(axis => axis.Name));

    [Fact]
    public void FormOf_List_ShowsOneItem() => Assert.Equal(
        """<answer>[{"color": color, "width": width, "offset": offset}, ...]</answer>""", AnswerText.FormOf(s_axes));

    [Theory]
    [InlineData("""[{"color": "blue", "width": 60, "offset": 0}, {"color": "red", "width": 40, "offset": -12}]""")]
    [InlineData("""{"blocks": [{"color":"blue","width":60,"offset":0},{"color":"red","width":40,"offset":-12}]}""")]
    [InlineData("""[{"width": 60, "offset": 0, "colour": "Blue"}, {"Color": "RED", "offset": -12, "width": 40},]""")]
    [InlineData("```json\n[{\"color\":\"blue\",\"width\":60,\"offset\":0},\n"
        + "{\"color\":\"red\",\"width\":40,\"offset\":-12}]\n```")]
    [InlineData("""[{“color”:“blue”,"width":60,"offset":0},{"color":"red","width":40,"offset":−12}]""")]
    [InlineData("""[{"color":"blue","width":"60 cm","offset":"0"},{"color":"red","width":40,"offset":"-12"}]""")]
    public void Read_TheSameList_IsTheSameAnswerInEveryDress(string json)
    {
        var answer = AnswerText.Read($"It stands. <answer>{json}</answer>", s_axes);

        // Two items; the numbers of the third mean nothing, and are legal.
        Assert.Equal(Answer.Of([2, 1, 60, 0, 0, 40, -12, 0, 1, 0]), answer);
    }

    [Theory]
    [InlineData("", "'blocks' is no JSON from line 1, byte 1 on; write [{")]
    [InlineData("a blue block", "'blocks' is no JSON from line 1, byte 1 on; write [{")]
    [InlineData("[{\"color\": \"blue\"\n, \"width\": }]", "'blocks' is no JSON from line 2, byte 12 on; write [{")]
    [InlineData("7", "'blocks' is a number; it must be a list, as in [{")]
    [InlineData("""{"color": "blue", "width": 60, "offset": 0}""",
        "'blocks' is an object; it must be a list, as in [{")]
    [InlineData("[]", "'blocks' has 0 items; it must have 1 to 3.")]
    [InlineData("[{},{},{},{}]", "'blocks' has 4 items; it must have 1 to 3.")]
    [InlineData("[60]", "'blocks[0]' is a number; it must be an object with color, width, offset.")]
    [InlineData("[null]", "'blocks[0]' is null; it must be an object with color, width, offset.")]
    [InlineData("[{}]", "'blocks[0].color' is missing; it must be one of red, blue.")]
    [InlineData("""[{"color":"blue","width":60}]""",
        "'blocks[0].offset' is missing; it must be a whole number in [-50, 50] cm.")]
    [InlineData("""[{"color":"green","width":60,"offset":0}]""",
        "'blocks[0].color' is 'green'; it must be one of red, blue.")]
    [InlineData("""[{"color":"blue","width":91,"offset":0}]""",
        "'blocks[0].width' is 91; it must be a whole number in [1, 90] cm.")]
    [InlineData("""[{"color":"blue","width":60.5,"offset":0}]""",
        "'blocks[0].width' is '60.5'; it must be a whole number in [1, 90] cm, without decimals.")]
    [InlineData("""[{"color":"blue","width":"60 kg","offset":0}]""",
        "'blocks[0].width' is followed by 'kg'; only its unit, cm, may stand there.")]
    [InlineData("""[{"color":"blue red","width":60,"offset":0}]""",
        "'blocks[0].color' is 'blue red'; it must be one of red, blue.")]
    [InlineData("""[{"color":"blue","width":60,"offset":[0]}]""", "'blocks[0].offset' is '[0]'; it must be a whole")]
    [InlineData("""[{"color":"blue","width":60,"offset":0,"mass":3}]""",
        "'blocks[0].mass' is none of color, width, offset; leave it out.")]
    [InlineData("""[{"color":"blue","width":60,"width":61,"offset":0}]""", "'blocks[0].width' is there twice.")]
    [InlineData("""[{"color":"\ud800","width":60,"offset":0}]""", "'blocks' has half a Unicode character; write [{")]
    public void Read_Malformed_SaysWhatIsWrongAndWhere(string json, string error)
    {
        var answer = AnswerText.Read($"<answer>{json}</answer>", s_axes);

        Assert.False(answer.IsLegal);
        Assert.StartsWith(error, answer.Error);
        Assert.EndsWith(".", answer.Error);
    }

    [Fact]
    public void Read_HalfACharacterOrATextTooLong_IsUnreadable()
    {
        Assert.False(AnswerText.Read("<answer>[\ud800]</answer>", s_axes).IsLegal);
        Assert.Equal("'blocks' has 5000 characters; at most 4096 are read.",
            AnswerText.Read($"<answer>{new string('[', 5000)}</answer>", s_axes).Error);
    }

    [Fact]
    public void Write_RandomLists_AreReadBack()
    {
        var (axes, random) = (new Describe().Spec.Answer, new RandomStream(5));
        for (var i = 0; i < 200; i++)
        {
            double[] numbers = [.. axes.Select(axis => axis.Min + random.NextInt(0, (int)(axis.Max - axis.Min) + 1))];
            for (var k = 1 + (3 * (int)numbers[0]); k < numbers.Length; k++)
            {
                numbers[k] = Math.Clamp(0, axes[k].Min, axes[k].Max);
            }

            var text = AnswerText.Write(Answer.Of(numbers), axes);

            Assert.Equal(Answer.Of(numbers), AnswerText.Read(text, axes));
            Assert.Equal(Answer.Of(numbers), AnswerText.Read(text.ToUpperInvariant(), axes));
        }
    }

    [Fact]
    public void Equals_ListsThatDifferInTheirLastNumber_AreNotTheSame()
    {
        double[] numbers = [2, 1, 60, 0, 0, 40, -12];
        var answer = Answer.Of(numbers);

        Assert.Equal(answer, Answer.Of(numbers));
        Assert.Equal(answer.GetHashCode(), Answer.Of(numbers).GetHashCode());
        numbers[^1]++;
        Assert.NotEqual(answer, Answer.Of(numbers));
        Assert.Equal(-12, answer[6]);
        Assert.NotEqual(answer, answer with { IsTry = true });
    }

    [Fact]
    public void Score_ListsThatBeginAlike_AreScoredEachByItself()
    {
        var batch = Given.Batch("Describe-v1", 1);
        batch.Reset(7);
        var expert = batch.View.ExpertNumbers(0);
        double[] right = [.. Enumerable.Range(0, expert.Count).Select(k => expert[k])];
        double[] wrong = [.. right];
        wrong[5] = 200;   // the second block's width

        var job = Given.Scored(batch.Task, new BatchOptions { Split = Environments.Options.Split.Test }, [7, 7, 7],
            [SlotAction.OfNumbers(right), SlotAction.OfNumbers(wrong), SlotAction.OfText(batch.View.Expert(0))],
            Given.Simulator);

        Assert.Equal((1, 1), (job.Rewards[0], job.Rewards[2]));
        Assert.InRange(job.Rewards[1], 0.5, 0.95);
    }
}
