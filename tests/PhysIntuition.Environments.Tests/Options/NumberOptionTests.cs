using System.CommandLine;
using PhysIntuition.Environments.Options;

namespace PhysIntuition.Environments.Tests.Options;

/// <summary>Numbers of command lines at the borders of their rules, and how their rules read.</summary>
public sealed class NumberOptionTests
{
    private static readonly WithinAttribute s_share = new(0, 1) { IsMinExcluded = true };

    [Theory]
    [InlineData("1", 1)]
    [InlineData("12", 12)]
    [InlineData("+3", 3)]
    public void Of_WholeNumberWithinItsRule_IsRead(string text, int value) =>
        Assert.Equal(value, Read(NumberOption.Of("--count", "", 5, new(1, 12)), text).Value);

    [Theory]
    [InlineData("0")]
    [InlineData("13")]
    [InlineData("2.5")]
    [InlineData("1,000")]
    [InlineData("99999999999")]
    [InlineData("many")]
    public void Of_AnythingElse_IsAFaultThatNamesOptionTextAndRule(string text) =>
        Assert.Equal([$"'--count' is {text}; it must be a whole number in [1, 12]."],
            Read(NumberOption.Of("--count", "", 5, new(1, 12)), text).Faults);

    [Theory]
    [InlineData("0.5", 0.5, true)]
    [InlineData("1e-3", 0.001, true)]
    [InlineData("1", 1, true)]
    [InlineData("0", 0, false)]
    [InlineData("0,5", 0, false)]
    [InlineData("NaN", 0, false)]
    [InlineData("-Infinity", 0, false)]
    [InlineData("1.001", 0, false)]
    public void Of_Share_TakesADecimalPointAlone(string text, double value, bool isTaken)
    {
        var (read, faults) = Read(NumberOption.Of("--share", "", 0.25, s_share), text);

        Assert.Equal(isTaken ? [] : [$"'--share' is {text}; it must be a number with a decimal point, in (0, 1]."],
            faults);
        if (isTaken)
        {
            Assert.Equal(value, read);
        }
    }

    [Fact]
    public void Of_OptionThatIsLeftOut_HasItsDefault()
    {
        var (option, other) =
            (NumberOption.Of("--share", "", 0.25, s_share), NumberOption.Optional<int>("--most", "", new(1, 9)));
        var parsed = new RootCommand { option, other }.Parse([]);

        Assert.Equal(0.25, parsed.GetValue(option));
        Assert.Null(parsed.GetValue(other));
        Assert.Equal(9, Read(other, "9").Value);
        Assert.Single(Read(other, "10").Faults);
    }

    [Fact]
    public void Many_Numbers_AreCheckedOneByOne()
    {
        var option = NumberOption.Many<int>("--steps", "", new(0, 64));
        var command = new RootCommand { option };

        Assert.Equal([0, 3, 64], command.Parse(["--steps", "0", "3", "64"]).GetValue(option)!);
        Assert.Equal(
            ["'--steps' is 65; it must be a whole number in [0, 64].",
                "'--steps' is x; it must be a whole number in [0, 64]."],
            command.Parse(["--steps", "65", "3", "x"]).Errors.Select(error => error.Message));
    }

    [Theory]
    [InlineData(0, 1, false, false, "in [0, 1]", true, true)]
    [InlineData(0, 1, true, false, "in (0, 1]", false, true)]
    [InlineData(0, 1, false, true, "in [0, 1)", true, false)]
    [InlineData(0, double.PositiveInfinity, true, true, "above 0", false, false)]
    [InlineData(1, double.PositiveInfinity, false, false, "at least 1", true, true)]
    public void Allows_Ends_AreLegalUnlessExcluded(
        double min, double max, bool isMinExcluded, bool isMaxExcluded, string text, bool takesMin, bool takesMax)
    {
        var rule = new WithinAttribute(min, max) { IsMinExcluded = isMinExcluded, IsMaxExcluded = isMaxExcluded };

        Assert.Equal(text, rule.ToString());
        Assert.Equal((takesMin, takesMax), (rule.Allows(min), rule.Allows(max)));
        Assert.False(rule.Allows(double.BitDecrement(min)));
        Assert.True(rule.Allows(double.BitIncrement(min)));
        Assert.False(rule.Allows(double.NaN));
    }

    private static (T? Value, IEnumerable<string> Faults) Read<T>(Option<T> option, string text)
    {
        var parsed = new RootCommand { option }.Parse([option.Name, text]);
        string[] faults = [.. parsed.Errors.Select(error => error.Message)];
        return (faults.Length == 0 ? parsed.GetValue(option) : default, faults);
    }
}
