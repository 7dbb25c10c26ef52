using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests;

public sealed class WorldHashTests
{
    [Fact]
    public void OfScene_EqualWorlds_AreEqual() =>
        Assert.Equal(WorldHash.OfScene(Families.Make("push")), WorldHash.OfScene(Families.Make("push")));

    [Fact]
    public void OfScene_AnyFieldChanged_Differs()
    {
        Action<World>[] changes =
        [
            w => w.Bodies[1] = w.Bodies[1] with { Position = w.Bodies[1].Position + new Vector3(1e-7f, 0f, 0f) },
            w => w.Bodies[1] = w.Bodies[1] with { Orientation = new Quaternion(0f, 1f, 0f, 0f) },
            w => w.Bodies[1] = w.Bodies[1] with { LinearVelocity = Vector3.UnitX },
            w => w.Bodies[1] = w.Bodies[1] with { AngularVelocity = Vector3.UnitX },
            w => w.Bodies[1] = w.Bodies[1] with { HalfExtents = Vector3.One },
            w => w.Bodies[1] = w.Bodies[1] with { Mass = 3f },
            w => w.Bodies[1] = w.Bodies[1] with { Friction = 0.1f },
            w => w.Bodies[1] = w.Bodies[1] with { Restitution = 0.1f },
            w => w.Bodies[1] = w.Bodies[1] with { Motion = Motion.Fixed },
            w => (w.Bodies[0], w.Bodies[1]) = (w.Bodies[1], w.Bodies[0]),
            w => w.Pushes.RemoveAt(0),
            w => w.Pushes[0] = w.Pushes[0] with { Start = 0.5f },
            w => w.Gravity = 1f,
            w => w.HasGround = false,
            w => w.GroundFriction = 0.5f,
            w => w.GroundRestitution = 0.5f,
            w => w.Time = 1f,
        ];

        var hashes = new HashSet<ulong> { WorldHash.OfScene(Families.Make("push")) };
        foreach (var change in changes)
        {
            var world = Families.Make("push");
            change(world);
            Assert.True(hashes.Add(WorldHash.OfScene(world)));
        }
    }

    [Fact]
    public void OfScene_NegativeZero_CountsAsZero()
    {
        var world = Families.Make("tower");
        var hash = WorldHash.OfScene(world);
        world.Bodies[0] = world.Bodies[0] with { LinearVelocity = new Vector3(-0f) };

        Assert.Equal(hash, WorldHash.OfScene(world));
    }

    [Fact]
    public void OfOutcome_OtherOutcome_Differs()
    {
        var world = Families.Make("tower");
        var outcome = new Outcome(Ending.Settled, 1f, 0, 0);

        var hash = WorldHash.OfOutcome(world, outcome);

        Assert.NotEqual(hash, WorldHash.OfOutcome(world, outcome with { FallenBodies = 1 }));
        Assert.NotEqual(hash, WorldHash.OfOutcome(world, outcome with { Time = 2f }));
    }
}
