using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests.Laws;

/// <summary>Scenes of the laws, and how to run them.</summary>
internal static class Given
{
    public const float Gravity = 9.81f;

    /// <summary>Why laws of restitution are not asked of an engine.</summary>
    public const string WithoutRebound = "Springs, not a coefficient of restitution, rule this engine's impacts.";

    /// <summary>A world with these bodies on the ground.</summary>
    public static World Ground(float friction, params Body[] bodies) =>
        With(new() { GroundFriction = friction }, bodies);

    /// <summary>A world without gravity and ground.</summary>
    public static World Space(params Body[] bodies) => With(new() { Gravity = 0f, HasGround = false }, bodies);

    /// <summary>A world with gravity and without ground.</summary>
    public static World Void(params Body[] bodies) => With(new() { HasGround = false }, bodies);

    /// <summary>A block of 1 kg.</summary>
    public static Body Block(Vector3 position, Vector3 half, float friction = 0.6f) =>
        new() { Position = position, HalfExtents = half, Friction = friction };

    /// <summary>A block that nothing moves.</summary>
    public static Body Fixed(Vector3 position, Vector3 half, float friction = 0.6f) =>
        Block(position, half, friction) with { Motion = Motion.Fixed };

    /// <summary>The turn about z by an angle, rad; positive lifts what lies along x.</summary>
    public static Quaternion TurnZ(double angle) => new(0f, 0f, (float)Math.Sin(angle / 2), (float)Math.Cos(angle / 2));

    /// <summary>The turn about y by an angle, rad.</summary>
    public static Quaternion TurnY(double angle) => new(0f, (float)Math.Sin(angle / 2), 0f, (float)Math.Cos(angle / 2));

    /// <summary>A copy of the world, moved forward.</summary>
    public static World After(ISimulator engine, World start, float duration)
    {
        var world = Copy(start);
        engine.Advance([world], duration);
        return world;
    }

    /// <summary>A copy of the world, settled, with its outcome.</summary>
    public static (World World, Outcome Outcome) Settled(ISimulator engine, World start, SettleOptions? options = null)
    {
        var world = Copy(start);
        var outcomes = new Outcome[1];
        engine.Settle([world], options ?? new(), outcomes);
        return (world, outcomes[0]);
    }

    /// <summary>The poses of a copy of the world at 240 frames a second.</summary>
    public static Trajectory Filmed(ISimulator engine, World start, float duration) =>
        Trajectory.Record(engine, [Copy(start)], rate: 240f, duration)[0];

    /// <summary>How far a body is from where it was in another world, m.</summary>
    public static float Moved(World start, World end, int body) =>
        Vector3.Distance(start.Bodies[body].Position, end.Bodies[body].Position);

    /// <summary>The furthest that any body moved, m.</summary>
    public static float MostMoved(World start, World end) =>
        Enumerable.Range(0, start.Bodies.Count).Max(body => Moved(start, end, body));

    /// <summary>How far a body's own y axis leans from the vertical, rad in [0, pi].</summary>
    public static double Lean(in Body body)
    {
        var up = Vector3.Transform(Vector3.UnitY, body.Orientation);
        return Math.Atan2(Math.Sqrt((up.X * up.X) + (up.Z * up.Z)), up.Y);
    }

    public static World Copy(World world)
    {
        var copy = new World();
        copy.CopyFrom(world);
        return copy;
    }

    private static World With(World world, Body[] bodies)
    {
        world.Bodies.AddRange(bodies);
        return world;
    }
}
