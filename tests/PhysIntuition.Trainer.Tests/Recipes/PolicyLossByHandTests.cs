using PhysIntuition.Vlm;
using TorchSharp;
using static TorchSharp.torch;
using Given = PhysIntuition.Trainer.Given;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Every knob of the policy's loss on two completions of three tokens, worked out by hand.</summary>
/// <remarks>
/// Ratios to the old policy [1.5, 1, 0.5] and [2, 0.5, -], advantages 1 and -0.5, the last token of the second
/// completion is padding. Under the usual clip [0.8, 1.2] the tokens' terms, before the sign, are
/// [1.2, 1, 0.5] = 2.7 and [-1, -0.4] = -1.4.
/// </remarks>
public sealed class PolicyLossByHandTests
{
    private const double Ln2 = 0.69314718055994531;

    private static readonly double[]
        s_probability = [0.5, 0.25, 0.125, 0.5, 0.25, 0.1], s_ratio = [1.5, 1, 0.5, 2, 0.5, 7],
        s_toReference = [1, 2, 0.5, 1, 1, 9], s_entropy = [1, 2, 3, 4, 5, 99], s_mask = [1, 1, 1, 1, 1, 0];

    public PolicyLossByHandTests() => NativeTorch.Require();

    [Theory]
    [InlineData(PolicyObjective.Grpo, ((-2.7 / 3) + (1.4 / 2)) / 2)]     // mean of completions' means
    [InlineData(PolicyObjective.Bnpo, (-2.7 + 1.4) / 5)]                 // mean of tokens
    [InlineData(PolicyObjective.DrGrpo, (-2.7 + 1.4) / (2 * 4))]         // over completions times the longest allowed
    [InlineData(PolicyObjective.Dapo, (-2.7 + 1.4) / 10)]                // over the tokens of the generation
    public void Compute_Objective_AveragesAsItsPaperSays(PolicyObjective objective, double loss) =>
        Assert.Equal(loss, Loss(new() { Objective = objective, MaxCompletionTokens = 4 }, tokens: 10), 1e-12);

    [Fact]
    public void Compute_DapoWithoutTokensOfTheGeneration_TakesItsOwn() =>
        Assert.Equal((-2.7 + 1.4) / 5, Loss(new() { Objective = PolicyObjective.Dapo }), 1e-12);

    [Theory]
    [InlineData(PolicyObjective.Grpo, true)]
    [InlineData(PolicyObjective.Bnpo, true)]
    [InlineData(PolicyObjective.DrGrpo, true)]
    [InlineData(PolicyObjective.Dapo, false)]   // already over the tokens of all accumulated parts
    public void Compute_AccumulationSteps_DivideTheLossWhereItIsAMeanOfItsPart(PolicyObjective objective, bool divides)
    {
        var options = new GrpoOptions { Objective = objective };

        Assert.Equal(Loss(options, tokens: 10) / (divides ? 4 : 1),
            Result(options, tokens: 10, parts: 4).Loss, 1e-12);
    }

    [Theory]
    [InlineData(0.2, 0.4, ((-2.9 / 3) + 0.7) / 2)]     // the first token gains up to 1.4
    [InlineData(0.2, 1, ((-3.0 / 3) + 0.7) / 2)]       // and up to its 1.5
    [InlineData(0.2, 0, ((-2.5 / 3) + 0.7) / 2)]
    [InlineData(0.6, 0.2, (-0.9 + (1.25 / 2)) / 2)]    // the fifth token's loss is bounded at 0.4 only
    [InlineData(0, 0.2, (-0.9 + (1.5 / 2)) / 2)]
    [InlineData(0, 0, ((-2.5 / 3) + 0.75) / 2)]
    public void Compute_EachClip_BoundsItsOwnSide(double low, double high, double loss) =>
        Assert.Equal(loss, Loss(new() { EpsilonLow = low, EpsilonHigh = high }), 1e-12);

    [Theory]
    [InlineData(1.6, (-0.9 + (1.2 / 2)) / 2)]     // 2 is cut to 1.6 although its advantage is negative
    [InlineData(2.0, (-0.9 + (1.4 / 2)) / 2)]
    [InlineData(1.3, (-0.9 + (1.05 / 2)) / 2)]
    public void Compute_Delta_BoundsTheOpenSide(double delta, double loss) =>
        Assert.Equal(loss, Loss(new() { Delta = delta }), 1e-12);

