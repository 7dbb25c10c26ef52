using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests.Scoring;

public sealed class ScoreJobTests
{
    [Fact]
    public void Run_GroupsOfAnswers_PaysWhatStepsPay()
    {
        var options = new BatchOptions { Split = Split.Train, Task = new OffsetOptions { Reward =
            Environments.Options.PlacementReward.Physical } };
        ulong[] seeds = [5, 5, 6, 5, 6, 6];
        SlotAction[] answers =
        [
            SlotAction.OfText("<answer>(-100, 300)</answer>"), SlotAction.OfText("no"), SlotAction.OfNumbers(50, 400),
            SlotAction.OfText("<answer>(-100, 300)</answer>"), SlotAction.OfNumbers(50, -1), SlotAction.OfNumbers(50,
                400),
        ];

        var job = Given.Scored(new Offset(), options, seeds, answers, Given.Simulator);

        for (var i = 0; i < seeds.Length; i++)
        {
            var batch = new EnvironmentBatch(new Offset(), options, Given.Simulator);
            batch.Reset(seeds[i]);
            batch.Step([answers[i]]);
            Assert.Equal(batch.Results.Rewards[0], job.Rewards[i]);
            Assert.Equal(batch.Results.ParseErrors[0], job.ParseErrors[i]);
        }
    }

    [Fact]
    public void Run_TaskOfSeveralSteps_IsRefused()
    {
        var error = Assert.Throws<PhysIntuitionException>(() => Given.Scored(
            new OffsetRetry(), new BatchOptions(), [1], [SlotAction.OfNumbers(1, 1)], Given.Simulator));

        Assert.Equal("task", error.Field);
    }
}
