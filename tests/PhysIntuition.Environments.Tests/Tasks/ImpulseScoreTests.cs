using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Impulse-v1 pays by the error over the right impulse.</summary>
public sealed class ImpulseScoreTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1.25, 0.75)]
    [InlineData(0.5, 0.5)]
    [InlineData(2.5, 0)]
    [InlineData(-1, 0)]     // the other way round
    public void Step_AnswerOverTheRightImpulse_IsPaidByItsError(double share, double reward)
    {
        var batch = Given.Batch("Impulse-v1", 4);
        batch.Reset(5);
        double[] right = [.. Enumerable.Range(0, 4).Select(slot => batch.View.ExpertNumbers(slot)[0])];

        batch.Step([.. right.Select(impulse => SlotAction.OfNumbers(Math.Round(share * impulse)))]);

        for (var slot = 0; slot < 4; slot++)
        {
            Assert.Equal(reward, batch.Results.Rewards[slot], 1 / Math.Abs(right[slot]));   // of a whole N s
        }
    }

    [Fact]
    public void Step_AnswerOfTheRightImpulse_EndsWhereThePictureShows()
    {
        var batch = Given.Batch("Impulse-v1", 8);
        batch.Reset(5);
        var slots = Enumerable.Range(0, 8);
        float[] ends = [.. slots.Select(slot => batch.EpisodeFor(slot).Panels[0].Bodies[0].Position.X)];

        batch.Step([.. Enumerable.Range(0, 8).Select(slot => SlotAction.OfText(batch.View.Expert(slot)))]);
        var state = new float[8 * StateLayout.Length];
        batch.View.State([0, 1, 2, 3, 4, 5, 6, 7], state);

        for (var slot = 0; slot < 8; slot++)
        {
            // Whole N s of some hundred: 1 % of the impulse is 2 % of the way.
            Assert.Equal(ends[slot], state[(slot * StateLayout.Length) + 1], 0.05f);
        }
    }
}