    [Fact]
    public void Compute_Beta_AddsSchulmansEstimateOfTheDivergence()
    {
        // x - ln x - 1 for x = 1, 2, 0.5: 0, 1 - ln 2, ln 2 - 0.5; together 0.5 of the first completion.
        Assert.Equal(-0.1 + (0.5 * (0.5 / 3) / 2), Loss(new() { Beta = 0.5 }), 1e-12);
        Assert.Equal(-0.1 + (0.5 * ((1 - Ln2) + (0.5 * (Ln2 - 0.5))) / 3 / 2),
            Loss(new() { Beta = 0.5, CorrectKlBias = true }), 1e-12);
        Assert.Equal(0.5 / 5, Result(new() { Beta = 0.5 }).Metrics["kl"], 1e-12);
    }

    [Fact]
    public void Compute_EntropyCoefficient_PaysForTheMeanEntropyOfTokens()
    {
        Assert.Equal(-0.1 - (0.1 * 15 / 5), Loss(new() { EntropyCoefficient = 0.1 }), 1e-12);
        Assert.Equal(3, Result(new()).Metrics["entropy"], 1e-12);
        Assert.Equal((-0.1 - (0.1 * 15 / 5)) / 4, Result(new() { EntropyCoefficient = 0.1 }, parts: 4).Loss, 1e-12);
        Assert.Equal(-0.1, Result(new() { EntropyCoefficient = 0.1 }).Metrics["policy_loss"], 1e-12);
    }

    [Theory]
    [InlineData(1.0, -0.1)]
    [InlineData(0.4, (0 + 0.7) / 2)]             // 0.6 of the way from 1 to 5 is 3.4: tokens 4 and 5 stay
    [InlineData(0.5, ((-0.5 / 3) + 0.7) / 2)]    // 3: the third token, too
    [InlineData(0.0, (0 + 0.2) / 2)]             // 5 alone
    public void Compute_TopEntropyShare_LearnsFromTheMostUncertainTokens(double share, double loss) =>
        Assert.Equal(loss, Loss(new() { TopEntropyShare = share }), 1e-12);

    [Theory]
    [InlineData(0.1, -0.1)]
    [InlineData(-0.1, -0.45)]    // drift of the second completion: -(ln 2 + ln 0.5) / 2 = 0 is above
    public void Compute_OffPolicyThreshold_LeavesOutLossesThatDriftedAway(double threshold, double loss) =>
        Assert.Equal(loss, Loss(new() { OffPolicyThreshold = threshold }), 1e-12);

    // Means over the five tokens: ln p -5.5 ln 2... in units of ln 2: [-1, -2, -3, -1, -2], mean -1.8; advantages
    // [1, 1, 1, -0.5, -0.5], mean 0.4. Covariances in ln 2: [0.48, -0.12, -0.72, -0.72, 0.18].
    [Theory]
    [InlineData(0.2, 0, new[] { 0.0, 0, 0 }, -0.1)]                 // the first token's ratio is clipped already
    [InlineData(0.5, 0.2, new[] { 1.0, 0, 0 }, ((-1.5 / 3) + (1.25 / 2)) / 2)]   // it alone lies in (0.2, 5)
    [InlineData(0.5, 0.6, new[] { 0.0, 0, 0 }, ((-3.0 / 3) + (1.25 / 2)) / 2)]   // none does
    public void Compute_ClipCov_TeachesNothingByTokensBetweenTheBounds(
        double clip, double low, double[] isPicked, double loss)
    {
        var options = new GrpoOptions
        {
            EpsilonLow = clip, EpsilonHigh = clip, Covariance = CovarianceRule.Clip, CovarianceLow = low * Ln2,
            CovarianceShare = 0.2,
        };
        if (clip == 0.2)
        {
            options = options with { CovarianceLow = 0.3 * Ln2 };
        }

        var result = Result(options);

        Assert.Equal(loss, result.Loss, 1e-12);
        Assert.Equal(isPicked[0] == 1, result.Gradient[0] == 0 && clip > 0.2);
    }

    [Fact]
    public void Compute_ClipCov_DrawsAsManyAsTheShareAllows()
    {
        var options = new GrpoOptions
        {
            EpsilonLow = 0.6, EpsilonHigh = 2, Covariance = CovarianceRule.Clip, CovarianceLow = -1,
            CovarianceShare = 0.6,
        };
        double[][] gradients = [.. Enumerable.Range(0, 20).Select(
            seed => Result(options with { Seed = (ulong)seed }).Gradient)];

        Assert.All(gradients, gradient => Assert.Equal(3, gradient.Take(5).Count(value => value == 0)));
        Assert.True(gradients.Select(gradient => string.Join(' ', gradient)).Distinct().Count() > 5);
        Assert.Equal(gradients[7], Result(options with { Seed = 7 }).Gradient);
    }

