using System.Numerics;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests;

/// <summary>When simulations for labels and pictures stop.</summary>
public sealed class SettlingTests
{
    [Theory]
    [InlineData(9.81f, 6f)]
    [InlineData(25f, 6f)]              // what falls faster has no less time
    [InlineData(9.81f / 4, 12f)]       // t² = 2 h / g: twice as long
    [InlineData(1.62f, 15f)]           // 2.461 times as long, in quarters
    public void ToRest_WeakGravity_TakesLongerByTheRootOfWhatItLacks(float gravity, float time) =>
        Assert.Equal(time, Settling.ToRest(new World { Gravity = gravity }).MaxTime, 1e-4f);

    [Theory]
    [InlineData(0.4f, 9.81f, 6f)]
    [InlineData(0.1f, 9.81f, 24f)]     // v = mu g t: a quarter of the friction stops after four times as long
    [InlineData(0.8f, 9.81f, 6f)]
    [InlineData(0.4f, 9.81f / 2, 12f)]
    public void ToRestAfterSlide_LittleFriction_TakesLongerByWhatItLacks(float friction, float gravity, float time)
    {
        var world = new World { GroundFriction = friction, Gravity = gravity };

        Assert.Equal(time, Settling.ToRestAfterSlide(world, usualFriction: 0.4f).MaxTime, 1e-4f);
    }

    [Theory]
    [InlineData(0.5f, 0.05f)]
    [InlineData(0.59f, 0.05f)]         // whole centimetres, rounded down
    [InlineData(0.6f, 0.06f)]
    [InlineData(0.02f, 0.01f)]         // at least one
    [InlineData(50f, 0.63f)]           // at most 63
    public void ToFirstFall_Height_FallsFromATenthOfItOn(float height, float drop)
    {
        var settle = Settling.ToFirstFall(new World(), height);

        Assert.Equal(drop, settle.FallDrop, 1e-6f);
        Assert.Equal(drop / 2, settle.MovedDistance, 1e-6f);
        Assert.Equal((true, 4f), (settle.StopAtFirstFall, settle.MaxTime));

        var rest = Settling.ToRestOf(new World(), height);
        Assert.Equal((drop, false, 6f), (MathF.Round(rest.FallDrop, 6), rest.StopAtFirstFall, rest.MaxTime));
    }

    [Fact]
    public void ToFirstFall_WorldsOfLikeSize_ShareTheirOptionsSoThatTheyGoTogether()
    {
        var (one, other) = (new World(), new World { GroundFriction = 0.9f });

        Assert.Same(Settling.ToFirstFall(one, 0.52f), Settling.ToFirstFall(other, 0.58f));
        Assert.Same(Settling.ToRest(one), Settling.ToRest(other));
        Assert.NotSame(Settling.ToFirstFall(one, 0.52f), Settling.ToFirstFall(one, 0.62f));
    }

    [Theory]
    [InlineData(Ending.Settled, 0UL, false)]
    [InlineData(Ending.Settled, 4UL, true)]
    [InlineData(Ending.TimedOut, 0UL, false)]
    [InlineData(Ending.TimedOut, 1UL, true)]
    [InlineData(Ending.Fell, 0UL, true)]
    [InlineData(Ending.Left, 0UL, true)]
    public void HasAnyFallen_Ending_IsAFallOrABodyThatLeftOrFell(Ending ending, ulong fallen, bool hasFallen) =>
        Assert.Equal(hasFallen, Settling.HasAnyFallen(new(ending, 1f, fallen, fallen)));

    [Fact]
    public void Rest_SettledWorld_GivesItsPlacesAndNoneOfItsSpeeds()
    {
        var (world, settled) = (new World(), new World());
        world.Bodies.Add(new Body { Position = new(1f, 2f, 3f), HalfExtents = new(0.5f), Mass = 4f });
        settled.Bodies.Add(world.Bodies[0] with
        {
            Position = new(1.5f, 0.5f, 3f), Orientation = Quaternion.CreateFromAxisAngle(Vector3.UnitY, 0.3f),
            LinearVelocity = new(1e-3f), AngularVelocity = new(-1e-3f),
        });

        Settling.Rest(world, settled);

        Assert.Equal(settled.Bodies[0].Position, world.Bodies[0].Position);
        Assert.Equal(settled.Bodies[0].Orientation, world.Bodies[0].Orientation);
        Assert.Equal((Vector3.Zero, Vector3.Zero), (world.Bodies[0].LinearVelocity, world.Bodies[0].AngularVelocity));
        Assert.Equal(4f, world.Bodies[0].Mass);
    }
}
