namespace PhysIntuition.Leaderboard.Tests;

public sealed class PairedTestTests
{
    [Fact]
    public void Of_FiveWinsAndNoLoss_HasTheBinomialTailAsPValue()
    {
        double[] first = [1, 1, 1, 1, 1, 0, 1], second = [0, 0, 0, 0, 0, 0, 1];

        var test = PairedTest.Of(first, second);

        // Five discordant pairs, all one way: 2 * (1/2)^5.
        Assert.Equal(2 * Math.Pow(0.5, 5), test.PValue, 1e-12);
        Assert.Equal("mcnemar-exact", test.Test);
    }

    [Fact]
    public void Of_EqualMethods_NeverDiffers()
    {
        double[] answers = [1, 0, 1, 1, 0];

        Assert.Equal(1, PairedTest.Of(answers, answers).PValue);
        Assert.Equal(0, PairedTest.Of(answers, answers).Difference.Mean);
    }

    [Fact]
    public void Of_RewardsThatAllRise_HasTheSignFlipTailAsPValue()
    {
        // Every |sum| below the observed one but for the two arrangements with equal signs: p = 2 / 2^8.
        double[] first = [8, 9, 7, 9.5, 8.5, 9.2, 7.7, 8.8], second = [5, 6.5, 4, 6, 5.5, 6.1, 4.4, 5.9];

        var test = PairedTest.Of(first, second);

        Assert.Equal("sign-flip", test.Test);
        Assert.Equal(2 / 256.0, test.PValue, 3 * Math.Sqrt(2 / 256.0 / 10_000));
        Assert.Equal(93, test.PValue * 10_001, 1e-9); // Guards the sequence of draws.
    }

    [Fact]
    public void Of_LengthsThatDiffer_SaysWhatWasExpected()
    {
        var fault = Assert.Throws<ArgumentException>(() => PairedTest.Of([1, 0], [1]));

        Assert.Contains("expected 2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adjust_ThreeComparisons_MultipliesByHowManyRemain()
    {
        // Holm: sorted 0.01, 0.02, 0.2 times 3, 2, 1, made monotone.
        Assert.Equal([0.2, 0.03, 0.04], Holm.Adjust([0.2, 0.01, 0.02]), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void CalibrationOf_SureAndHalfRight_IsOffByHalf()
    {
        var calibration = Calibration.Of([(1.0, true), (1.0, false)])!;

        Assert.Equal(0.5, calibration.ExpectedError, 1e-12);
        Assert.Equal(0.5, calibration.Brier, 1e-12);
        Assert.Null(Calibration.Of([]));
    }
}
