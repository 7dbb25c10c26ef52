using System.Globalization;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests;

/// <summary>Each number of each task's answer at its ends and just outside, as text and as numbers.</summary>
public sealed class AnswerBorderTests
{
    // Lists have a grammar of their own, see AnswerListTests.
    public static TheoryData<string, int> Axes => new(
        from task in TaskCatalog.All
        where task.Spec.Answer[0].Fields is null
        from axis in Enumerable.Range(0, task.Spec.Answer.Count)
        select (task.Spec.Id, axis));

    public static TheoryData<string> Tasks => new(
        TaskCatalog.All.Where(task => task.Spec.Answer[0].Fields is null).Select(task => task.Spec.Id));

    [Theory]
    [MemberData(nameof(Axes))]
    public void Read_BothEnds_AreLegalAsTextAndAsNumbers(string id, int axis)
    {
        var spec = TaskCatalog.Find(id).Spec;
        foreach (var end in (double[])[spec.Answer[axis].Min, spec.Answer[axis].Max])
        {
            var numbers = Middle(spec, axis, end);

            Assert.Equal(end, AsText(spec, Answer.Of(numbers))[axis]);
            Assert.Equal(end, AsNumbers(id, numbers)[axis]);
        }
    }

    [Theory]
    [MemberData(nameof(Axes))]
    public void Read_NumbersJustOutside_NameFieldValueRuleAndRemedy(string id, int axis)
    {
        var (spec, own) = (TaskCatalog.Find(id).Spec, TaskCatalog.Find(id).Spec.Answer[axis]);
        var step = own.IsInteger ? 1 : 0;
        double[] outside =
        [
            own.Min - step is var below && step == 0 ? Math.BitDecrement(own.Min) : below,
            own.Max + step is var above && step == 0 ? Math.BitIncrement(own.Max) : above,
            double.NaN, double.PositiveInfinity, double.NegativeInfinity,
        ];
        foreach (var value in outside)
        {
            var fault = Assert.Throws<PhysIntuitionException>(() => AsNumbers(id, Middle(spec, axis, value)));

            Assert.Equal((Fault.InvalidArgument, $"actions[0].{own.Name}"), (fault.Fault, fault.Field));
            Assert.Equal(string.Create(CultureInfo.InvariantCulture,
                $"'actions[0].{own.Name}' is {value}; it must be {(own.IsInteger ? "a whole number" : "a number")} "
                + $"in [{own.Min}, {own.Max}] {own.Unit}. Round and clip it."), fault.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Axes))]
    public void Read_TextJustOutside_IsUnreadableAndSaysTheRange(string id, int axis)
    {
        var (spec, own) = (TaskCatalog.Find(id).Spec, TaskCatalog.Find(id).Spec.Answer[axis]);
        if (own.Choices is { } words)
        {
            var wrong = AnswerText.Read($"<answer>{words[0]}{words[1]}</answer>", spec.Answer);
            Assert.Equal($"'{own.Name}' is '{words[0]}{words[1]}'; it must be one of {string.Join(", ", words)}.",
                wrong.Error);
            return;
        }

        foreach (var value in (double[])[own.Min - 1, own.Max + 1])
        {
            var error = AsTextOf(spec, axis, value.ToString(CultureInfo.InvariantCulture)).Error;
            var kind = own.IsInteger ? "a whole number" : "a number";
            Assert.Equal(string.Create(CultureInfo.InvariantCulture,
                $"'{own.Name}' is {value}; it must be {kind} in [{own.Min}, {own.Max}] {own.Unit}."), error);
        }
    }

    [Theory]
    [MemberData(nameof(Axes))]
    public void Read_Fraction_IsLegalOnlyWhereNumbersNeedNotBeWhole(string id, int axis)
    {
        var (spec, own) = (TaskCatalog.Find(id).Spec, TaskCatalog.Find(id).Spec.Answer[axis]);
        var numbers = Middle(spec, axis, own.Min + 0.5);
        if (own.IsInteger)
        {
            var fault = Assert.Throws<PhysIntuitionException>(() => AsNumbers(id, numbers));
            Assert.Contains("a whole number", fault.Message, StringComparison.Ordinal);
            Assert.False(AsTextOf(spec, axis, "1.5").IsLegal);
        }
        else
        {
            Assert.Equal(own.Min + 0.5, AsNumbers(id, numbers)[axis]);
            Assert.Equal(1.5, AsTextOf(spec, axis, "1.5")[axis]);
        }
    }

