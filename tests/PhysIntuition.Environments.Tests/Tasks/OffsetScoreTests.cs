using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>The published rule of offsets at each of its borders, and one bit to either side.</summary>
public sealed class OffsetScoreTests
{
    // Binary fractions throughout, so that sums have no rounding: 2 m to the right of the tower, 3 m to climb.
    private static readonly EpisodeState s_facts =
        new() { Start = new(2f, 0.5f, 0f), Target = new(0f, 3.5f, 0f), Scale = 1f };

    [Fact]
    public void Of_HalfAWidthOff_IsBesideAndOneBitLessIsOnTop()
    {
        foreach (var side in (double[])[-0.5, 0.5])
        {
            var inside = -2 + (side > 0 ? Math.BitDecrement(side) : Math.BitIncrement(side));
            // x = 2 + move, which rounds: the move nearest to the border whose sum is below it.
            inside = Math.Abs(2 + inside) < 0.5 ? inside : side > 0 ? Math.BitDecrement(-2 + side)
                : Math.BitIncrement(-2 + side);

            Assert.Equal(Place.Beside, OffsetRule.Of(-2 + side, 4, s_facts).Place);
            Assert.Equal(Place.OnTop, OffsetRule.Of(inside, 4, s_facts).Place);
        }
    }

    [Fact]
    public void Of_ExactlyTheClimb_IsInsideAndOneBitMoreIsOnTop()
    {
        Assert.Equal(Place.Inside, OffsetRule.Of(-2, 3, s_facts).Place);
        Assert.Equal(Place.Inside, OffsetRule.Of(-2, Math.BitDecrement(3.0), s_facts).Place);
        Assert.Equal(Place.OnTop, OffsetRule.Of(-2, Math.BitIncrement(3.0), s_facts).Place);
        Assert.Equal(10, OffsetRule.Of(-2, Math.BitIncrement(3.0), s_facts).Reward, 1e-12);
    }

    [Fact]
    public void Of_NoLift_IsLegalAndOneBitBelowIsNot()
    {
        Assert.Equal(Place.Beside, OffsetRule.Of(1, 0, s_facts).Place);
        Assert.Equal(Place.Beside, OffsetRule.Of(1, -0.0, s_facts).Place);
        Assert.Equal(Place.BelowGround, OffsetRule.Of(1, -double.Epsilon, s_facts).Place);
        Assert.Equal(Place.BelowGround, OffsetRule.Of(-2, -double.Epsilon, s_facts).Place);
        Assert.Equal(-5, OffsetRule.Of(1, -double.Epsilon, s_facts).Reward);
    }

    [Fact]
    public void Of_OnTopAndBeside_DifferByFiveAtOnePlace()
    {
        var (onTop, beside) = (OffsetRule.Of(Math.BitDecrement(-1.5), 4, s_facts), OffsetRule.Of(-1.5, 4, s_facts));

        Assert.Equal((Place.OnTop, Place.Beside), (onTop.Place, beside.Place));
        Assert.Equal(5, onTop.Reward - beside.Reward, 1e-9);
        Assert.Equal(onTop.Distance, beside.Distance, 1e-9);
    }

    [Fact]
    public void Judge_OffsetX_HasTheSameBorderAndNoHeight()
    {
        var facts = s_facts with { Start = new(2f, 3.5f, 0f) };
        double[] moves = [-200, -249, -250, -151, -150, -1000, 1000];
        double[] wanted = [10, 10 - 0.49, 5 - 0.5, 10 - 0.49, 5 - 0.5, 5 - 8, 5 - 12];

        Assert.All(moves.Zip(wanted), pair => Assert.Equal(
            pair.Second, Judged.By(new OffsetX(), new OffsetOptions(), facts, new Answer(pair.First)).Reward, 1e-9));
    }

    [Fact]
    public void Judge_Unreadable_PaysMinusFive()
    {
        foreach (var task in (ITask[])[new Offset(), new OffsetX(), new OffsetRetry()])
        {
            var verdict = Judged.By(task, new OffsetOptions(), s_facts, Judged.Unreadable);
            Assert.Equal((-5.0, "Unreadable."), (verdict.Reward, verdict.Reason));
        }
    }

    [Fact]
    public void Step_Retries_PayTheLastAttemptAndTheImprovementsOnTheWay()
    {
        var batch = Given.Batch("OffsetRetry-v1", 1);
        batch.Reset(8);
        var expert = batch.View.ExpertNumbers(0);
        SlotAction[] attempts =
        [
            SlotAction.OfNumbers(expert[0] + 200, expert[1] + 50), SlotAction.OfText("I cannot tell."),
            SlotAction.OfNumbers(expert[0], expert[1]),
        ];
        double[] worth = [5 - Math.Sqrt(4 + Math.Pow(Over(batch) + 0.5, 2)), -5, 10 - Over(batch)];
        var (before, sum) = (0.0, 0.0);
        for (var i = 0; i < attempts.Length; i++)
        {
            batch.Step([attempts[i]]);
            Assert.Equal(worth[i] - before, batch.Results.Rewards[0], 1e-4);
            Assert.Equal((i == 2, false), (batch.Results.Terminated[0], batch.Results.Truncated[0]));
            (before, sum) = (worth[i], sum + batch.Results.Rewards[0]);
        }

        Assert.Equal(worth[^1], sum, 1e-4);
    }

    [Fact]
    public void Step_RetryInsideTheTower_LeavesTheBlockWhereItStood()
    {
        var batch = Given.Batch("OffsetRetry-v1", 1);
        batch.Reset(8);
        var (start, expert) = (batch.View.Episode(0).State.Start, batch.View.ExpertNumbers(0));

        batch.Step([SlotAction.OfNumbers(expert[0], expert[1] - 50)]);
        Assert.Equal(start, Red(batch).Position);
        batch.Step([SlotAction.OfNumbers(expert[0], expert[1])]);
        Assert.Equal(start.X + (expert[0] / 100), Red(batch).Position.X, 1e-5);
        Assert.Equal(start.Y + (expert[1] / 100), Red(batch).Position.Y, 1e-5);
    }

    // How far the expert's answer, rounded up, is above the top: the only distance it keeps.
    private static double Over(EnvironmentBatch batch)
    {
        var (facts, expert) = (batch.View.Episode(0).State, batch.View.ExpertNumbers(0));
        return (expert[1] / 100) - ((double)facts.Target.Y - facts.Start.Y);
    }

    private static Simulation.Bodies.Body Red(EnvironmentBatch batch) =>
        batch.View.Episode(0).World.Bodies[batch.View.Episode(0).State.Subject];
}
