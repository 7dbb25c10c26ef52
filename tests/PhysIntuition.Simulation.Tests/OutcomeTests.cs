using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests;

public sealed class OutcomeTests
{
    private static readonly BatchSimulator s_engine = new();

    [Fact]
    public void Settle_StraightTower_SettlesAtOnceAndStaysWhereItIs()
    {
        var world = Tower(0f, 0f, 0f);

        var outcome = Settle(world);

        Assert.Equal(Ending.Settled, outcome.Ending);
        Assert.True(outcome.Time < 0.2f, $"{outcome.Time} s");
        Assert.Equal(0UL, outcome.FallenBodies | outcome.MovedBodies);
        Assert.Equal(default, world.Bodies[2].LinearVelocity);
    }

    [Fact]
    public void Settle_TopBlockOverTheEdge_FellWithThatBlockNamed()
    {
        // The top block's centre is 1 cm beyond the edge of the one below: statics says it tips.
        var outcome = Settle(Tower(0f, 0f, 0.11f));

        Assert.Equal(Ending.Fell, outcome.Ending);
        Assert.Equal(0b100UL, outcome.FallenBodies);
        Assert.Equal(0b100UL, outcome.MovedBodies & 0b100UL);
    }

    [Fact]
    public void Settle_StopAtFirstFall_EndsWhenTheDropIsReached()
    {
        var world = Tower(0f, 0f, 0.15f);

        var outcome = Settle(world, new SettleOptions { StopAtFirstFall = true, FallDrop = 0.1f });

        Assert.Equal(Ending.Fell, outcome.Ending);
        Assert.InRange(world.Bodies[2].Position.Y, 0.35f, 0.4f);
        Assert.NotEqual(default, world.Bodies[2].LinearVelocity);
    }

    [Fact]
    public void Settle_BlockSlidOffATable_LeftAndTheOtherRests()
    {
        var world = Families.Make("table");

        var outcome = Settle(world, new SettleOptions { FloorLimit = -3f });

        Assert.Equal(Ending.Left, outcome.Ending);
        Assert.Equal(0b010UL, outcome.FallenBodies);
        Assert.True(world.Bodies[1].Position.Y < -3f);
        Assert.Equal(0.65f, world.Bodies[2].Position.Y, tolerance: 1e-3f);
    }

    [Fact]
    public void Settle_BodyInFreeFlight_TimesOutAfterTheTimeGiven()
    {
        var world = new World { HasGround = false };
        world.Bodies.Add(Families.Block(0f, 5f, 0f));

        var outcome = Settle(world, new SettleOptions { MaxTime = 0.5f, FallDrop = 100f });

        Assert.Equal(Ending.TimedOut, outcome.Ending);
        Assert.Equal(0.5f, outcome.Time, tolerance: 1e-6f);
        Assert.Equal(0.5f, world.Time, tolerance: 1e-6f);
    }

    [Fact]
    public void Settle_WhileAPushIsToCome_Waits()
    {
        var world = Tower(0f, 0f, 0f);
        world.Pushes.Add(new ExternalForce(2, new Vector3(20f, 0f, 0f), default, Start: 1f, Duration: 0f));

        var outcome = Settle(world);

        Assert.True(outcome.Time > 1f, $"{outcome.Time} s");
        Assert.Equal(0b100UL, outcome.MovedBodies & 0b100UL);
    }

    [Fact]
    public void Settle_BodyAtTheTopOfItsFlight_IsNotTakenForResting()
    {
        // Thrown up at g x 0.1 s, it stands still in the air for an instant.
        var world = new World();
        world.Bodies.Add(Families.Block(0f, 1f, 0f) with { LinearVelocity = new Vector3(0f, 0.981f, 0f) });

        Settle(world);

        Assert.Equal(0.1f, world.Bodies[0].Position.Y, tolerance: 1e-3f);
    }

    [Fact]
    public void Settle_EmptyWorldAndEmptyBatch_Settle()
    {
        s_engine.Settle([], new SettleOptions(), []);

        Assert.Equal(Ending.Settled, Settle(new World()).Ending);
    }

    [Fact]
    public void Settle_SixtyFourBodies_AllStand()
    {
        var world = new World();
        for (var i = 0; i < World.MaxBodies; i++)
        {
            world.Bodies.Add(Families.Block(0.3f * (i % 8), 0.1f + (0.2f * (i / 8)), 0f));
        }

        Assert.Equal(Ending.Settled, Settle(world).Ending);
    }

    private static World Tower(params float[] offsets)
    {
        var world = new World();
        foreach (var x in offsets)
        {
            world.Bodies.Add(Families.Block(x, 0.1f + (0.2f * world.Bodies.Count), 0f));
        }

        return world;
    }

    private static Outcome Settle(World world, SettleOptions? options = null)
    {
        var outcomes = new Outcome[1];
        s_engine.Settle([world], options ?? new SettleOptions(), outcomes);
        return outcomes[0];
    }
}
