using System.Text.RegularExpressions;

namespace PhysIntuition.Trainer.Study;

public sealed class LineChartTests
{
    [Theory]
    [InlineData(0, 1, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(-3, 0.4493, "-3 -2 -1 0 1")]
    [InlineData(0.543, 0.972, "0.5 0.6 0.7 0.8 0.9 1.0")]
    [InlineData(12_000, 48_000, "10000 20000 30000 40000 50000")]
    [InlineData(7, 7, "2 4 6 8 10 12")]
    [InlineData(0, 3e-9, "0e+0 1e-9 2e-9 3e-9")]
    public void Around_Range_EndsAtRoundTicks(double low, double high, string ticks)
    {
        var axis = ChartAxis.Around(low, high);

        Assert.Equal(ticks, string.Join(' ', axis.Ticks().Select(axis.Text)));
        Assert.InRange(axis.Share(low), 0, 1);
        Assert.InRange(axis.Share(high), 0, 1);
    }

    [Fact]
    public void Draw_TwoLines_NamesAxesAndLinesAndMarksIntervals()
    {
        var chart = LineChart.Draw("examples", "success",
        [
            new ChartLine("a<b", [new ChartPoint(0, 0.2, 0.1), new ChartPoint(5, 0.6, 0.1)]),
            new ChartLine("c", [new ChartPoint(0, 0.4), new ChartPoint(3, double.NaN), new ChartPoint(5, 0.8)]),
        ]);

        Assert.Contains("<title>success over examples</title>", chart);
        Assert.Contains(">a&lt;b</text>", chart);
        Assert.Contains(">c</text>", chart);
        Assert.DoesNotContain("NaN", chart);
        Assert.Equal(4, Regex.Count(chart, "<circle"));
        Assert.Equal(2, Regex.Count(chart, "m-3 0h6"));
    }

    [Fact]
    public void Draw_LongLine_LaysItsMeanOverIt()
    {
        var points = Enumerable.Range(0, 100).Select(i => new ChartPoint(i, i % 2)).ToArray();

        var lines = Regex.Matches(LineChart.Draw("step", "reward", [new ChartLine("reward", points)]),
            "points=\"(.*?)\"").Select(match => match.Groups[1].Value.Split(' ')).ToArray();

        Assert.Equal([100, 100], lines.Select(line => line.Length));
        Assert.Equal(["214", "24"], lines[0].Select(point => point.Split(',')[1]).Distinct().Order());
        // Five neighbours in turn hold two or three ones.
        Assert.Equal(["100", "138"], lines[1][2..^2].Select(point => point.Split(',')[1]).Distinct().Order());
    }
}
