using System.Numerics;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests;

public sealed class EnergyTests
{
    [Fact]
    public void Of_MovingBlock_IsHalfMassTimesSpeedSquared()
    {
        var world = new World { Gravity = 10f };
        world.Bodies.Add(new() { Position = new(0f, 3f, 0f), LinearVelocity = new(3f, 0f, 4f), Mass = 2f });

        var energy = Energy.Of(world);

        Assert.Equal(0.5 * 2 * 25, energy.Kinetic, 1e-9);
        Assert.Equal(2.0 * 10 * 3, energy.Potential, 1e-9);
    }

    [Fact]
    public void Of_SpinAboutATiltedAxis_UsesTheBodysOwnInertia()
    {
        // A bar of half-extents (1, 0.1, 0.2) turned by 90 degrees about z: its long axis is y now. Spin about
        // y is spin about its long axis: I = m (0.1² + 0.2²) / 3 = 0.05 for m = 3, E = I w² / 2 = 0.1.
        var half = MathF.Sqrt(0.5f);
        var world = new World();
        world.Bodies.Add(new()
        {
            Mass = 3f,
            HalfExtents = new(1f, 0.1f, 0.2f),
            Orientation = new Quaternion(0f, 0f, half, half),
            AngularVelocity = new(0f, 2f, 0f),
        });

        Assert.Equal(0.1, Energy.Of(world).Kinetic, 1e-6);
    }

    [Fact]
    public void Of_FixedAndKinematicBodies_DoNotCount()
    {
        var world = new World();
        world.Bodies.Add(new() { Position = Vector3.UnitY, Motion = Motion.Fixed });
        world.Bodies.Add(new() { LinearVelocity = Vector3.UnitX, Motion = Motion.Kinematic });

        Assert.Equal(0.0, Energy.Of(world).Total);
    }
}
