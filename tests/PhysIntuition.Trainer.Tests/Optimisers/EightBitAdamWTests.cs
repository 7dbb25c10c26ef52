using PhysIntuition.Vlm.Testing;
using TorchSharp.Modules;
using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Optimisers;

public sealed class EightBitAdamWTests
{
    private const int Count = 8192;   // above the size from which moments are quantised

    private static readonly MomentOptions s_options = new(0.9, 0.99, 0.01);

    public EightBitAdamWTests() => NativeTorch.Require();

    [Fact]
    public void Step_ManySteps_FollowsTheExactOptimiser()
    {
        using var scope = NewDisposeScope();
        var (exact, own) = (Weights(Count), Weights(Count));
        using var dense = new DenseAdamW([exact], s_options);
        using var quantised = new EightBitAdamW([own], s_options);

        for (var step = 0; step < 100; step++)
        {
            Descend(exact, dense, step);
            Descend(own, quantised, step);
        }

        // Both have gone the same way: the difference is small beside the path.
        var start = Weights(Count);
        var path = (exact - start).abs().sum().ToDouble();
        Assert.InRange((exact - own).abs().sum().ToDouble() / path, 1e-6, 0.1);
    }

    [Fact]
    public void Step_SmallParameter_IsExact()
    {
        using var scope = NewDisposeScope();
        var (exact, own) = (Weights(100), Weights(100));
        using var dense = new DenseAdamW([exact], s_options);
        using var quantised = new EightBitAdamW([own], s_options);

        for (var step = 0; step < 5; step++)
        {
            Descend(exact, dense, step);
            Descend(own, quantised, step);
        }

        Assert.InRange((exact - own).abs().max().ToDouble(), 0, 1e-6);
    }

    [Fact]
    public void Load_SavedState_GoesOnBitForBit()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var (first, second) = (Weights(Count), Weights(Count));
        using var one = new EightBitAdamW([first], s_options);
        using var other = new EightBitAdamW([second], s_options);
        Descend(first, one, 0);
        one.Save(folder.At("state"));
        using (no_grad())
        {
            second.copy_(first);
        }

        other.Load(folder.At("state"));
        Descend(first, one, 1);
        Descend(second, other, 1);

        Assert.Equal(first.data<float>().ToArray(), second.data<float>().ToArray());
        Assert.InRange(new FileInfo(folder.At("state")).Length, 2 * Count, 2.1 * Count);   // a byte for each moment
    }

    [Fact]
    public void Set_SameValueManyTimes_IsTrueOnAverage()
    {
        var moment = new QuantisedMoment(QuantisedMoment.BlockSize, isSigned: false);
        var values = Enumerable.Repeat(0.333f, QuantisedMoment.BlockSize).ToArray();
        values[0] = 1;   // the scale
        var sum = 0.0;
        for (ulong seed = 0; seed < 100; seed++)
        {
            var read = new float[values.Length];
            moment.Set(0, values, seed);
            moment.Get(0, read);
            sum += read.Skip(1).Average(value => (double)value) / 100;
        }

        // Codes near 0.333 are 0.007 apart; 25,500 draws leave a deviation below 0.007 / 2 / sqrt(25,500).
        Assert.Equal(0.333, sum, 5 * 0.0035 / Math.Sqrt(25_500));
        Assert.Equal(256, QuantisedMoment.Codes(isSigned: true).Distinct().Count());
        Assert.Equal(256, QuantisedMoment.Codes(isSigned: false).Distinct().Count());
    }

    private static Parameter Weights(int count) => nn.Parameter(arange(0, count, ScalarType.Float32, CPU) / count);

    /// <summary>One step towards 0.3, with noise that is the same for every optimiser.</summary>
    private static void Descend(Parameter weights, IOptimiser optimiser, int step)
    {
        var noise = (arange(0, weights.numel(), ScalarType.Float32, CPU) * (step + 1.7)).sin() * 0.1;
        var loss = ((weights - 0.3 + noise) * (weights - 0.3 + noise)).sum();
        loss.backward();
        optimiser.Step(1e-3);
    }
}
