using PhysIntuition.Environments.Checks;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests;

/// <summary>The probe that looks for leaks: what it must find, and what it must not.</summary>
public sealed class LinearProbeTests
{
    private const int Rows = 400;

    [Fact]
    public void Test_FeatureThatIsTheLabel_IsRightEveryTime()
    {
        var random = new RandomStream(1);
        double[] labels = [.. Enumerable.Range(0, Rows).Select(_ => random.NextInt(0, 2) == 0 ? 1.0 : -1)];
        double[][] rows = [.. labels.Select(label => new[] { 1e6 + (label * 1e-3), 7, -label })];

        Assert.Equal((Rows / 2, Rows / 2), LinearProbe.Test(rows, labels));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Test_FeaturesOfChance_AreRightAboutHalfTheTime(ulong seed)
    {
        var random = new RandomStream(seed);
        double[] labels = [.. Enumerable.Range(0, Rows).Select(_ => random.NextInt(0, 2) == 0 ? 1.0 : -1)];
        double[][] rows = [.. labels.Select(_ => new double[] { random.NextFloat(), random.NextFloat() })];

        // Four standard deviations of 200 tosses are 28.
        Assert.InRange(LinearProbe.Test(rows, labels).Right, 100 - 28, 100 + 28);
    }

    [Fact]
    public void Test_HalfPlaneOfTwoFeatures_IsFoundButForItsEdge()
    {
        var random = new RandomStream(4);
        double[][] rows = [.. Enumerable.Range(0, Rows).Select(
            _ => new double[] { random.NextFloat(), random.NextFloat() })];
        double[] labels = [.. rows.Select(row => row[0] + (2 * row[1]) > 1.5 ? 1.0 : -1)];

        Assert.InRange(LinearProbe.Test(rows, labels).Right, 0.93 * Rows / 2, Rows / 2);
    }

    [Fact]
    public void Test_ParityOfTwoFeatures_IsRightInThreeOfFourCasesAtMost()
    {
        var random = new RandomStream(5);
        double[][] rows = [.. Enumerable.Range(0, Rows).Select(
            _ => new double[] { random.NextInt(0, 2), random.NextInt(0, 2) })];
        double[] labels = [.. rows.Select(row => row[0] == row[1] ? 1.0 : -1)];

        // No line has the two equal cases on one side; four standard deviations of 200 with 3/4 are 25.
        Assert.InRange(LinearProbe.Test(rows, labels).Right, 0, 150 + 25);
    }

    [Fact]
    public void Test_ScaleOrOffsetOfAFeature_ChangesNothing()
    {
        var random = new RandomStream(6);
        double[][] rows = [.. Enumerable.Range(0, Rows).Select(
            _ => new double[] { random.NextFloat(), random.NextFloat() })];
        double[] labels = [.. rows.Select(row => row[0] + (0.3 * random.NextFloat()) > 0.6 ? 1.0 : -1)];
        double[][] scaled = [.. rows.Select(row => new[] { (row[0] * 1000) + 5, -row[1] })];

        Assert.Equal(LinearProbe.Test(rows, labels), LinearProbe.Test(scaled, labels));
    }

    [Fact]
    public void Test_ConstantFeatures_AnswerWithTheCommonerLabel()
    {
        double[] labels = [.. Enumerable.Range(0, Rows).Select(i => i % 4 == 0 ? -1.0 : 1)];
        double[][] rows = [.. labels.Select(_ => new double[] { 3, 0 })];

        Assert.Equal((150, 200), LinearProbe.Test(rows, labels));
    }
}
