using PhysIntuition.Vlm;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Training;

public sealed class AdamWTests
{
    private const int Count = 8192;   // above the size from which moments are quantised

    private static readonly MomentOptions s_options = new(0.9, 0.99, 0.01);

    public AdamWTests() => NativeTorch.Require();

    [Fact]
    public void Step_InEightBits_FollowsTheExactOptimiser()
    {
        using var scope = NewDisposeScope();
        var (exact, own) = (Weights(Count), Weights(Count));
        using var dense = new AdamW([exact], s_options);
        using var quantised = new AdamW([own], s_options, inEightBits: true);

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
    public void Step_InEightBitsASmallParameter_IsExact()
    {
        using var scope = NewDisposeScope();
        var (exact, own) = (Weights(100), Weights(100));
        using var dense = new AdamW([exact], s_options);
        using var quantised = new AdamW([own], s_options, inEightBits: true);

        for (var step = 0; step < 5; step++)
        {
            Descend(exact, dense, step);
            Descend(own, quantised, step);
        }

        Assert.Equal(exact.data<float>().ToArray(), own.data<float>().ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(37)]     // no multiple of a vector
    [InlineData(5000)]
    public void Step_InFloat32_IsTheLibrarysAdamW(int count)
    {
        using var scope = NewDisposeScope();
        var (own, theirs) = (Weights(count), Weights(count));
        using var optimiser = new AdamW([own], s_options);
        using var library = optim.AdamW([theirs], lr: 1e-3, beta1: 0.9, beta2: 0.99, weight_decay: 0.01);

        for (var step = 0; step < 50; step++)
        {
            Descend(own, optimiser, step);
            Loss(theirs, step).backward();
            library.step();
            library.zero_grad();
        }

        Assert.InRange((own - Weights(count)).abs().max().ToDouble(), 0.01, 0.06);   // 50 steps of about 1e-3
        Assert.InRange((own - theirs).abs().max().ToDouble(), 0, 1e-6);
    }

    [Fact]
    public void Step_ByHand_IsTheFormula()
    {
        using var scope = NewDisposeScope();
        var weight = nn.Parameter(tensor([2f]));
        using var optimiser = new AdamW([weight], new MomentOptions(0.9, 0.99, 0.1));

        for (var step = 0; step < 2; step++)
        {
            (weight * 3).sum().backward();
            optimiser.Step(0.5);
        }

        // A constant gradient: mean / (1 - beta1^t) = 3, root of square / (1 - beta2^t) = 3, so each step is the rate.
        // w1 = 2 (1 - 0.5 * 0.1) - 0.5 = 1.4; w2 = 1.4 * 0.95 - 0.5 = 0.83.
        Assert.Equal(0.83, weight.ToDouble(), 1e-6);
        Assert.Equal(0, weight.grad!.ToDouble());
    }

    [Fact]
    public void Step_WeightsInBFloat16_MoveByTheRate()
    {
        using var scope = NewDisposeScope();
        var weight = nn.Parameter(ones([8], ScalarType.BFloat16));
        using var optimiser = new AdamW([weight], s_options);

        (weight * 2).sum().backward();
        optimiser.Step(0.25);

        // 1 (1 - 0.25 * 0.01) - 0.25 = 0.7475, rounded to eight bits of mantissa: 191 / 256.
        Assert.Equal(ScalarType.BFloat16, weight.dtype);
        Assert.Equal(Enumerable.Repeat(191 / 256f, 8), weight.to(ScalarType.Float32).data<float>().ToArray());
    }

    [Fact]
    public void Load_StateOfAnotherModel_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var small = new AdamW([Weights(10)], s_options);
        using var large = new AdamW([Weights(11)], s_options);
        small.Save(folder.At("state"));

        var error = Assert.Throws<InvalidDataException>(() => large.Load(folder.At("state")));

        // Eight bytes for the step, two moments of four bytes an element.
        Assert.Contains("has 88 bytes; AdamW's moments of this model have 96", error.Message);
    }

    [Theory]
    [InlineData(false, 8)]
    [InlineData(true, 2)]
    public void Load_SavedState_GoesOnBitForBit(bool inEightBits, int bytesPerElement)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var (first, second) = (Weights(Count), Weights(Count));
        using var one = new AdamW([first], s_options, inEightBits);
        using var other = new AdamW([second], s_options, inEightBits);
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
        var stored = new FileInfo(folder.At("state")).Length / (double)Count;
        Assert.InRange(stored, bytesPerElement, 1.05 * bytesPerElement);
    }

    [Fact]
    public void Close_SameValueManyTimes_IsTrueOnAverage()
    {
        var moment = new QuantisedMoment(QuantisedMoment.BlockSize, isSigned: false);
        var values = Enumerable.Repeat(0.333f, QuantisedMoment.BlockSize).ToArray();
        values[0] = 1;   // the scale
        var sum = 0.0;
        for (ulong seed = 0; seed < 100; seed++)
        {
            moment.Close(0, values, seed);
            sum += moment.Open(0, new float[values.Length]).ToArray().Skip(1).Average(value => (double)value) / 100;
        }

        // Codes near 0.333 are 0.007 apart; 25,500 draws leave a deviation below 0.007 / 2 / sqrt(25,500).
        Assert.Equal(0.333, sum, 5 * 0.0035 / Math.Sqrt(25_500));
        Assert.Equal(256, QuantisedMoment.Codes(isSigned: true).Distinct().Count());
        Assert.Equal(256, QuantisedMoment.Codes(isSigned: false).Distinct().Count());
    }

    private static Parameter Weights(int count) => nn.Parameter(arange(0, count, ScalarType.Float32, CPU) / count);

    /// <summary>One step towards 0.3, with noise that is the same for every optimiser.</summary>
    private static void Descend(Parameter weights, AdamW optimiser, int step)
    {
        Loss(weights, step).backward();
        optimiser.Step(1e-3);
    }

    private static Tensor Loss(Parameter weights, int step)
    {
        var noise = (arange(0, weights.numel(), ScalarType.Float32, CPU) * (step + 1.7)).sin() * 0.1;
        return ((weights - 0.3 + noise) * (weights - 0.3 + noise)).sum();
    }
}
