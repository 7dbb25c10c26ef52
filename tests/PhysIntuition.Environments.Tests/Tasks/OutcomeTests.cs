using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Outcome-v1: four ends that differ in one thing, and a picture that shows them.</summary>
public sealed class OutcomeTests
{
    private const int Side = 224;

    [Theory]
    [InlineData("push", true, false, false, false)]
    [InlineData("friction", false, true, false, false)]
    [InlineData("mass", false, false, true, false)]
    [InlineData("place", false, false, false, true)]
    public void Reset_Differs_VariesThatAlone(string kind, bool speed, bool friction, bool mass, bool place)
    {
        var options = $$$"""{"differs":"{{{kind}}}","blockWidth":{"min":0.5,"max":0.5},"blocks":{"min":1,"max":1}}""";
        var batch = Given.Batch("Outcome-v1", 40, options: options);
        batch.Reset(40);
        var worlds = Enumerable.Range(0, 40).Select(i => batch.EpisodeFor(i).World).ToArray();

        Assert.Equal(friction, Spread(world => world.GroundFriction) > 1.3);
        Assert.Equal(mass, Spread(world => world.Bodies[0].Mass) > 1.3);
        Assert.Equal(place, Spread(world => Math.Abs(world.Bodies[0].Position.X)) > 1.3);
        Assert.Equal(speed, Spread(world => Math.Abs(world.Bodies[0].LinearVelocity.X)) > 1.8);

        double Spread(Func<Simulation.Bodies.World, double> of) => worlds.Max(of) / worlds.Min(of);
    }

    [Fact]
    public void Compose_Panels_DifferVisiblyInEveryPair()
    {
        var batch = Given.Batch("Outcome-v1", 24);
        batch.Reset(0);
        for (var slot = 0; slot < 24; slot++)
        {
            var panels = Cut(Draw(batch, slot), batch.EpisodeFor(slot));
            for (var i = 1; i < 5; i++)
            {
                for (var k = 1; k < i; k++)
                {
                    var pairs = panels[i].Rgb.Zip(panels[k].Rgb, (a, b) => Math.Abs(a - b)).Chunk(3);
                    var differing = pairs.Count(channels => channels.Max() > 40);
                    Assert.True(differing >= 40, $"{slot}: {i} and {k} differ in {differing} pixels");
                }
            }
        }
    }

    [Fact]
    public void Compose_AfterTheAnswer_ShowsTheEndAboveAndTheSamePanelsBelow()
    {
        var batch = Given.Batch("Outcome-v1", 1);
        batch.Reset(8);
        var before = Cut(Draw(batch, 0), batch.EpisodeFor(0));
        batch.Step([SlotAction.OfText("<answer>A</answer>")]);
        var after = Cut(Draw(batch, 0), batch.EpisodeFor(0));

        Assert.NotEqual(before[0].Rgb, after[0].Rgb);
        for (var i = 1; i < 5; i++)
        {
            Assert.Equal(before[i].Rgb, after[i].Rgb);
        }

        var state = new float[StateLayout.Length];
        batch.View.State([0], state);
        Assert.Equal(batch.EpisodeFor(0).Panels[batch.EpisodeFor(0).State.Choice].Bodies[0].Position.X, state[1]);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Step_SignedReward_PaysMinusOneForWrong(int step, int signed)
    {
        var batch = Given.Batch("Outcome-v1", 2, options: signed == 1 ? """{"reward":"signed"}""" : "{}");
        batch.Reset(3);
        batch.Step([.. Enumerable.Range(0, 2).Select(slot => SlotAction.OfNumbers(
            (batch.EpisodeFor(slot).State.Choice + (slot == step ? 0 : 1)) % 4))]);

        Assert.Equal(1, batch.Results.Rewards[step]);
        Assert.Equal(-signed, batch.Results.Rewards[1 - step]);
        Assert.Equal(("Right.", "Wrong."), (batch.Results.Verdicts[step], batch.Results.Verdicts[1 - step]));
    }

    [Fact]
    public void Reset_ManyScenes_SimulatesFourEndsAndOfFallsOnlyTheAskedOneAgain()
    {
        // Every second tower has two blocks, and of their four ends one or two are falls.
        const int scenes = 256;
        var (simulator, given) = (new CountingSimulator(), Given.Batch("Outcome-v1", scenes));
        var report = new DraftReport();
        new EnvironmentBatch(given.Task, given.Options, simulator) { Report = report }.Reset(0);
        var candidates = simulator.Worlds - (4.0 * scenes);

        Assert.True(report.Rejected > 0);
        Assert.InRange(candidates / scenes, 0.05, 0.7);   // that a fall is asked, and candidates given up
    }

    [Fact]
    public void Difference_RandomPixels_CountsAsOneByOne()
    {
        var random = new Simulation.RandomStream(7);
        var (one, other) = (new byte[67], new byte[67]);   // four registers and three pixels
        for (var i = 0; i < one.Length; i++)
        {
            (one[i], other[i]) = ((byte)(random.NextInt(0, 4) - 1), (byte)(random.NextInt(0, 4) - 1));
        }

        var covered = one.Concat(other).Count(pixel => pixel is 1 or 2);
        var differing = one.Zip(other).Count(pair => pair.First != pair.Second
            && (pair.First is 1 or 2 || pair.Second is 1 or 2));

        Assert.Equal(2.0 * 3 * differing / covered, Panels.Difference(one, other, 3));
    }

    [Fact]
    public void Difference_OneBlockMoved_CountsThePixelsItLeftAndTheOnesItTook()
    {
        // Two blocks of two pixels each; the second moves by one: it leaves one pixel and takes another.
        byte[] before = [0, 1, 1, 0, 2, 2, 0, 255], after = [0, 1, 1, 0, 0, 2, 2, 255];

        Assert.Equal(0, Panels.Difference(before, before, 2));
        Assert.Equal(1, Panels.Difference(before, after, 2));   // 2 pixels, as many as a block covers
        Assert.Equal(0, Panels.Difference([0, 255], [0, 0], 1));
    }

    private static Picture Draw(EnvironmentBatch batch, int slot) => new(Side, Side, Given.Picture(batch, slot, Side));

    private static Picture[] Cut(Picture whole, Episode episode) => [.. Panels.SceneAndFour(episode, episode.World)
        .Select(panel => Panels.Cut(whole, panel.Place))];
}
