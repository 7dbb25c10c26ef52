using PhysIntuition.Vlm;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Training;

/// <summary>Steps of AdamW against its recurrence in double precision and what can be said beforehand.</summary>
public sealed class AdamWByHandTests
{
    public AdamWByHandTests() => NativeTorch.Require();

    [Theory]
    [InlineData(0.9, 0.99, 0.0)]
    [InlineData(0.9, 0.999, 0.1)]
    [InlineData(0, 0, 0.5)]
    [InlineData(0.5, 0.9, 0.01)]
    public void Step_TwentyGradients_FollowsTheRecurrence(double beta1, double beta2, double decay)
    {
        double[] weights = [0.5, -1.5, 2, 0.001, -3, 4, 0.25, -0.125, 1];
        double[] mean = new double[weights.Length], square = new double[weights.Length];
        using var parameter = Of(weights);
        using var optimiser = new AdamW([parameter], new(beta1, beta2, decay));
        for (var step = 1; step <= 20; step++)
        {
            double[] gradient = [.. weights.Select((_, i) => Math.Sin((3.7 * step) + i) * (i + 1))];
            var rate = 0.01 * (21 - step) / 20;
            for (var i = 0; i < weights.Length; i++)
            {
                mean[i] = (beta1 * mean[i]) + ((1 - beta1) * gradient[i]);
                square[i] = (beta2 * square[i]) + ((1 - beta2) * gradient[i] * gradient[i]);
                var (m, v) = (mean[i] / (1 - Math.Pow(beta1, step)), square[i] / (1 - Math.Pow(beta2, step)));
                weights[i] = (weights[i] * (1 - (rate * decay))) - (rate * m / (Math.Sqrt(v) + 1e-8));
            }

            Step(optimiser, parameter, gradient, rate);
            AssertEqual(weights, parameter, 2e-6);
        }
    }

    [Fact]
    public void Step_First_GoesByTheRateAgainstTheSignWhateverTheSize()
    {
        using var parameter = Of([1, 1, 1, 1]);
        using var optimiser = new AdamW([parameter], new(0.9, 0.99, 0));

        Step(optimiser, parameter, [1e-3, -1e3, 5, -0.2], 0.01);

        AssertEqual([0.99, 1.01, 0.99, 1.01], parameter, 1e-6);
    }

    [Fact]
    public void Step_ConstantGradient_GoesByTheRateEachTime()
    {
        using var parameter = Of([0]);
        using var optimiser = new AdamW([parameter], new(0.9, 0.999, 0));
        for (var step = 1; step <= 30; step++)
        {
            Step(optimiser, parameter, [0.7], 0.001);
            AssertEqual([-0.001 * step], parameter, 1e-6);
        }
    }

    [Fact]
    public void Step_NoGradient_DecaysOnlyWhereThereIsOne()
    {
        using var learned = Of([2]);
        using var left = Of([2]);
        using var optimiser = new AdamW([learned, left], new(0.9, 0.99, 0.1));

        Step(optimiser, learned, [0], 0.5);

        AssertEqual([2 * (1 - 0.05)], learned, 1e-6);
        AssertEqual([2], left, 0);
    }

    [Fact]
    public void Step_Gradient_IsSpentAfterwards()
    {
        using var parameter = Of([1, 2]);
        using var optimiser = new AdamW([parameter], new(0.9, 0.99, 0));

        Step(optimiser, parameter, [3, -4], 0.1);

        Assert.Equal([0f, 0f], parameter.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Step_AnyLength_TreatsEachElementAlone()
    {
        // Vectors and the rest of a row: the same element gets the same bits at every place.
        foreach (var count in (int[])[1, 3, 7, 8, 9, 15, 16, 17, 33])
        {
            using var parameter = Of([.. Enumerable.Repeat(0.3, count)]);
            using var optimiser = new AdamW([parameter], new(0.9, 0.99, 0.01));
            Step(optimiser, parameter, [.. Enumerable.Repeat(0.123, count)], 0.01);
            Step(optimiser, parameter, [.. Enumerable.Repeat(-0.456, count)], 0.01);

            Assert.Single(parameter.data<float>().ToArray().Distinct());
        }
    }

    [Fact]
    public void Save_HalfWay_GoesOnFromThere()
    {
        using var folder = new TemporaryFolder();
        using var whole = Of([1, -1]);
        using var parts = Of([1, -1]);
        using (var optimiser = new AdamW([whole], new(0.9, 0.99, 0.01)))
        {
            Step(optimiser, whole, [0.5, 0.25], 0.1);
            optimiser.Save(folder.At("state"));
            Step(optimiser, whole, [-0.5, 1], 0.1);
        }

        using (var first = new AdamW([parts], new(0.9, 0.99, 0.01)))
        {
            Step(first, parts, [0.5, 0.25], 0.1);
        }

        using var second = new AdamW([parts], new(0.9, 0.99, 0.01));
        second.Load(folder.At("state"));
        Step(second, parts, [-0.5, 1], 0.1);

        Assert.Equal(whole.data<float>().ToArray(), parts.data<float>().ToArray());
    }

    private static void Step(AdamW optimiser, Parameter parameter, double[] gradient, double rate)
    {
        using (var scope = NewDisposeScope())
        {
            (parameter * tensor(Array.ConvertAll(gradient, value => (float)value))).sum().backward();
        }

        optimiser.Step(rate);
    }

    private static Parameter Of(double[] values) =>
        nn.Parameter(tensor(Array.ConvertAll(values, value => (float)value)));

    private static void AssertEqual(double[] wanted, Parameter parameter, double tolerance) => Assert.All(
        wanted.Zip(parameter.data<float>().ToArray()), pair =>
            Assert.Equal(pair.First, pair.Second, tolerance * Math.Max(1, Math.Abs(pair.First))));
}
