using PhysIntuition.Simulation;

namespace PhysIntuition.Leaderboard.Tests;

/// <summary>Statistics against tables in print, and against sums over all that could have come about.</summary>
public sealed class PublishedTablesTests
{
    // Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 1998, table I,
    // method 3: the score method without continuity correction.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Wilson_NewcombesExamples_HaveHisEnds(int successes, int count, double low, double high)
    {
        var interval = Interval.Wilson(successes, count);

        Assert.Equal(low, interval.Low, 0.00006);
        Assert.Equal(high, interval.High, 0.00006);
        Assert.Equal(count, interval.Count);
    }

    [Fact]
    public void Wilson_FailuresForSuccesses_AreTheMirroredInterval()
    {
        for (var successes = 0; successes <= 17; successes++)
        {
            var (one, other) = (Interval.Wilson(successes, 17), Interval.Wilson(17 - successes, 17));

            Assert.Equal(one.Low, 1 - other.High, 1e-12);
            Assert.Equal(one.High, 1 - other.Low, 1e-12);
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(-1, 5)]
    [InlineData(6, 5)]
    public void Wilson_NumbersThatCannotBe_AreRefused(int successes, int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Interval.Wilson(successes, count));

    // Siegel, Nonparametric statistics, 1956, table D: one-tailed odds of x or fewer among N when either is as likely.
    [Theory]
    [InlineData(5, 0, 0.031)]
    [InlineData(8, 1, 0.035)]
    [InlineData(10, 1, 0.011)]
    [InlineData(12, 2, 0.019)]
    [InlineData(15, 3, 0.018)]
    [InlineData(20, 5, 0.021)]
    [InlineData(25, 7, 0.022)]
    public void Of_DiscordantPairs_HaveTwiceTheTableOfTheSignTest(int pairs, int losses, double oneTailed)
    {
        double[] first = [.. Enumerable.Range(0, pairs + 6).Select(i => i < pairs - losses || i >= pairs ? 1.0 : 0)];
        double[] second = [.. Enumerable.Range(0, pairs + 6).Select(i => i < pairs - losses ? 0.0 : 1)];

        var test = PairedTest.Of(first, second);

        Assert.Equal("mcnemar-exact", test.Test);
        Assert.Equal(2 * oneTailed, test.PValue, 0.001);   // the table has three places
        Assert.Equal(test.PValue, PairedTest.Of(second, first).PValue, 1e-12);
        Assert.Equal((pairs - (2.0 * losses)) / (pairs + 6), test.Difference.Mean, 1e-12);
    }

    [Fact]
    public void Of_AsManyWinsAsLosses_IsCertainlyChance() =>
        Assert.Equal(1, PairedTest.Of([1, 1, 0, 0], [0, 0, 1, 1]).PValue, 1e-12);

    [Fact]
    public void Of_OneRewardBeyondYesAndNo_IsComparedBySigns() =>
        Assert.Equal("sign-flip", PairedTest.Of([1, 0, -1], [0, 0, 1]).Test);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public void Of_FewRewards_HaveTheShareOfAllSignsThatGoAsFar(int count)
    {
        var random = new RandomStream((ulong)count);
        double[] first = [.. Enumerable.Range(0, count).Select(_ => (double)random.NextFloat(-3f, 10f))];
        double[] second = [.. Enumerable.Range(0, count).Select(_ => (double)random.NextFloat(-3f, 8f))];
        double[] differences = [.. first.Zip(second, (a, b) => a - b)];
        var observed = Math.Abs(differences.Sum());
        var asFar = Enumerable.Range(0, 1 << count).Count(signs => Math.Abs(differences.Select((difference, i) =>
            (signs & (1 << i)) == 0 ? difference : -difference).Sum()) >= observed - 1e-9) / (double)(1 << count);

        // Ten thousand draws: four standard deviations.
        Assert.Equal(asFar, PairedTest.Of(first, second).PValue,
            (4 * Math.Sqrt(asFar * (1 - asFar) / 10_000)) + 1e-4);
    }

    // Holm's step-down by hand: sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1, made monotone.
    [Fact]
    public void Adjust_FourValues_StepsDown() => AssertEqual(
        [0.03, 0.06, 0.06, 0.02], Holm.Adjust([0.01, 0.04, 0.03, 0.005]));

    [Fact]
    public void Adjust_AnyValues_AreMonotoneAtLeastAsLargeAndAtMostOne()
    {
        var random = new RandomStream(4);
        for (var trial = 0; trial < 50; trial++)
        {
            double[] values = [.. Enumerable.Range(0, 1 + (trial % 9)).Select(_ => (double)random.NextFloat())];
            var adjusted = Holm.Adjust(values);
            var order = Enumerable.Range(0, values.Length).OrderBy(i => values[i]).ToArray();

            Assert.All(values.Zip(adjusted), pair => Assert.InRange(pair.Second, pair.First, 1));
            Assert.Equal(order.Select(i => adjusted[i]).Order(), order.Select(i => adjusted[i]));
            Assert.Equal(Math.Min(1, values.Min() * values.Length), adjusted[order[0]], 1e-12);
        }

        Assert.Empty(Holm.Adjust([]));
    }

    [Fact]
    public void Bootstrap_TwoValues_ReachesFromOneToTheOther()
    {
        // A quarter of the resamples is all of one value: more than a fortieth.
        var interval = Interval.Bootstrap([2, 10]);

        Assert.Equal((6.0, 2.0, 10.0, 2), (interval.Mean, interval.Low, interval.High, interval.Count));
    }

    [Fact]
    public void Bootstrap_OneOrEqualValues_HasNoWidth()
    {
        Assert.Equal((3.5, 3.5, 3.5), Ends(Interval.Bootstrap([3.5])));
        Assert.Equal((-1.0, -1.0, -1.0), Ends(Interval.Bootstrap([-1, -1, -1, -1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => Interval.Bootstrap([]));
    }

    [Fact]
    public void Bootstrap_ShiftedAndScaledValues_ShiftAndScaleTheirInterval()
    {
        double[] values = [0, 1, 4, 9, 16, 25, 36, 50];
        var (usual, moved) = (Interval.Bootstrap(values), Interval.Bootstrap([.. values.Select(v => (4 * v) - 64)]));

        Assert.Equal((4 * usual.Low) - 64, moved.Low, 1e-9);
        Assert.Equal((4 * usual.High) - 64, moved.High, 1e-9);
    }

    [Theory]
    [InlineData(0.2, 1.0, 0.6, 0.5)]
    [InlineData(0.5, 1.0, 0.5, 0.0)]
    [InlineData(0.5, 1.0, 0.25, -0.5)]
    [InlineData(-3.7, 10.0, 10.0, 1.0)]
    [InlineData(0.5, 0.5, 0.7, 0.0)]     // no way between them
    public void Normalise_Mean_IsTheShareOfTheWayFromChanceToTheExpert(
        double random, double expert, double mean, double share) =>
        Assert.Equal(share, new Anchors(random, expert).Normalise(mean), 1e-12);

    [Fact]
    public void Of_Confidences_FallIntoTenths()
    {
        // Tenth 0.2: 0.21 and 0.29, one right: off by 0.25. Tenth 0.9: 0.95 and 1.0, both right: off by 0.025.
        var calibration = Calibration.Of([(0.21, true), (0.29, false), (0.95, true), (1.0, true)])!;

        Assert.Equal([(0.25, 0.5, 2), (0.975, 1.0, 2)], calibration.Bins.Select(bin =>
            (Math.Round(bin.Confidence, 12), bin.Accuracy, bin.Count)));
        Assert.Equal((0.25 + 0.025) / 2, calibration.ExpectedError, 1e-12);
        Assert.Equal(((0.79 * 0.79) + (0.29 * 0.29) + (0.05 * 0.05)) / 4, calibration.Brier, 1e-12);
    }

    [Fact]
    public void Of_PerfectForecasts_HaveNoError()
    {
        var calibration = Calibration.Of([(1, true), (0, false), (1, true)])!;

        Assert.Equal((0.0, 0.0), (calibration.ExpectedError, calibration.Brier));
    }

    private static (double, double, double) Ends(Interval interval) => (interval.Mean, interval.Low, interval.High);

    private static void AssertEqual(double[] wanted, double[] values)
    {
        Assert.Equal(wanted.Length, values.Length);
        Assert.All(wanted.Zip(values), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }
}
