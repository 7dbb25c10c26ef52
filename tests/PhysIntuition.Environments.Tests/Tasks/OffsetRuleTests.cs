using System.Numerics;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests.Tasks;

public sealed class OffsetRuleTests
{
    // A block 1 m wide stands 2 m to the right of the tower; the climb is 3 m.
    private static readonly EpisodeState s_facts =
        new() { Start = new(2f, 0.5f, 0f), Target = new(0f, 3.5f, 0f), Scale = 1f };

    [Theory]
    [InlineData(-2.0, 3.1, 0.0)]    // centred, 0.1 m too high
    [InlineData(-2.4, 3.0001, -0.4)]
    public void Of_OnTop_PaysTenMinusDistance(double moveX, double moveY, double x)
    {
        var d = Math.Sqrt((x * x) + ((moveY - 3) * (moveY - 3)));

        Assert.Equal(10 - d, OffsetRule.Of(moveX, moveY, s_facts).Reward, 1e-6);
    }

    [Fact]
    public void Of_HalfAWidthOff_IsBeside()
    {
        var score = OffsetRule.Of(-2.5, 4, s_facts);

        Assert.Equal(Place.Beside, score.Place);
        Assert.Equal(5 - Math.Sqrt(0.25 + 1), score.Reward, 1e-6);
    }

    [Theory]
    [InlineData(-2.0, 3.0)]      // not above the climb
    [InlineData(-2.0, 0.0)]
    [InlineData(5.0, -0.01)]     // below ground, also beside the tower
    public void Of_InsideOrBelowGround_PaysMinusFive(double moveX, double moveY) =>
        Assert.Equal(-5, OffsetRule.Of(moveX, moveY, s_facts).Reward);

    [Fact]
    public void Judge_PhysicalRewardOffCentre_PaysInFullOnlyIfItStands()
    {
        var batch = Given.Batch("Offset-v1", 32, options: """{"reward":"physical"}""");
        batch.Reset(0);
        batch.Step(Given.ExpertActions(batch));
        Assert.All(batch.Results.Rewards, reward => Assert.InRange(reward, 9.99, 10));

        // 0.49 of a width off, the dropped block's centre of mass is still over its support, the tower's may not be.
        batch.Reset(0);
        var off = Enumerable.Range(0, 32).Select(i =>
        {
            var expert = batch.View.ExpertNumbers(i);
            return Environments.Batches.SlotAction.OfNumbers(expert[0] + 49, expert[1]);
        }).ToArray();
        batch.Step(off);
        Assert.All(batch.Results.Rewards, reward => Assert.True(reward is > 4 and < 5 or > 9 and < 10));
        Assert.Contains(batch.Results.Rewards, reward => reward < 5);
    }
}
