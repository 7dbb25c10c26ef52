namespace PhysIntuition.Trainer.Recipes;

/// <summary>Advantages of two groups of three answers, worked out by hand.</summary>
public sealed class AdvantagesByHandTests
{
    private const double Epsilon = 1e-4;

    // Group means 2 and 4, deviations (of n - 1) 1 and 3; over the batch mean 3, squares 4 1 0 4 1 16 = 26, 26 / 5.
    private static readonly double[][] s_rewards = [[1], [2], [3], [1], [4], [7]];

    [Theory]
    [InlineData(RewardScale.None, 1, 1)]
    [InlineData(RewardScale.Group, 1 + Epsilon, 3 + Epsilon)]
    [InlineData(RewardScale.Batch, 2.280350850198276 + Epsilon, 2.280350850198276 + Epsilon)]
    public void Compute_Scale_DividesByTheDeviationThatItNames(RewardScale scale, double first, double second)
    {
        double[] wanted = [-1 / first, 0, 1 / first, -3 / second, 0, 3 / second];

        AssertEqual(wanted, Advantages.Compute(s_rewards, [1], 3, scale));
    }

    [Fact]
    public void Compute_Weights_WeighRewardsBeforeTheyAreCompared()
    {
        double[][] rewards = [[1, 0], [0, 1], [0, 0]];   // sums 2, 0.5, 0: mean 5 / 6

        AssertEqual([2 - (5 / 6.0), 0.5 - (5 / 6.0), -(5 / 6.0)],
            Advantages.Compute(rewards, [2, 0.5], 3, RewardScale.None));
    }

    [Fact]
    public void Compute_NormaliseThenSum_GivesEachRewardTheSameSay()
    {
        // The first reward is a hundred times the second: normalised, both are (-1, 0, 1) in opposite order, and the
        // weights 2 and 1 leave (-1, 0, 1), whose deviation is 1.
        double[][] rewards = [[100, 3], [200, 2], [300, 1]];
        var (large, small) = (100 / (100 + Epsilon), 1 / (1 + Epsilon));
        var sum = (2 * large) - small;

        AssertEqual([-sum / (sum + Epsilon), 0, sum / (sum + Epsilon)],
            Advantages.Compute(rewards, [2, 1], 3, RewardScale.Group, RewardAggregation.NormaliseThenSum));
    }

    [Fact]
    public void Compute_RewardThatOnlySomeHave_IsNormalisedAmongThem()
    {
        double[][] rewards = [[1, double.NaN], [3, 5], [2, double.NaN]];
        var advantages = Advantages.Compute(
            rewards, [1, 1], 3, RewardScale.Group, RewardAggregation.NormaliseThenSum);

        // The second reward has one value, equal to its mean: it adds nothing.
        Assert.Equal(0, advantages.Sum(), 1e-12);
        Assert.True(advantages[0] < advantages[2] && advantages[2] < advantages[1]);
    }

    [Fact]
    public void Compute_AnyShift_LeavesAdvantagesAsTheyAre()
    {
        double[][] shifted = [.. s_rewards.Select((row, i) => (double[])[row[0] + (i < 3 ? 10 : -5)])];

        AssertEqual(Advantages.Compute(s_rewards, [1], 3), Advantages.Compute(shifted, [1], 3));
    }

    [Fact]
    public void Compute_GroupsOfOne_HaveNoAdvantage() =>
        Assert.All(Advantages.Compute(s_rewards, [1], 1), advantage => Assert.Equal(0, advantage));

    [Theory]
    [InlineData(new double[0], 0)]
    [InlineData(new[] { 4.0 }, 0)]
    [InlineData(new[] { 1.0, 3.0 }, 1.4142135623730951)]
    [InlineData(new[] { 2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0 }, 2.1380899352993947)]
    public void Deviation_Values_IsTheSamplesAndZeroForFewerThanTwo(double[] values, double deviation) =>
        Assert.Equal(deviation, Advantages.Deviation(values), 1e-12);

    [Fact]
    public void Estimate_HalfLambda_DiscountsSurprisesByHand()
    {
        // Surprises 1 + 0.5 x 2 - 1 = 1, 0 + 0.5 x 4 - 2 = 0, 8 - 4 = 4; backwards 4, 0.25 x 4 = 1, 1 + 0.25 = 1.25.
        double[] rewards = [1, 0, 8], values = [1, 2, 4];
        var (advantages, returns) = Ppo.Estimate(rewards, values, gamma: 0.5, lambda: 0.5);

        Assert.Equal([1.25, 1, 4], advantages);
        Assert.Equal([2.25, 3, 8], returns);
    }

    [Fact]
    public void Estimate_NoTokens_IsEmpty()
    {
        var (advantages, returns) = Ppo.Estimate([], [], gamma: 1, lambda: 1);

        Assert.Empty(advantages);
        Assert.Empty(returns);
    }

    [Fact]
    public void Estimate_PerfectValues_LeavesNoAdvantage()
    {
        double[] rewards = [0, 0, 3], values = [3, 3, 3];
        var (advantages, returns) = Ppo.Estimate(rewards, values, gamma: 1, lambda: 0.95);

        Assert.All(advantages, advantage => Assert.Equal(0, advantage, 1e-12));
        Assert.Equal(values, returns);
    }

    [Fact]
    public void Whiten_RowsOfUnequalLength_AreOneSample()
    {
        double[][] rows = [[1], [3, 5]];   // mean 3, deviation 2

        Ppo.Whiten(rows);

        Assert.Equal(-1, rows[0][0], 1e-8);
        Assert.Equal(0, rows[1][0], 1e-8);
        Assert.Equal(1, rows[1][1], 1e-8);
    }

    [Fact]
    public void Whiten_EqualOrNoValues_StayFinite()
    {
        double[][] rows = [[7, 7], [7]];
        Ppo.Whiten(rows);
        Ppo.Whiten([]);

        Assert.All(rows.SelectMany(row => row), value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(5, 0.0)]
    [InlineData(6, 0.0)]
    [InlineData(7, -0.25)]
    [InlineData(8, -0.5)]
    [InlineData(9, -0.75)]
    [InlineData(10, -1.0)]
    [InlineData(11, -1.0)]
    public void OverlongPenalty_EachTokenOfTheMargin_CostsAsMuch(int tokens, double penalty) =>
        Assert.Equal(penalty, Grpo.Overlong(tokens, limit: 10, margin: 4));

    private static void AssertEqual(double[] wanted, double[] values)
    {
        Assert.Equal(wanted.Length, values.Length);
        Assert.All(wanted.Zip(values), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }
}
