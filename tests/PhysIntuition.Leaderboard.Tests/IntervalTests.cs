namespace PhysIntuition.Leaderboard.Tests;

public sealed class IntervalTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(3, 10)]
    [InlineData(50, 100)]
    [InlineData(100, 100)]
    public void Wilson_AnyShare_HasEndsWhereTheScoreTestIsJustRejected(int successes, int count)
    {
        var interval = Interval.Wilson(successes, count);

        // The ends p solve |x/n - p| = z sqrt(p (1 - p) / n), unless clamped to [0, 1].
        foreach (var end in new[] { interval.Low, interval.High }.Where(end => end is > 1e-12 and < 1 - 1e-12))
        {
            var score = Math.Abs(((double)successes / count) - end) / Math.Sqrt(end * (1 - end) / count);
            Assert.Equal(Interval.Z, score, 1e-9);
        }

        Assert.InRange(interval.Mean, interval.Low - 1e-12, interval.High + 1e-12);
    }

    [Fact]
    public void Wilson_FairCoin_CoversTheTruthAboutNineteenTimesInTwenty()
    {
        var random = new Random(7);
        var covered = 0;
        for (var trial = 0; trial < 2000; trial++)
        {
            var successes = Enumerable.Range(0, 60).Count(_ => random.Next(2) == 0);
            var interval = Interval.Wilson(successes, 60);
            covered += interval.Low <= 0.5 && 0.5 <= interval.High ? 1 : 0;
        }

        // Binomial(2000, 0.95) has a standard deviation of 9.7; discreteness of n = 60 moves the share by about 1 %.
        Assert.InRange(covered / 2000.0, 0.93, 0.975);
    }

    [Fact]
    public void Bootstrap_NormalSample_IsAsWideAsTheStandardErrorSays()
    {
        var random = new Random(3);
        var values = new double[400];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        }

        var interval = Interval.Bootstrap(values);

        var mean = values.Average();
        var deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / values.Length);
        var half = Interval.Z * deviation / Math.Sqrt(values.Length);
        Assert.Equal(mean, interval.Mean, 1e-12);
        Assert.Equal(2 * half, interval.High - interval.Low, 0.1 * half);
    }

    [Fact]
    public void Bootstrap_SameValuesTwice_GivesTheSameInterval()
    {
        double[] values = [0.5, 9, 3.25, -5];

        Assert.Equal(Interval.Bootstrap(values), Interval.Bootstrap(values));
    }

    [Fact]
    public void Bootstrap_OnAnyRuntime_GivesTheEndsThatSignedResultsState()
    {
        // Not derived: the two numbers guard the sequence of draws, which every stored result hangs on. Squares of 0 to
        // 11 have the mean 42.17 and the deviation 38.6, so the ends lie near 42.17 -+ 1.96 * 38.6 / sqrt(12).
        var interval = Interval.Bootstrap([0, 1, 4, 9, 16, 25, 36, 49, 64, 81, 100, 121]);

        Assert.Equal((21.664583333333333, 64.756249999999966), (interval.Low, interval.High));
    }

    [Fact]
    public void Of_ZerosAndOnes_IsWilson() => Assert.Equal(Interval.Wilson(2, 3), Interval.Of([1, 0, 1]));
}
