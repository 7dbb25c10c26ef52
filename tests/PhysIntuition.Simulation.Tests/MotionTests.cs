using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests;

public sealed class MotionTests
{
    private static readonly BatchSimulator s_engine = new();

    [Theory]
    [InlineData(10f)]
    [InlineData(30f)]
    [InlineData(100f)]
    public void Advance_BlockAtAThinWall_StaysOnItsSide(float speed)
    {
        var world = new World { Gravity = 0f, HasGround = false };
        world.Bodies.Add(new Body { HalfExtents = new(0.005f, 1f, 1f), Motion = Motion.Fixed });
        world.Bodies.Add(Families.Block(-1f, 0f, 0f, 0.05f) with { LinearVelocity = new(speed, 0f, 0f) });

        s_engine.Advance([world], 0.5f);

        // It stops where the faces meet, half widths 0.005 + 0.05, and keeps under a thousandth of its speed.
        Assert.InRange(world.Bodies[1].Position.X, -0.055f - (0.0005f * speed), -0.0545f);
        Assert.InRange(world.Bodies[1].LinearVelocity.X, -0.001f * speed, 0.001f * speed);
    }

    [Fact]
    public void Advance_Impulse_ChangesVelocityByImpulseOverMass()
    {
        var world = Free(mass: 2f);
        world.Pushes.Add(new ExternalForce(0, new Vector3(3f, 0f, 0f), default, Start: 0.1f, Duration: 0f));

        s_engine.Advance([world], 0.2f);

        Assert.Equal(1.5f, world.Bodies[0].LinearVelocity.X, tolerance: 1e-6f);
    }

    [Fact]
    public void Advance_ForceForAWhile_GivesForceTimesTimeWhateverTheStep()
    {
        // 0.1003 s is no whole number of steps; the impulse is still F t.
        var world = Free(mass: 2f);
        world.Pushes.Add(new ExternalForce(0, new Vector3(0f, 0f, 10f), default, Start: 0.0501f, Duration: 0.1003f));

        s_engine.Advance([world], 0.5f);

        Assert.Equal(10f * 0.1003f / 2f, world.Bodies[0].LinearVelocity.Z, tolerance: 1e-5f);
    }

    [Fact]
    public void Advance_ImpulseAtACorner_SpinsByItsMoment()
    {
        // I = m (a² + b²) / 3 with half edges a, b; L = r x J.
        var world = Free(mass: 2f);
        world.Pushes.Add(new ExternalForce(0, new Vector3(0f, 1f, 0f), new Vector3(0.1f, 0f, 0f), 0f, 0f));

        s_engine.Advance([world], 0.01f);

        var inertia = 2f * (0.01f + 0.01f) / 3f;
        Assert.Equal(0.1f / inertia, world.Bodies[0].AngularVelocity.Z, tolerance: 1e-4f);
    }

    [Fact]
    public void Advance_KinematicPusher_KeepsItsSpeedAndCarriesTheBlockAlong()
    {
        var world = new World();
        world.Bodies.Add(Families.Block(0.3f, 0.1f, 0f));
        var pusher = Families.Block(0f, 0.12f, 0f) with { Motion = Motion.Kinematic };
        world.Bodies.Add(pusher with { LinearVelocity = new(0.5f, 0f, 0f) });

        s_engine.Advance([world], 1f);

        Assert.Equal(0.5f, world.Bodies[1].Position.X, tolerance: 1e-4f);
        Assert.Equal(0.7f, world.Bodies[0].Position.X, tolerance: 2e-3f);
    }

    [Fact]
    public void Advance_TurningKinematicBody_TurnsByRateTimesTime()
    {
        // Half a radian: the quaternion's y is sin(1/4).
        var world = new World { HasGround = false };
        var body = Families.Block(0f, 0f, 0f) with { Motion = Motion.Kinematic };
        world.Bodies.Add(body with { AngularVelocity = new(0f, 0.5f, 0f) });

        s_engine.Advance([world], 1f);

        Assert.Equal(Math.Sin(0.25), world.Bodies[0].Orientation.Y, tolerance: 1e-5);
        Assert.Equal(0.5f, world.Bodies[0].AngularVelocity.Y, tolerance: 1e-6f);
    }

    [Fact]
    public void Advance_FixedBody_NeverMoves()
    {
        var world = new World();
        var wall = Families.Block(0f, 3f, 0f) with { Motion = Motion.Fixed };
        world.Bodies.Add(wall);
        world.Bodies.Add(Families.Block(0f, 3.3f, 0f));

        s_engine.Advance([world], 1f);

        Assert.Equal(wall, world.Bodies[0]);
        Assert.Equal(3.2f, world.Bodies[1].Position.Y, tolerance: 1e-3f);
    }

    [Fact]
    public void Advance_TwiceAsLong_AllocatesNoMore()
    {
        using var engine = new BatchSimulator(new SimulatorOptions { Threads = 1 });
        var world = Families.Make("tumble");
        var fork = new World();
        engine.Advance([world], 1f);
        fork.CopyFrom(world);
        engine.Advance([fork], 1f);

        // Lists of contacts grow once; after that both runs find them large enough.
        Allocated(1f);
        Allocated(2f);

        Assert.Equal(Allocated(1f), Allocated(2f));

        long Allocated(float seconds)
        {
            fork.CopyFrom(world);
            var before = GC.GetAllocatedBytesForCurrentThread();
            engine.Advance([fork], seconds);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static World Free(float mass)
    {
        var world = new World { Gravity = 0f, HasGround = false };
        world.Bodies.Add(Families.Block(0f, 0f, 0f) with { Mass = mass });
        return world;
    }
}
