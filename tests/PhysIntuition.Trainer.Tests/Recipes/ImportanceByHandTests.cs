using PhysIntuition.Vlm;
using TorchSharp;
using static TorchSharp.torch;
using Given = PhysIntuition.Trainer.Given;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>What another engine's probabilities change, on two answers of two tokens, worked out by hand.</summary>
/// <remarks>
/// The learning model found the tokens [2, 0.5] and [4, -] times as probable as the engine that sampled them; ratios of
/// the update are 1 and advantages 1 and -1.
/// </remarks>
public sealed class ImportanceByHandTests
{
    private static readonly double[] s_own = [0.4, 0.2, 0.8, 0.5], s_times = [2, 0.5, 4, 9], s_mask = [1, 1, 1, 0];

    public ImportanceByHandTests() => NativeTorch.Require();

    [Theory]
    [InlineData(3, ((-2.5 / 2) + 3) / 2)]      // 4 counts as 3
    [InlineData(10, ((-2.5 / 2) + 4) / 2)]
    [InlineData(1, ((-1.5 / 2) + 1) / 2)]
    public void Compute_ImportanceCap_BoundsWhatATokenCounts(double cap, double loss) =>
        Assert.Equal(loss, Result(new() { ImportanceCap = cap }).Loss.ToDouble(), 1e-12);

    [Fact]
    public void Compute_SequenceLevel_WeighsByTheProductOfAnAnswer()
    {
        // 2 x 0.5 = 1 and 4, capped at 3.
        var options = new GrpoOptions { SequenceLevel = true, ImportanceCap = 3 };

        Assert.Equal((-1.0 + 3) / 2, Result(options).Loss.ToDouble(), 1e-12);
    }

    [Fact]
    public void Compute_WithoutAnotherEngine_CountsEveryTokenOnce() =>
        Assert.Equal((-1.0 + 1) / 2, Result(new(), isSampledElsewhere: false).Loss.ToDouble(), 1e-12);

    [Fact]
    public void Compute_Difference_IsReportedOverTokensThatAreThere()
    {
        var metrics = Result(new()).Metrics;

        Assert.Equal(Math.Log(2 * 2 * 4) / 3, metrics["sampling/sampling_logp_difference/mean"], 1e-12);
        Assert.Equal(Math.Log(4), metrics["sampling/sampling_logp_difference/max"], 1e-12);
        Assert.Equal(6.5 / 3, metrics["sampling/importance_sampling_ratio/mean"], 1e-12);
        Assert.Equal(0.5, metrics["sampling/importance_sampling_ratio/min"], 1e-12);
        Assert.Equal(4, metrics["sampling/importance_sampling_ratio/max"], 1e-12);
    }

    [Fact]
    public void Compute_Gradient_IsWeightedAndTheWeightHasNone()
    {
        using var scope = NewDisposeScope();
        var learned = Table([.. s_own.Select(share => Math.Log(share))]).requires_grad_();
        PolicyLoss.Compute(Batch(learned, isSampledElsewhere: true), new() { ImportanceCap = 3 }).Loss.backward();

        double[] wanted = [-2 / 4.0, -0.5 / 4, 3 / 2.0, 0];
        Assert.All(wanted.Zip(learned.grad!.data<double>().ToArray()), pair =>
            Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    private static PolicyLossResult Result(GrpoOptions options, bool isSampledElsewhere = true) =>
        PolicyLoss.Compute(Batch(Table([.. s_own.Select(share => Math.Log(share))]), isSampledElsewhere), options);

    private static PolicyBatch Batch(Tensor learned, bool isSampledElsewhere) =>
        new(learned, Table(s_mask), Given.Doubles([1, -1]))
        {
            SamplerLogProbs = isSampledElsewhere
                ? Table([.. s_own.Zip(s_times, (own, times) => Math.Log(own / times))])
                : null,
        };

    private static Tensor Table(double[] values) => Given.Doubles(values).reshape(2, 2);
}
