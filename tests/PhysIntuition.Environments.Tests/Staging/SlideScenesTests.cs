using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Staging;

/// <summary>Where a block stops that slides into another, by the rule of thumb and by the engine.</summary>
public sealed class SlideScenesTests
{
    [Theory]
    [InlineData(1f)]
    [InlineData(-1f)]
    public void Predict_BlockThatStopsBefore_TouchesNothing(float side)
    {
        var world = Scene(side, speed: 1f, redMass: 10f, gap: 1f);   // 1 / (2 0.4 9.81) = 0.127 m

        var (red, struck) = SlideScenes.Predict(world);

        Assert.Equal(side * (-1.5 + 0.127), red, 1e-3);
        Assert.Equal(SlideScenes.PlacesIn(world).Struck, struck, 1e-6);
    }

    [Fact]
    public void Predict_EqualMassesWithoutRebound_GoOnTogetherAtHalfTheSpeed()
    {
        var world = Scene(side: 1f, speed: 3f, redMass: 10f, gap: 0.3f);
        var slowing = 2 * 0.4 * 9.81;
        var common = Math.Sqrt(9 - (slowing * 0.3)) / 2;
        var (before, predicted) = (SlideScenes.PlacesIn(world), SlideScenes.Predict(world));

        Assert.Equal(before.Red + 0.3 + (common * common / slowing), predicted.Red, 1e-5);
        Assert.Equal(before.Struck + (common * common / slowing), predicted.Struck, 1e-5);
    }

    [Theory]
    [InlineData(1f, 3f, 10f)]
    [InlineData(-1f, 2.5f, 25f)]
    [InlineData(1f, 3.5f, 4f)]
    public void Predict_OneBlockStruck_IsNearToWhereTheEngineLeavesBoth(float side, float speed, float redMass)
    {
        var world = Scene(side, speed, redMass, gap: 0.4f);
        var (before, predicted) = (SlideScenes.PlacesIn(world), SlideScenes.Predict(world));
        Given.Simulator.Settle([world], new SettleOptions { MaxTime = 8f }, new Simulation.Outcome[1]);
        var (red, struck) = SlideScenes.PlacesIn(world);

        Assert.Equal(predicted.Red - before.Red, red - before.Red, 0.15 * Math.Abs(red - before.Red));
        Assert.Equal(
            predicted.Struck - before.Struck, struck - before.Struck, 0.25 * Math.Abs(struck - before.Struck));
    }

    [Fact]
    public void Apart_TwoEnds_IsTheSumOfBothWays()
    {
        Assert.Equal(0.75, SlideScenes.Apart((1, 2), (0.5, 2.25)), 1e-12);
        Assert.Equal(0.75, SlideScenes.Apart((0.5, 2.25), (1, 2)), 1e-12);
        Assert.Equal(0, SlideScenes.Apart((1, 2), (1, 2)));
    }

    [Fact]
    public void LengthPerSpeed_AnyOptions_FitsTheFastestArrowIntoItsLength()
    {
        foreach (var id in (string[])["Cause-v1", "Impulse-v1", "Outcome-v1"])
        {
            var batch = Given.Batch(id, 32);
            batch.Reset(70);
            for (var slot = 0; slot < 32; slot++)
            {
                var episode = batch.EpisodeFor(slot);
                var speed = Math.Abs(episode.World.Bodies[SlideScenes.Red].LinearVelocity.X);
                Assert.InRange(speed * SlideScenes.LengthPerSpeed(episode.Options), 0, 1.5f + 1e-4f);
            }
        }

        // Where friction or gravity may be four times as much, blocks that slide as far are twice as fast.
        var earth = new OutcomeOptions { Physics = new() { Gravity = new(9.81f, 9.81f) } };
        var heavy = earth with { Physics = new() { Gravity = new(9.81f, 4 * 9.81f) } };
        Assert.Equal(
            SlideScenes.LengthPerSpeed(earth) / 2, SlideScenes.LengthPerSpeed(heavy), 1e-6f);
    }

    [Fact]
    public void Pushed_SceneAtRest_MovesTheRedBlockAloneAndLeavesTheOriginal()
    {
        var before = Scene(side: 1f, speed: 0f, redMass: 10f, gap: 0.5f);
        var pushed = SlideScenes.Pushed(before, 2.5f);

        Assert.Equal(2.5f, pushed.Bodies[SlideScenes.Red].LinearVelocity.X);
        Assert.Equal(0f, before.Bodies[SlideScenes.Red].LinearVelocity.X);
        Assert.Equal(before.Bodies.Select(body => body.Position), pushed.Bodies.Select(body => body.Position));
        Assert.Equal(before.Bodies[SlideScenes.Struck], pushed.Bodies[SlideScenes.Struck]);
    }

    [Fact]
    public void AreLikelyToDiffer_TwoWaysAlike_SaysNo()
    {
        World[] ways = [.. new[] { 2f, 2.6f, 3.2f, 3.8f }.Select(speed => Scene(1f, speed, 10f, gap: 1.6f))];

        Assert.True(SlideScenes.AreLikelyToDiffer(ways));
        Assert.False(SlideScenes.AreLikelyToDiffer([ways[0], ways[1], ways[2], ways[1]]));
    }

    // The red block at 1.5 m before the middle, flat so that it does not tip; another one of 10 kg that far from it.
    private static World Scene(float side, float speed, float redMass, float gap)
    {
        var world = new World { HasGround = true, GroundFriction = 0.4f, Gravity = 9.81f };
        world.Bodies.Add(Scenery.Cuboid(world, new(side * -1.5f, 0.12f, 0f), new(0.2f, 0.12f, 0.2f), 1f) with
        {
            Mass = redMass, LinearVelocity = new(side * speed, 0f, 0f),
        });
        world.Bodies.Add(Scenery.Cuboid(
            world, new(side * (-1.5f + 0.4f + gap), 0.12f, 0f), new(0.2f, 0.12f, 0.2f), 1f) with { Mass = 10f });

        return world;
    }
}
