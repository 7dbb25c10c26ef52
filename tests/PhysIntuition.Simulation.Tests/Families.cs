using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests;

/// <summary>One world per kind of scene, each a pure function of its number.</summary>
internal static class Families
{
    public static readonly string[] Names =
        ["tower", "pyramid", "push", "beam", "table", "dominoes", "bounce", "tumble", "pusher", "yawed"];

    public static World Make(string family, ulong number = 0)
    {
        var random = new RandomStream(number, stream: 77);
        return family switch
        {
            "tower" => Tower(5, ref random),
            "pyramid" => Pyramid(4, ref random),
            "push" => Push(ref random),
            "beam" => Beam(ref random),
            "table" => Table(ref random),
            "dominoes" => Dominoes(6, ref random),
            "bounce" => Bounce(ref random),
            "tumble" => Tumble(ref random),
            "pusher" => Pusher(ref random),
            "yawed" => Yawed(ref random),
            _ => throw new ArgumentOutOfRangeException(nameof(family)),
        };
    }

    public static Body Block(float x, float y, float z, float half = 0.1f) =>
        new() { Position = new Vector3(x, y, z), HalfExtents = new Vector3(half), Mass = 8000f * half * half * half };

    private static World Tower(int blocks, ref RandomStream random)
    {
        var world = new World();
        for (var i = 0; i < blocks; i++)
        {
            var x = random.NextFloat(-0.06f, 0.06f);
            world.Bodies.Add(Block(x, 0.1f + (0.2f * i), random.NextFloat(-0.06f, 0.06f)));
        }

        return world;
    }

    private static World Pyramid(int rows, ref RandomStream random)
    {
        var world = new World();
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < rows - row; i++)
            {
                var x = (0.22f * i) + (0.11f * row) + random.NextFloat(-0.01f, 0.01f);
                world.Bodies.Add(Block(x, 0.1f + (0.2f * row), 0f));
            }
        }

        return world;
    }

    private static World Push(ref RandomStream random)
    {
        var world = Tower(3, ref random);
        var impulse = new Vector3(random.NextFloat(5f, 15f), 0f, 2f);
        world.Pushes.Add(new ExternalForce(1, impulse, new Vector3(0f, 0.05f, 0.02f), 0.05f, 0f));
        world.Pushes.Add(new ExternalForce(0, new Vector3(0f, 0f, 40f), new Vector3(0.05f, 0f, 0f), 0.1f, 0.2f));
        return world;
    }

    private static World Beam(ref RandomStream random)
    {
        var world = new World();
        world.Bodies.Add(Block(0f, 0.1f, 0f, 0.1f) with { Motion = Motion.Fixed });
        world.Bodies.Add(new Body { Position = new(0f, 0.22f, 0f), HalfExtents = new(1f, 0.02f, 0.1f), Mass = 4f });
        world.Bodies.Add(Block(-0.8f, 0.34f, 0f));
        world.Bodies.Add(Block(0.8f + random.NextFloat(-0.3f, 0f), 0.34f, 0f));
        return world;
    }

    private static World Table(ref RandomStream random)
    {
        var world = new World { HasGround = false };
        world.Bodies.Add(new Body
        {
            Position = new(0f, 0.5f, 0f), HalfExtents = new(0.5f, 0.05f, 0.5f), Motion = Motion.Fixed, Friction = 0.2f,
        });
        world.Bodies.Add(Block(0.2f, 0.65f, 0f) with { LinearVelocity = new(random.NextFloat(1f, 3f), 0f, 0.1f) });
        world.Bodies.Add(Block(-0.3f, 0.65f, 0.1f));
        return world;
    }

    private static World Dominoes(int count, ref RandomStream random)
    {
        var world = new World();
        for (var i = 0; i < count; i++)
        {
            var body = new Body { Position = new(0.15f * i, 0.2f, 0f), HalfExtents = new(0.03f, 0.2f, 0.1f) };
            var spin = i == 0 ? -random.NextFloat(1.5f, 2f) : 0f;
            world.Bodies.Add(body with { AngularVelocity = new(0f, 0f, spin) });
        }

        return world;
    }

    private static World Bounce(ref RandomStream random)
    {
        var world = new World { GroundRestitution = 0.7f };
        world.Bodies.Add(Block(0f, random.NextFloat(0.5f, 1f), 0f) with { Restitution = 0.5f });
        world.Bodies.Add(Block(0.05f, 1.5f, 0.02f));
        return world;
    }

    private static World Tumble(ref RandomStream random)
    {
        var world = new World();
        for (var i = 0; i < 6; i++)
        {
            var axis = new Vector3(random.NextFloat(-1f, 1f), random.NextFloat(-1f, 1f), random.NextFloat(-1f, 1f));
            var q = new Quaternion(axis, random.NextFloat(0.5f, 1f));
            var scale = 1f / MathF.Sqrt((q.X * q.X) + (q.Y * q.Y) + (q.Z * q.Z) + (q.W * q.W));
            world.Bodies.Add(new Body
            {
                Position = new(random.NextFloat(-0.1f, 0.1f), 0.4f + (0.4f * i), random.NextFloat(-0.1f, 0.1f)),
                Orientation = new(q.X * scale, q.Y * scale, q.Z * scale, q.W * scale),
                HalfExtents = new(0.05f, 0.1f, 0.15f), Mass = 2f,
                AngularVelocity = new(random.NextFloat(-5f, 5f), 1f, 2f),
            });
        }

        return world;
    }

    private static World Pusher(ref RandomStream random)
    {
        var world = new World();
        world.Bodies.Add(Block(0.5f, 0.1f, 0f));
        world.Bodies.Add(Block(0.5f, 0.3f, 0.02f));
        world.Bodies.Add(Block(0f, 0.12f, 0f) with
        {
            Motion = Motion.Kinematic, LinearVelocity = new(random.NextFloat(0.5f, 1f), 0f, 0f),
        });
        return world;
    }

    private static World Yawed(ref RandomStream random)
    {
        var world = Tower(4, ref random);
        for (var i = 0; i < world.Bodies.Count; i++)
        {
            var t = random.NextFloat(-0.5f, 0.5f);
            var scale = 1f / MathF.Sqrt(1f + (t * t));
            world.Bodies[i] = world.Bodies[i] with { Orientation = new(0f, t * scale, 0f, scale) };
        }

        return world;
    }
}