    [Fact]
    public void Compute_KlCov_PricesTheDistanceOfTheHighestTokens()
    {
        var options = new GrpoOptions
        {
            Covariance = CovarianceRule.Kl, CovarianceShare = 0.4, CovariancePrice = 0.5,
        };

        // The first token, |ln 1.5|, and the fifth, |ln 0.5|.
        Assert.Equal(-0.1 + (0.5 * ((Math.Log(1.5) / 3) + (Ln2 / 2)) / 2), Loss(options), 1e-12);
        Assert.Equal(-0.1 + (0.5 * (Math.Log(1.5) / 3) / 2), Loss(options with { CovarianceShare = 1e-4 }), 1e-12);
    }

    [Fact]
    public void Compute_SequenceLevel_TakesTheGeometricMeanOfTheRatios()
    {
        var first = Math.Pow(0.75, 1 / 3.0);   // (1.5 x 1 x 0.5) to the third root; the second is sqrt(2 x 0.5) = 1

        Assert.Equal((-first + 0.5) / 2, Loss(new() { SequenceLevel = true }), 1e-12);
        Assert.Equal((-1.0 + 0.5) / 2,
            Loss(new() { SequenceLevel = true, EpsilonLow = 0, EpsilonHigh = 0 }) + ((first - 1) / 2), 1e-12);
        // Luspo weights each completion by its length.
        Assert.Equal(((-first * 3) + (0.5 * 2)) / 2,
            Loss(new() { SequenceLevel = true, Objective = PolicyObjective.Luspo }), 1e-12);
    }

    [Fact]
    public void Compute_Cispo_WeighsLogarithmsByTheCappedRatio()
    {
        // Cap 1.2: -(1.2 ln 0.5 + 1 ln 0.25 + 0.5 ln 0.125) x 1 and -(1.2 ln 0.5 + 0.5 ln 0.25) x -0.5, over 5 tokens.
        var wanted = ((1.2 * Ln2) + (2 * Ln2) + (0.5 * 3 * Ln2) - (0.5 * ((1.2 * Ln2) + (0.5 * 2 * Ln2)))) / 5;
        var result = Result(new() { Objective = PolicyObjective.Cispo, EpsilonHigh = 1.2 });

        Assert.Equal(wanted, result.Loss, 1e-12);
        Assert.Equal(1 / 5.0, result.Metrics["cispo_clip_ratio"], 1e-12);   // the first token: 1.5 with a gain
    }

    [Fact]
    public void Compute_Sapo_GatesSoftlyAndHarderForLosses()
    {
        static double Gate(double ratio, double temperature) =>
            4 / temperature / (1 + Math.Exp(-(ratio - 1) * temperature));
        var gains = Gate(1.5, 1) + Gate(1, 1) + Gate(0.5, 1);
        var losses = -0.5 * (Gate(2, 1.05) + Gate(0.5, 1.05));

        Assert.Equal(2, Gate(1, 1), 1e-15);
        Assert.Equal((-(gains / 3) - (losses / 2)) / 2, Loss(new() { Objective = PolicyObjective.Sapo }), 1e-12);
    }

    [Fact]
    public void Compute_Vespo_WeighsCompletionsByTheirWholeRatio()
    {
        // ln W = k ln w + l - l w; gains with k = 2, l = 3 and w = 0.75, losses with k = 3, l = 2 and w = 1.
        var (gain, loss) = (Math.Exp((2 * Math.Log(0.75)) + 3 - (3 * 0.75)), 1.0);
        var wanted = ((gain * 6 * Ln2) - (0.5 * loss * 3 * Ln2)) / 5;
        var result = Result(new() { Objective = PolicyObjective.Vespo });

        Assert.Equal(wanted, result.Loss, 1e-12);
        Assert.Equal((gain + loss) / 2, result.Metrics["vespo/phi_seq_mean"], 1e-12);
    }

