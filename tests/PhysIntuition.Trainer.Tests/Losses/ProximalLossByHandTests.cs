using PhysIntuition.Vlm.Testing;
using TorchSharp;
using static TorchSharp.torch;
using Given = PhysIntuition.Trainer.Testing.Given;

namespace PhysIntuition.Trainer.Losses;

/// <summary>The loss with a value head on two answers of three tokens, worked out by hand.</summary>
public sealed class ProximalLossByHandTests
{
    public ProximalLossByHandTests() => NativeTorch.Require();

    [Theory]
    [InlineData(0.2, (-(1.2 + 1 + 0.5) + (1 + 0.4)) / 5)]
    [InlineData(0.5, (-(1.5 + 1 + 0.5) + (1 + 0.25)) / 5)]
    [InlineData(1.0, (-(1.5 + 1 + 0.5) + (1 + 0.25)) / 5)]
    public void Compute_PolicyClip_BoundsTheRatioOnTheSideThatGains(double clip, double loss) =>
        Assert.Equal(loss, Loss(new() { PolicyClip = clip, ValueWeight = 0 }), 1e-12);

    // Values 1 where they were 0, towards returns 2, 1, 0.5; -1 where they were 0, towards 0 and -1. Within the clip of
    // 0.2 the value is 0.2 or -0.2: larger of (1 - 2)² = 1 and (0.2 - 2)² = 3.24; of 0 and 0.64; of 0.25 and 0.09; of 1
    // and 0.04; of 0 and 0.64. Half their sum: (3.24 + 0.64 + 0.25 + 1 + 0.64) / 2 = 2.885.
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
    public void Compute_PaddedToken_ChangesNothing()
    {
        var usual = Loss(new());

        Assert.Equal(usual, Loss(new(), padding: 3));
        Assert.Equal(usual, Loss(new(), padding: -50));
    }

    private static double Loss(ProximalLossOptions options, double padding = 0)
    {
        using var scope = NewDisposeScope();
        double[] ratio = [1.5, 1, 0.5, 2, 0.5, 1];
        var old = Table([-1, -2, -3, -1, -2, padding]);
        var now = old + Table([.. ratio.Select(share => Math.Log(share))]);

        return ProximalLoss.Compute(
            now, Table([1, 1, 1, -1, -1, padding]), new(
                old, Table([0, 0, 0, 0, 0, padding]), Table([1, 1, 1, -0.5, -0.5, padding]),
                Table([2, 1, 0.5, 0, -1, padding]), Table([1, 1, 1, 1, 1, 0])), options).ToDouble();
    }

    private static Tensor Table(double[] values) => Given.Doubles(values).reshape(2, 3);
}
