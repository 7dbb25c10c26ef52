namespace PhysIntuition.Trainer.Evaluation;

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
