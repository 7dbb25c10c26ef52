namespace PhysIntuition.Trainer.Study;

/// <summary>Where axes begin and end, where their ticks stand, and how they read.</summary>
public sealed class ChartAxisTests
{
    [Theory]
    [InlineData(0, 1, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(0, 500, "0 100 200 300 400 500")]
    [InlineData(1, 7, "2 4 6")]
    [InlineData(-1, 1, "-1.0 -0.5 0.0 0.5 1.0")]
    [InlineData(0, 0.04, "0.00 0.01 0.02 0.03 0.04")]
    [InlineData(0, 5e7, "0e+0 1e+7 2e+7 3e+7 4e+7 5e+7")]
    public void Ticks_OfAnExactRange_AreRoundAndWithin(double low, double high, string ticks)
    {
        var axis = ChartAxis.Exactly(low, high);

        Assert.Equal((low, high), (axis.From, axis.To));
        Assert.Equal(ticks, string.Join(' ', axis.Ticks().Select(axis.Text)));
    }

    [Theory]
    [InlineData(0.03, 0.97)]
    [InlineData(-12.3, 4)]
    [InlineData(99, 101)]
    [InlineData(1e-9, 3e-9)]
    [InlineData(-5e6, -1e6)]
    public void Around_AnyRange_HoldsItBetweenTicks(double low, double high)
    {
        var axis = ChartAxis.Around(low, high);
        var ticks = axis.Ticks().ToList();

        Assert.True(axis.From <= low && high <= axis.To);
        Assert.True(low - axis.From < axis.Step * 1.000001 && axis.To - high < axis.Step * 1.000001);
        Assert.Equal(axis.From, ticks[0], 1e-9 * axis.Step);
        Assert.Equal(axis.To, ticks[^1], 1e-9 * axis.Step);
        Assert.InRange(ticks.Count, 3, 12);
    }

    [Theory]
    [InlineData(4, 2, 6)]
    [InlineData(-4, -6, -2)]
    [InlineData(0, -0.5, 0.5)]
    public void Exactly_OneNumberAlone_StandsInTheMiddle(double value, double from, double to)
    {
        var axis = ChartAxis.Exactly(value, value);

        Assert.Equal((from, to), (axis.From, axis.To));
        Assert.Equal(0.5, axis.Share(value));
    }

    [Fact]
    public void Share_OfARange_GoesFromZeroToOne()
    {
        var axis = ChartAxis.Exactly(10, 30);

        Assert.Equal([0.0, 0.25, 1, 1.5, -0.5], new[] { 10.0, 15, 30, 40, 0 }.Select(axis.Share));
    }

    [Fact]
    public void Text_OfWhatSummingLeftOfZero_IsZero()
    {
        var axis = ChartAxis.Exactly(-0.3, 0.3);

        Assert.Equal("0.0", axis.Text(-5.5e-17));
        Assert.DoesNotContain(axis.Ticks().Select(axis.Text), text => text.StartsWith("-0.0"));
    }
}