    [Theory]
    [MemberData(nameof(Axes))]
    public void Read_NoNumberAtAll_NamesTheFieldThatLacksOne(string id, int axis)
    {
        var spec = TaskCatalog.Find(id).Spec;
        foreach (var text in (string[])["NaN", "Infinity", "-", "+", "1e999", "0x10", "twelve", "½", "1 000 000 000"])
        {
            var read = AsTextOf(spec, axis, text);

            Assert.False(read.IsLegal, text);
            Assert.NotNull(read.Error);
        }

        Assert.StartsWith($"'{spec.Answer[axis].Name}' is ", AsTextOf(spec, axis, "NaN").Error);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Read_TooFewOrTooManyNumbers_SaysHowManyAndWhich(string id)
    {
        var spec = TaskCatalog.Find(id).Spec;
        foreach (var count in (int[])[0, spec.Answer.Count - 1, spec.Answer.Count + 1])
        {
            var fault = Assert.Throws<PhysIntuitionException>(() => AsNumbers(id, new double[count]));

            Assert.Equal("actions[0]", fault.Field);
            Assert.Equal($"'actions[0]' has {count} numbers; {id} takes {spec.Answer.Count} "
                + $"({string.Join(", ", spec.Answer.Select(axis => axis.Name))}), or text.", fault.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Write_RandomAnswers_AreReadBackInEveryForm(string id)
    {
        var (spec, random) = (TaskCatalog.Find(id).Spec, new RandomStream(5));
        for (var i = 0; i < 200; i++)
        {
            double[] numbers = [.. spec.Answer.Select(axis => axis.IsInteger
                ? axis.Min + random.NextInt(0, (int)(axis.Max - axis.Min) + 1)
                : Math.Round(axis.Min + ((axis.Max - axis.Min) * random.NextFloat()), 3))];
            var (answer, text) = (Answer.Of(numbers), AnswerText.Write(Answer.Of(numbers), spec.Answer));

            Assert.Equal(answer, AnswerText.Read(text, spec.Answer));
            Assert.Equal(answer, AnswerText.Read($"I think so. {text.ToUpperInvariant()} Yes.", spec.Answer));
            Assert.Equal(answer, AnswerText.Read(Named(spec, text, isReversed: false), spec.Answer));
            Assert.Equal(answer, AnswerText.Read(Named(spec, text, isReversed: true), spec.Answer));
            Assert.Equal(answer, AnswerText.Read(text.Replace("<answer>", "<answer>**").Replace("</", "** </"),
                spec.Answer));
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void FormOf_Prompted_NamesEveryNumberOrWord(string id)
    {
        var (spec, form) = (TaskCatalog.Find(id).Spec, AnswerText.FormOf(TaskCatalog.Find(id).Spec.Answer));

        Assert.Contains("<answer>", form, StringComparison.Ordinal);
        Assert.All(spec.Answer, axis => Assert.All(axis.Choices ?? [axis.Name], word =>
            Assert.Contains(word, form, StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_TextOfSixteenThousandDigits_IsShortenedInTheMessage()
    {
        var error = AsTextOf(new OffsetX().Spec, 0, new string('7', 16_000)).Error!;

        Assert.InRange(error.Length, 20, 160);
        Assert.Contains("777...", error, StringComparison.Ordinal);
    }

    private static double[] Middle(TaskSpec spec, int axis, double value) => [.. spec.Answer.Select((own, k) =>
        k == axis ? value : Math.Floor((own.Min + own.Max) / 2))];

    private static Answer AsText(TaskSpec spec, in Answer answer) =>
        AnswerText.Read(AnswerText.Write(answer, spec.Answer), spec.Answer);

    private static Answer AsTextOf(TaskSpec spec, int axis, string text) => AnswerText.Read(
        $"<answer>{string.Join(", ", spec.Answer.Select((own, k) => k == axis ? text : Word(own)))}</answer>",
        spec.Answer);

    private static string Word(AnswerAxis axis) =>
        axis.Choices?[0] ?? Math.Floor((axis.Min + axis.Max) / 2).ToString(CultureInfo.InvariantCulture);

    // Each value with its name in front, in any order.
    private static string Named(TaskSpec spec, string text, bool isReversed)
    {
        var values = text["<answer>".Length..^"</answer>".Length].Trim('(', ')').Split(", ");
        var named = spec.Answer.Select((axis, k) => $"{axis.Name} = {values[k]}");

        return $"<answer>{string.Join("; ", isReversed ? named.Reverse() : named)}</answer>";
    }

    private static Answer AsNumbers(string id, double[] numbers) =>
        ActionReader.Read(TaskCatalog.Find(id), new Episode(), row: 0, SlotAction.OfNumbers(numbers));
}
