using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Players;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Cause-v1: four pushes, one end, and a picture that shows both.</summary>
public sealed class CauseTests
{
    [Fact]
    public void Reset_ManyScenes_NothingMovesBeforeAndOnlyTheEndIsKept()
    {
        var batch = Given.Batch("Cause-v1", 40);
        batch.Reset(40);
        for (var slot = 0; slot < 40; slot++)
        {
            var episode = batch.EpisodeFor(slot);

            Assert.All(episode.World.Bodies, body => Assert.Equal(default, body.LinearVelocity));
            Assert.Single(episode.Panels);
            Assert.NotEqual(episode.World.Bodies[0].Position.X, episode.Panels[0].Bodies[0].Position.X, 0.1f);
        }
    }

    [Theory]
    [InlineData(96)]
    [InlineData(224)]
    public void Compose_Arrows_AreSeenApartAndAsLongAsTheirSpeeds(int side)
    {
        var batch = Given.Batch("Cause-v1", 24);
        batch.Reset(0);
        for (var slot = 0; slot < 24; slot++)
        {
            var episode = batch.EpisodeFor(slot);
            var whole = new Picture(side, side, Given.Picture(batch, slot, side));
            var arrows = ArrowFinder.FindRows(
                Panels.Cut(whole, Cause.PanelsOf(episode, episode.World)[0].Place));
            var speeds = Enumerable.Range(0, 4).Select(i => Cause.Pushed(episode, i).Bodies[0].LinearVelocity.X);

            Assert.Equal(4, arrows.Count);
            Assert.Equal(OrderOf(speeds.Select(speed => (double)speed)),
                OrderOf(arrows.Select(arrow => arrow.Head - arrow.Tail)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Compose_AfterTheAnswer_ShowsWhereThatPushLeads(int wrong)
    {
        var batch = Given.Batch("Cause-v1", 1);
        batch.Reset(8);
        var episode = batch.EpisodeFor(0);
        var right = episode.State.Choice;
        var end = episode.Panels[0].Bodies[0].Position.X;
        var before = Given.Picture(batch, 0, 224);

        batch.Step([SlotAction.OfNumbers((right + wrong) % 4)]);
        var after = Given.Picture(batch, 0, 224);

        Assert.Equal(before[..(224 * 110 * 3)], after[..(224 * 110 * 3)]);
        Assert.NotEqual(before, after);
        Assert.Equal(wrong == 0, Math.Abs(OutcomeX(batch) - end) < 1e-6);
    }

    private static float OutcomeX(EnvironmentBatch batch)
    {
        var state = new float[StateLayout.Length];
        batch.View.State([0], state);

        return state[1];
    }

    private static int[] OrderOf(IEnumerable<double> values) =>
        [.. values.Select((value, i) => (value, i)).OrderBy(pair => pair.value).Select(pair => pair.i)];
}
