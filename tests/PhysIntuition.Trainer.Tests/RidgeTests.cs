namespace PhysIntuition.Trainer;

public sealed class RidgeTests
{
    [Fact]
    public void Fit_LinearTruth_IsFoundWhateverTheUnits()
    {
        var (examples, targets) = Sample(200);

        var model = Ridge.Fit(examples, targets);

        var (others, truth) = Sample(50, seed: 1);
        Assert.InRange(Ridge.Score(model, others, truth), 0.999, 1);
        Assert.All(others.Zip(truth), pair => Assert.Equal(pair.Second, model.Predict(pair.First), 0.5));
    }

    [Fact]
    public void Fit_TwoExamples_IsTheFormula()
    {
        // Scaled to -1 and 1 the kernel is [[1, -1], [-1, 1]], its mean eigenvalue 1, and of equally good strengths the
        // first, 1e-4, is taken: the dual is (-1, 1) / (2 + 1e-4), the slope 2 / (2 + 1e-4).
        var model = Ridge.Fit([[3], [5]], [10, 12]);

        Assert.Equal(11, model.Predict([4]), 1e-9);
        Assert.Equal(11 + (2 / (2 + 1e-4)), model.Predict([5]), 1e-9);
    }

    [Fact]
    public void Fit_FeatureThatNeverChanges_SaysNothing()
    {
        // 0.1 has no exact mean: its rounding must not be taken for a spread.
        float[][] examples = [.. Enumerable.Range(0, 30).Select(i => new[] { 0.1f, i })];

        var model = Ridge.Fit(examples, [.. examples.Select(example => 2.0 * example[1])]);

        Assert.Equal(model.Predict([0.1f, 7]), model.Predict([0.3f, 7]));
    }

    [Fact]
    public void Fit_TargetsOfChance_ExplainNothing()
    {
        var (examples, _) = Sample(200);
        var random = new Random(3);
        var model = Ridge.Fit(examples, [.. examples.Select(_ => random.NextDouble())]);

        var (others, _) = Sample(100, seed: 2);
        Assert.InRange(Ridge.Score(model, others, [.. others.Select(_ => random.NextDouble())]), -0.5, 0.15);
    }

    [Fact]
    public void Fit_MoreFeaturesThanExamples_StaysFinite()
    {
        var random = new Random(4);
        float[][] examples = [.. Enumerable.Range(0, 20).Select(_ =>
            Enumerable.Range(0, 100).Select(_ => (float)random.NextDouble()).ToArray())];

        var model = Ridge.Fit(examples, [.. examples.Select(example => (double)example[0])]);

        Assert.True(double.IsFinite(model.Predict(examples[0])));
    }

    /// <summary>y = 3 a - 0.002 b + 5 with a near 1 and b near 1000; the third feature never changes.</summary>
    private static (float[][] Examples, double[] Targets) Sample(int count, int seed = 0)
    {
        var random = new Random(seed);
        float[][] examples = [.. Enumerable.Range(0, count).Select(_ => new[]
        {
            (float)(random.NextDouble() + 0.5), (float)(1000 * random.NextDouble()), 7,
        })];
        return (examples, [.. examples.Select(e => (3 * e[0]) - (0.002 * e[1]) + 5)]);
    }
}
