using PhysIntuition.Vlm;
using TorchSharp;
using static TorchSharp.torch;
using Given = PhysIntuition.Trainer.Given;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>The loss with a value head on five tokens of two answers, worked out by hand.</summary>
public sealed class ProximalLossByHandTests
{
    public ProximalLossByHandTests() => NativeTorch.Require();

    [Theory]
    [InlineData(0.2, (-(1.2 + 1 + 0.5) + (1 + 0.4)) / 5)]
    [InlineData(0.5, (-(1.5 + 1 + 0.5) + (1 + 0.25)) / 5)]
    [InlineData(1.0, (-(1.5 + 1 + 0.5) + (1 + 0.25)) / 5)]
    public void Compute_PolicyClip_BoundsTheRatioOnTheSideThatGains(double clip, double loss) =>
        Assert.Equal(loss, Loss(new() { PolicyClip = clip, ValueWeight = 0 }), 1e-12);

    // Values 1 where they were 0, towards returns 2, 1, 0.5; -1 where they were 0, towards 0 and -1. Within the clip
    // of 0.2 the value is 0.2 or -0.2: larger of (1 - 2)² = 1 and (0.2 - 2)² = 3.24, of 0 and 0.64, of 0.25 and 0.09,
    // of 1 and 0.04, of 0 and 0.64. Half their sum: (3.24 + 0.64 + 0.25 + 1 + 0.64) / 2 = 2.885.
    [Theory]
    [InlineData(0.2, 2.885)]
    [InlineData(1.0, 1.125)]        // wide enough: (1 + 0 + 0.25 + 1 + 0) / 2
    [InlineData(5.0, 1.125)]
    public void Compute_ValueClip_TakesTheWorseOfBothErrors(double clip, double sum)
    {
        var policy = Loss(new() { ValueWeight = 0 });

        Assert.Equal(policy + (0.4 * sum / 5), Loss(new() { ValueClip = clip, ValueWeight = 0.4 }), 1e-12);
    }

    [Fact]
    public void Compute_ValueWeight_IsLinear()
    {
        var (none, one, two) = (Loss(new() { ValueWeight = 0 }), Loss(new() { ValueWeight = 1 }),
            Loss(new() { ValueWeight = 2 }));

        Assert.Equal(2 * (one - none), two - none, 1e-12);
    }

    [Fact]
    public void Loss_OfTokens_IsTheirMeanWhateverTheirShape()
    {
        using var scope = NewDisposeScope();
        var one = Ppo.Loss(Given.Doubles([-1]), Given.Doubles([1]),
            new(Given.Doubles([-1]), Given.Doubles([1]), Given.Doubles([3]), Given.Doubles([0])), new());
        var twice = Ppo.Loss(Given.Doubles([-1, -1]), Given.Doubles([1, 1]),
            new(Given.Doubles([-1, -1]), Given.Doubles([1, 1]), Given.Doubles([3, 3]), Given.Doubles([0, 0])), new());

        Assert.Equal(-3 + (0.1 * 0.5), one.ToDouble(), 1e-12);
        Assert.Equal(one.ToDouble(), twice.ToDouble(), 1e-12);
    }

    private static double Loss(PpoOptions options)
    {
        using var scope = NewDisposeScope();
        double[] ratio = [1.5, 1, 0.5, 2, 0.5];
        var old = Given.Doubles([-1, -2, -3, -1, -2]);
        var now = old + Given.Doubles([.. ratio.Select(share => Math.Log(share))]);

        return Ppo.Loss(now, Given.Doubles([1, 1, 1, -1, -1]), new(old, Given.Doubles([0, 0, 0, 0, 0]),
            Given.Doubles([1, 1, 1, -0.5, -0.5]), Given.Doubles([2, 1, 0.5, 0, -1])), options).ToDouble();
    }
}
