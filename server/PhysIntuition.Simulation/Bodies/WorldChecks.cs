using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PhysIntuition.Simulation.Bodies;

/// <summary>The engine's border: every number is in its documented range, or the call fails with its name.</summary>
internal static class WorldChecks
{
    private const float MaxLength = 1000f;          // m; of offsets, drops and distances
    private const float MaxPosition = 1e6f;         // m; what fell off must be taken back by the next call
    private const float MaxSpeed = 1000f;           // m/s and rad/s
    private const float MaxDuration = 3600f;        // s

    private static long s_calls;

    public static void Check(SettleOptions options)
    {
        CheckDuration("max_time", options.MaxTime);
        CheckRange("fall_drop", options.FallDrop, 0f, MaxLength);
        CheckRange("moved_distance", options.MovedDistance, 0f, MaxLength);
        CheckRange("floor_limit", options.FloorLimit, -MaxPosition, MaxLength);
    }

    public static void CheckDuration(string field, float seconds) => CheckRange(field, seconds, 0f, MaxDuration);

    /// <summary>The worlds of one call; each may be there once, for two lanes would write to it.</summary>
    public static void Check(ReadOnlySpan<World> worlds)
    {
        var call = Interlocked.Increment(ref s_calls);
        for (var i = 0; i < worlds.Length; i++)
        {
            var world = worlds[i];
            if (world is null)
            {
                Refuse($"worlds[{i}]", "null", "must be a world", "Pass one world per place.");
            }

            if (world.LastCall == call)
            {
                Refuse($"worlds[{i}]", "in the batch twice", "must be there once", "Pass a copy of it.");
            }

            world.LastCall = call;
            Check($"worlds[{i}]", world);
        }
    }

    /// <summary>One world, called <c>world</c> in messages.</summary>
    public static void Check(World world) => Check("world", world);

    private static void Check(string name, World world)
    {
        if (world.Bodies.Count > World.MaxBodies)
        {
            Refuse($"{name}.bodies", $"{world.Bodies.Count} bodies", $"must have at most {World.MaxBodies}",
                "Split the scene into several worlds.");
        }

        CheckRange($"{name}.gravity", world.Gravity, 0f, 100f);
        CheckRange($"{name}.ground_friction", world.GroundFriction, 0f, 2f);
        CheckRange($"{name}.ground_restitution", world.GroundRestitution, 0f, 1f);
        CheckRange($"{name}.time", world.Time, 0f, MaxDuration);
        for (var i = 0; i < world.Bodies.Count; i++)
        {
            Check($"{name}.bodies[{i}]", world.Bodies[i]);
        }

        for (var i = 0; i < world.Pushes.Count; i++)
        {
            Check($"{name}.pushes[{i}]", world.Pushes[i], world.Bodies.Count);
        }
    }

    private static void Check(string name, in Body body)
    {
        CheckRange($"{name}.position", body.Position, -MaxPosition, MaxPosition);
        CheckRange($"{name}.linear_velocity", body.LinearVelocity, -MaxSpeed, MaxSpeed);
        CheckRange($"{name}.angular_velocity", body.AngularVelocity, -MaxSpeed, MaxSpeed);
        CheckRange($"{name}.half_extents", body.HalfExtents, 0.005f, 50f);
        CheckRange($"{name}.friction", body.Friction, 0f, 2f);
        CheckRange($"{name}.restitution", body.Restitution, 0f, 1f);
        if (body.Motion == Motion.Dynamic)
        {
            CheckRange($"{name}.mass", body.Mass, 1e-6f, 1e9f);
        }
        else if (body.Motion is not (Motion.Fixed or Motion.Kinematic))
        {
            Refuse($"{name}.motion", $"{(int)body.Motion}", "must be dynamic, fixed or kinematic", "Name one of them.");
        }

        var q = body.Orientation;
        var length = MathF.Sqrt((q.X * q.X) + (q.Y * q.Y) + (q.Z * q.Z) + (q.W * q.W));
        if (!(length >= 0.99f && length <= 1.01f))
        {
            Refuse($"{name}.orientation", $"of length {Text(length)}", "must be a unit quaternion", "Normalise it.");
        }
    }

    private static void Check(string name, in ExternalForce push, int bodies)
    {
        if (push.Body < 0 || push.Body >= bodies)
        {
            Refuse($"{name}.body", $"{push.Body}", $"must be in [0, {bodies})", "Name a body of this world.");
        }

        CheckRange($"{name}.vector", push.Vector, -1e9f, 1e9f);
        CheckRange($"{name}.offset", push.Offset, -MaxLength, MaxLength);
        CheckRange($"{name}.start", push.Start, 0f, MaxDuration);
        CheckRange($"{name}.duration", push.Duration, 0f, MaxDuration);
    }

    private static void CheckRange(string field, Vector3 value, float min, float max)
    {
        if (!(IsIn(value.X, min, max) && IsIn(value.Y, min, max) && IsIn(value.Z, min, max)))
        {
            Refuse(field, $"({Text(value.X)}, {Text(value.Y)}, {Text(value.Z)})",
                $"must be three finite numbers in [{Text(min)}, {Text(max)}]", "Bring each component into range.");
        }
    }

    /// <summary>One number; NaN is out of every range.</summary>
    public static void CheckRange(string field, float value, float min, float max)
    {
        if (!IsIn(value, min, max))
        {
            Refuse(field, Text(value), $"must be a finite number in [{Text(min)}, {Text(max)}]",
                "Bring it into range.");
        }
    }

    private static bool IsIn(float value, float min, float max) => value >= min && value <= max;

    private static string Text(float value) => value.ToString(CultureInfo.InvariantCulture);

    [DoesNotReturn]
    private static void Refuse(string field, string value, string rule, string remedy) =>
        throw new PhysIntuitionException(Fault.InvalidArgument, field, $"{field} is {value}; it {rule}. {remedy}");
}
