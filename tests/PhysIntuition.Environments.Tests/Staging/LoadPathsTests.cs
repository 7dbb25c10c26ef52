using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Staging;

public sealed class LoadPathsTests
{
    [Theory]
    [InlineData(0.44f, true)]    // half a width less 5 % of it
    [InlineData(0.46f, false)]
    [InlineData(-0.44f, true)]
    [InlineData(-0.46f, false)]
    public void SurelyStands_TwoCubes_AsksForFivePerCentOfTheWidth(float shift, bool stands) =>
        Assert.Equal(stands, LoadPaths.SurelyStands(WorldOf((0f, 0), (shift, 1))));

    [Theory]
    [InlineData(-1, true)]       // on both, though over neither
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void SurelyStands_Bridge_NeedsBothSupports(int removed, bool stands) =>
        Assert.Equal(stands, LoadPaths.SurelyStands(WorldOf((-0.8f, 0), (0.8f, 0), (0f, 1)), removed));

    [Fact]
    public void SurelyStands_LoadBesideTheSupportOfItsSupport_IsNotSure()
    {
        // The middle cube alone stands: 0.3 of 0.5. With the upper one, their centre is at (0.3 + 0.7) / 2 = 0.5.
        Assert.True(LoadPaths.SurelyStands(WorldOf((0f, 0), (0.3f, 1))));
        Assert.False(LoadPaths.SurelyStands(WorldOf((0f, 0), (0.3f, 1), (0.7f, 2))));
    }

    [Fact]
    public void SurelyStands_DrawnPyramids_StandInTheSimulationEvenNudged()
    {
        World[] sure = [.. Enumerable.Range(0, 3000).Select(seed => Draw((ulong)seed)).OfType<World>()];
        var outcomes = new Outcome[sure.Length];

        Given.Simulator.Settle(sure, Settling.ToFirstFall(sure[0], 1f), outcomes);

        Assert.True(sure.Length > 600);   // else the short cut is hardly worth its lines
        Assert.All(outcomes, outcome => Assert.Equal(Ending.Settled, outcome.Ending));
    }

    // A drawn pyramid, nudged; null where one is not sure to stand.
    private static World? Draw(ulong seed)
    {
        var draft = new SceneBuilder();
        draft.Begin("LoadPathsTests", new PyramidOptions { Rows = new(2, 4) }, Split.Train, seed);
        var random = draft.Fixed(SeedUse.Plan);
        var plan = Pyramids.Draw(draft.OptionsAs<PyramidOptions>(), ref random);
        if (!Pyramids.TryAdd(draft, plan, spread: 1.3f, ref random)
            || !LoadPaths.SurelyStands(draft.Episode.World))
        {
            return null;
        }

        Pyramids.NudgeAll(draft.Episode.World, ref random);

        return draft.Episode.World;
    }

    private static World WorldOf(params (float X, int Row)[] cubes)
    {
        var world = new World();
        foreach (var (x, row) in cubes)
        {
            world.Bodies.Add(new() { Position = new(x, row + 0.5f, 0f) });
        }

        return world;
    }
}