    [Fact]
    public void Compute_ClippedTokens_AreCountedBySide()
    {
        var metrics = Result(new()).Metrics;

        Assert.Equal(1 / 5.0, metrics["clip_ratio/low_mean"], 1e-12);     // 0.5 with a loss
        Assert.Equal(0, metrics["clip_ratio/low_min"]);
        Assert.Equal(1 / 5.0, metrics["clip_ratio/high_mean"], 1e-12);    // 1.5 with a gain
        Assert.Equal(1 / 3.0, metrics["clip_ratio/high_max"], 1e-12);
        Assert.Equal(2 / 5.0, metrics["clip_ratio/region_mean"], 1e-12);
    }

    [Fact]
    public void Compute_Gradient_FlowsThroughTokensThatAreNotClipped()
    {
        // d ratio / d log p = ratio: -1 x 1 / 3 / 2 and so on; clipped and padded tokens learn nothing.
        double[] wanted = [0, -1 / 6.0, -0.5 / 6, 0.5 * 2 / 4, 0, 0];

        Assert.All(wanted.Zip(Result(new()).Gradient), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Theory]
    [InlineData(PolicyObjective.Grpo, false)]
    [InlineData(PolicyObjective.Grpo, true)]
    [InlineData(PolicyObjective.Bnpo, false)]
    [InlineData(PolicyObjective.DrGrpo, false)]
    [InlineData(PolicyObjective.Dapo, false)]
    [InlineData(PolicyObjective.Sapo, false)]
    [InlineData(PolicyObjective.Luspo, true)]
    public void Compute_Gradient_IsTheSlopeOfTheLoss(PolicyObjective objective, bool isSequenceLevel)
    {
        const double step = 1e-6;
        var options = new GrpoOptions { Objective = objective, SequenceLevel = isSequenceLevel, Beta = 0.3 };
        var gradient = Result(options).Gradient;
        for (var token = 0; token < 6; token++)
        {
            var slope = (Loss(options, shift: (token, step)) - Loss(options, shift: (token, -step))) / (2 * step);
            Assert.Equal(slope, gradient[token], 1e-7);
        }
    }

    [Fact]
    public void Compute_WithoutAnOldPolicy_HasRatiosOfOneAndAGradient()
    {
        var result = Result(new(), isOnPolicy: true);

        Assert.Equal((-1.0 + 0.5) / 2, result.Loss, 1e-12);
        Assert.All(((double[])[-1 / 6.0, -1 / 6.0, -1 / 6.0, 0.125, 0.125, 0]).Zip(result.Gradient), pair =>
            Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void Compute_CompletionWithoutTokens_CountsAsOneAndAddsNothing()
    {
        using var scope = NewDisposeScope();
        var batch = new PolicyBatch(Given.Doubles([-1, -1]).reshape(2, 1), Given.Doubles([0, 1]).reshape(2, 1),
            Given.Doubles([5, 1]));

        Assert.Equal(-1.0 / 2, PolicyLoss.Compute(batch, new()).Loss.ToDouble(), 1e-12);
        var ofTokens = PolicyLoss.Compute(batch, new() { Objective = PolicyObjective.Bnpo });
        Assert.Equal(-1.0, ofTokens.Loss.ToDouble(), 1e-12);
    }

    private static double Loss(
        GrpoOptions options, double? tokens = null, (int Token, double By)? shift = null) =>
        Result(options, tokens, shift).Loss;

    private static (double Loss, double[] Gradient, IReadOnlyDictionary<string, double> Metrics) Result(
        GrpoOptions options, double? tokens = null, (int Token, double By)? shift = null, bool isOnPolicy = false,
        int parts = 1)
    {
        using var scope = NewDisposeScope();
        double[] logProbs = [.. s_probability.Select(share => Math.Log(share))];
        double[] old = [.. logProbs.Zip(s_ratio, (own, ratio) => own - Math.Log(ratio))];
        double[] reference = [.. logProbs.Zip(s_toReference, (own, ratio) => own + Math.Log(ratio))];
        if (shift is { } moved)
        {
            logProbs[moved.Token] += moved.By;
        }

        var learned = Table(logProbs).requires_grad_();
        var result = PolicyLoss.Compute(
            new(learned, Table(s_mask), Given.Doubles([1, -0.5]))
            {
                OldLogProbs = isOnPolicy ? null : Table(old), ReferenceLogProbs = Table(reference),
                Entropies = Table(s_entropy), TokensInGeneration = tokens, AccumulationSteps = parts,
            }, options);
        result.Loss.backward();

        return (result.Loss.ToDouble(), learned.grad!.data<double>().ToArray(), result.Metrics);
    }

    private static Tensor Table(double[] values) => Given.Doubles(values).reshape(2, 3);
}
