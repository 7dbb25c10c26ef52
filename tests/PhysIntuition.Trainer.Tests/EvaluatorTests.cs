using PhysIntuition.Trainer.Rollouts;

namespace PhysIntuition.Trainer.Evaluation;

public sealed class EvaluatorTests
{
    [Fact]
    public void Summarise_Scores_GivesMeanIntervalAndShares()
    {
        Score[] own = [new(1, true), new(0, true), new(-1, false), new(1, true)];
        Score[] expert = [new(1, true), new(1, true), new(1, true), new(1, true)];

        var result = Evaluator.Summarise(own, expert);

        // Mean 1/4; squared deviations 9/16, 1/16, 25/16, 9/16: variance (44/16) / 3.
        Assert.Equal(0.25, result.Reward);
        Assert.Equal(1.96 * Math.Sqrt(44 / 48.0) / 2, result.Interval, 1e-12);
        Assert.Equal((0.5, 0.75, 1.0), (result.AsExpert, result.Readable, result.ExpertReward));
    }
}
