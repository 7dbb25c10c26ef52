using System.Numerics;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Staging;

/// <summary>The laws that players answer by, against cases done by hand and against the engine.</summary>
public sealed class LawsTests
{
    [Theory]
    [InlineData(1f, 0.5f, 9.81f)]
    [InlineData(-2f, 0.5f, 9.81f)]
    [InlineData(1.5f, 0.2f, 9.81f)]
    [InlineData(-1f, 0.4f, 3.7f)]
    [InlineData(2.5f, 0.8f, 20f)]
    public void SlideOf_Speed_IsTheWayThatTheEngineGives(float speed, float friction, float gravity)
    {
        var world = new World { HasGround = true, GroundFriction = friction, Gravity = gravity };
        world.Bodies.Add(Scenery.Cuboid(world, new(0f, 0.1f, 0f), new(0.3f, 0.1f, 0.3f), 500f) with
        {
            LinearVelocity = new(speed, 0f, 0f),
        });
        var way = Laws.SlideOf(speed, world);
        Given.Simulator.Settle([world], new SettleOptions { MaxTime = 10f }, new Outcome[1]);

        // mu m g does the work m v² / 2.
        Assert.Equal(speed * Math.Abs(speed) / (2.0 * friction * gravity), way, 1e-9);
        Assert.Equal(way, world.Bodies[0].Position.X, 0.03 * Math.Abs(way));
    }

    [Fact]
    public void CentreOfMassHeight_TwoBlocks_IsNearerToTheHeavierOne()
    {
        var world = new World();
        world.Bodies.Add(new Body { Position = new(7f, 1f, 0f), Mass = 3f, HalfExtents = new(0.5f) });
        world.Bodies.Add(new Body { Position = new(-2f, 5f, 1f), Mass = 1f, HalfExtents = new(0.5f) });

        Assert.Equal(2.0, Laws.CentreOfMassHeight(world), 1e-9);
    }

    [Theory]
    [InlineData(0.494f, 49)]
    [InlineData(0.496f, 50)]
    [InlineData(-0.496f, -50)]
    [InlineData(3f, 200)]
    [InlineData(-3f, -100)]
    public void Rounded_Metres_AreWholeHundredthsWithinTheAxis(float metres, double hundredths) =>
        Assert.Equal(hundredths, Laws.Rounded(metres, new AnswerAxis("x", -100, 200, "cm"))[0]);

    [Theory]
    [InlineData(0f, false)]
    [InlineData(0.49f, false)]      // the upper centre is still over the lower block
    [InlineData(0.51f, true)]
    [InlineData(-0.51f, true)]
    [InlineData(1.2f, true)]        // beside it, and in the air
    public void HasUnsupported_TwoCubes_AsksWhetherTheUpperCentreIsOverTheLower(float shift, bool isUnsupported) =>
        Assert.Equal(isUnsupported, Laws.HasUnsupported(Cubes((0f, 0f), (shift, 1f)), removed: -1));

    [Fact]
    public void HasUnsupported_BlockOverAGap_IsHeldByBothNeighboursAndByNoneAlone()
    {
        var bridge = Cubes((-0.6f, 0f), (0.6f, 0f), (0f, 1f));

        Assert.False(Laws.HasUnsupported(bridge, removed: -1));
        Assert.True(Laws.HasUnsupported(bridge, removed: 0));
        Assert.True(Laws.HasUnsupported(bridge, removed: 1));
        Assert.False(Laws.HasUnsupported(bridge, removed: 2));   // what is taken away asks for nothing
    }

    [Fact]
    public void HasUnsupported_GapBelow_IsNotBridgedByABlockOfAnotherHeight()
    {
        var world = Cubes((-0.6f, 0f), (0.6f, 0.02f), (0f, 1f));

        Assert.True(Laws.HasUnsupported(world, removed: -1));
    }

    [Theory]
    [InlineData(0.2f)]
    [InlineData(-0.35f)]
    [InlineData(0.7f)]
    public void TowerMargin_TwoCubes_IsTheWayToTheEdgeOverTheWidth(float shift) =>
        Assert.Equal(0.5 - Math.Abs(shift), Laws.TowerMargin(Cubes((0f, 0f), (shift, 1f)), count: 2), 1e-6);

    // Unit cubes by x of the middle and height of the underside.
    private static World Cubes(params (float X, float Bottom)[] places)
    {
        var world = new World { HasGround = true };
        foreach (var (x, bottom) in places)
        {
            world.Bodies.Add(Scenery.Cuboid(world, new(x, bottom + 0.5f, 0f), new Vector3(0.5f), 500f));
        }

        return world;
    }
}
