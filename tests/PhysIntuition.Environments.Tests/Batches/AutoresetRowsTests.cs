using PhysIntuition.Environments.Batches;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests.Batches;

/// <summary>Autoreset modes row by row, as Gymnasium defines them.</summary>
public sealed class AutoresetRowsTests
{
    private const string OneStep = "Stability-v1", ThreeSteps = "OffsetRetry-v1";

    // r: was reset; t: terminated; f: has a final episode; then the steps of the episode that is shown.
    [Theory]
    [InlineData(OneStep, AutoresetMode.NextStep, "t1 r0 t1 r0 t1 r0")]
    [InlineData(OneStep, AutoresetMode.SameStep, "rtf0 rtf0 rtf0 rtf0")]
    [InlineData(ThreeSteps, AutoresetMode.NextStep, "1 2 t3 r0 1 2 t3 r0")]
    [InlineData(ThreeSteps, AutoresetMode.SameStep, "1 2 rtf0 1 2 rtf0")]
    [InlineData(ThreeSteps, AutoresetMode.Disabled, "1 2 t3")]
    [InlineData(OneStep, AutoresetMode.Disabled, "t1")]
    public void Step_EveryMode_GoesThroughItsRows(string id, AutoresetMode mode, string rows)
    {
        var batch = Given.Batch(id, 1, mode: mode);
        batch.Reset(9);
        Assert.Equal("r0", Row(batch, 0));
        foreach (var row in rows.Split(' '))
        {
            batch.Step([Middle(batch)]);
            Assert.Equal(row, Row(batch, 0));
        }
    }

    [Theory]
    [InlineData(AutoresetMode.NextStep, "1 1 | 2 1 | t3 2 | r0 2 | 1 t3 | 2 r0")]
    [InlineData(AutoresetMode.SameStep, "1 1 | 2 1 | rtf0 2 | 1 2 | 2 rtf0 | rtf0 1")]
    public void Step_WithAMask_MovesOnlyTheSlotsOfTheMask(AutoresetMode mode, string rows)
    {
        var batch = Given.Batch(ThreeSteps, 2, mode: mode);
        batch.Reset(9);
        bool[][] masks = [[true, true], [true, false], [true, true], [true, false], [true, true], [true, true]];
        foreach (var (mask, row) in masks.Zip(rows.Split(" | ")))
        {
            batch.Step([Middle(batch), Middle(batch)], mask);
            Assert.Equal(row, $"{Row(batch, 0)} {Row(batch, 1)}");
        }
    }

    [Fact]
    public void Step_OutsideTheMask_TellsNoRewardOfTheStepBefore()
    {
        var batch = Given.Batch(ThreeSteps, 2);
        batch.Reset(9);
        batch.Step([Middle(batch), Middle(batch)]);
        Assert.NotEqual(0, batch.Results.Rewards[1]);
        Assert.NotNull(batch.Results.Verdicts[1]);

        batch.Step([Middle(batch), default], [true, false]);

        Assert.Equal((0.0, 0.0), (batch.Results.Rewards[1], batch.TrueReward(1)));
        Assert.Null(batch.Results.Verdicts[1]);
        Assert.True(double.IsNaN(batch.Results.Distances[1]));
        Assert.Equal(0UL, batch.Results.OutcomeHashes[1]);
    }

    [Fact]
    public void Step_NextStepModeAfterTheEnd_IgnoresTheActionWhateverItIs()
    {
        var (one, other) = (Given.Batch(OneStep, 1, mode: AutoresetMode.NextStep),
            Given.Batch(OneStep, 1, mode: AutoresetMode.NextStep));
        foreach (var batch in (EnvironmentBatch[])[one, other])
        {
            batch.Reset(4);
            batch.Step([SlotAction.OfNumbers(1)]);
        }

        one.Step([SlotAction.OfNumbers(77, 78)]);
        other.Step([SlotAction.OfText("<answer>no</answer>")]);

        Assert.Equal((0.0, 0.0), (one.Results.Rewards[0], other.Results.Rewards[0]));
        Assert.Equal(one.Results.SceneHashes, other.Results.SceneHashes);
        Assert.Null(one.Results.ParseErrors[0]);
    }

    [Fact]
    public void Step_DisabledModeAfterTheEnd_SaysWhichSlotAndWhatToDo()
    {
        var batch = Given.Batch(OneStep, 3);
        batch.Reset(4);
        batch.Step([.. Enumerable.Repeat(SlotAction.OfNumbers(1), 3)]);
        batch.Reset([true, false, true], [1, 0, 2]);

        var fault = Assert.Throws<PhysIntuitionException>(
            () => batch.Step([.. Enumerable.Repeat(SlotAction.OfNumbers(1), 3)]));

        Assert.Equal((Fault.OutOfOrder, "actions"), (fault.Fault, fault.Field));
        Assert.Equal("The episode of slot 1 has ended and autoreset is disabled; reset the slot first.", fault.Message);
    }

    [Theory]
    [InlineData(AutoresetMode.NextStep)]
    [InlineData(AutoresetMode.SameStep)]
    public void Step_ManyEpisodes_UsesTheSeedsOfTheSlotsOwnStream(AutoresetMode mode)
    {
        var batch = Given.Batch(OneStep, 2, mode: mode);
        batch.Reset(4);
        var byHand = Given.Batch(OneStep, 2);
        byHand.Reset(4);
        for (var episode = 0; episode < 5; episode++)
        {
            batch.Step([Middle(batch), Middle(batch)]);
            if (mode == AutoresetMode.NextStep)
            {
                batch.Step([Middle(batch), Middle(batch)]);
            }

            byHand.Reset(default, default);
            Assert.Equal(byHand.Results.Seeds, batch.Results.Seeds);
            Assert.Equal(byHand.Results.SceneHashes, batch.Results.SceneHashes);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65_537)]
    public void New_NumberOfSlotsOutOfRange_SaysTheRange(int slots)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => Given.Batch(OneStep, slots));

        Assert.Equal($"'slots' is {slots}; it must lie in [1, 65536]. Open several batches for more.", fault.Message);
    }

    private static SlotAction Middle(EnvironmentBatch batch) => SlotAction.OfNumbers(
        [.. batch.Task.Spec.Answer.Select(axis => Math.Floor((axis.Min + axis.Max) / 2))]);

    private static string Row(EnvironmentBatch batch, int slot)
    {
        var results = batch.Results;
        Assert.False(results.Truncated[slot]);   // these tasks end by themselves

        return (results.WasReset[slot] ? "r" : "") + (results.Terminated[slot] ? "t" : "")
            + (results.HasFinal[slot] ? "f" : "") + results.Steps[slot];
    }
}
