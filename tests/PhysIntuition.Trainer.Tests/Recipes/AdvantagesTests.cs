using PhysIntuition.Vlm;
using PhysIntuition.Vlm.Weights;

namespace PhysIntuition.Trainer.Recipes;

public sealed class AdvantagesTests
{
    [Fact]
    public void Compute_ReferenceRewards_GivesTheReferenceAdvantages()
    {
        using var vectors = new SafetensorsFile(Vectors.At("vlm/rl/grpo.safetensors"));
        var settings = Vectors.Json("vlm/rl/grpo.json");
        var rewards = vectors.Get("rewards_per_func").ToFloats()
            .Chunk(2).Select(row => Array.ConvertAll(row, reward => (double)reward)).ToArray();

        Assert.Equal(8, settings.GetProperty("advantages").GetArrayLength());
        Assert.All(settings.GetProperty("advantages").EnumerateArray(), entry =>
        {
            var weights = entry.GetProperty("weights").EnumerateArray().Select(weight => weight.GetDouble()).ToArray();
            var scale = Enum.Parse<RewardScale>(entry.GetProperty("scale_rewards").GetString()!, ignoreCase: true);
            var aggregation = entry.GetProperty("aggregation").GetString() == "sum_then_normalize"
                ? RewardAggregation.SumThenNormalise
                : RewardAggregation.NormaliseThenSum;

            var advantages = Advantages.Compute(rewards, weights, 4, scale, aggregation);

            // Rewards are float32 and so is the reference: 1e-6 of the largest.
            var expected = vectors.Get(entry.GetProperty("key").GetString()!).ToFloats();
            var tolerance = 1e-6 * expected.Max(Math.Abs);
            Assert.All(expected.Zip(advantages), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        });
    }

    [Fact]
    public void Compute_EqualRewards_GivesNoAdvantage() =>
        Assert.All(Advantages.Compute([[2], [2], [2], [2]], [1], 4), advantage => Assert.Equal(0, advantage));

    [Fact]
    public void Compute_RewardThatWasNotAsked_CountsNothing()
    {
        // Row 0 has no reward at all; row 1 only the second. Sums: 0, 3, 1, 4; mean 2.
        double[][] rewards = [[double.NaN, double.NaN], [double.NaN, 3], [1, 0], [2, 2]];

        var advantages = Advantages.Compute(rewards, [1, 1], 4, RewardScale.None);

        Assert.Equal([0, 1, -1, 2], advantages);
    }

    [Fact]
    public void Compute_WrongShapes_AreRefused()
    {
        Assert.Contains("groups must be whole",
            Assert.Throws<ArgumentException>(() => Advantages.Compute([[1], [1], [1]], [1], 2)).Message);
        Assert.Contains("2 weights",
            Assert.Throws<ArgumentException>(() => Advantages.Compute([[1]], [1, 1], 1)).Message);
    }

    [Theory]
    [InlineData(70, 0)]
    [InlineData(80, 0)]
    [InlineData(90, -0.5)]
    [InlineData(100, -1)]
    [InlineData(101, -1)]
    public void OverlongPenalty_NearTheLimit_FallsLinearly(int tokens, double expected) =>
        Assert.Equal(expected, Grpo.Overlong(tokens, limit: 100, margin: 20));

    [Fact]
    public void Estimate_LambdaOne_IsTheRewardToGo()
    {
        // With lambda = gamma = 1 the surprises telescope: A_t = sum of rewards from t on, less V_t.
        double[] rewards = [1, -2, 4], values = [0.5, 0.25, -1];

        var (advantages, returns) = Ppo.Estimate(rewards, values, gamma: 1, lambda: 1);

        Assert.Equal([3 - 0.5, 2 - 0.25, 4 + 1], advantages);
        Assert.Equal([3, 2, 4], returns);
    }

    [Fact]
    public void Estimate_LambdaZero_IsTheSurprise()
    {
        double[] rewards = [1, -2, 4], values = [0.5, 0.25, -1];

        var (advantages, _) = Ppo.Estimate(rewards, values, gamma: 0.5, lambda: 0);

        Assert.Equal([1 + 0.125 - 0.5, -2 - 0.5 - 0.25, 4 + 1], advantages);
    }

    [Fact]
    public void Whiten_Rows_HaveMeanZeroAndDeviationOne()
    {
        double[][] rows = [[1, 2], [3, 6]];

        Ppo.Whiten(rows);

        var all = rows.SelectMany(row => row).ToArray();
        Assert.Equal(0, all.Average(), 1e-12);
        Assert.Equal(1, Advantages.Deviation(all), 1e-7);
    }
}
