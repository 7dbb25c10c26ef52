using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>Small structures whose statics can be done on paper.</summary>
public static class Structures
{
    /// <summary>Unit cubes, one on another, each with its own x.</summary>
    public static World Column(params float[] xs)
    {
        var world = new World();
        for (var i = 0; i < xs.Length; i++)
        {
            world.Bodies.Add(new() { Position = new(xs[i], i + 0.5f, 0f) });
        }

        return world;
    }

    /// <summary>A plank of the given length on two unit cubes that stand at x = -span/2 and span/2.</summary>
    public static World Bridge(float span, float length, float plankX)
    {
        var world = new World();
        world.Bodies.Add(new() { Position = new(-span / 2, 0.5f, 0f) });
        world.Bodies.Add(new() { Position = new(span / 2, 0.5f, 0f) });
        world.Bodies.Add(new() { Position = new(plankX, 1.1f, 0f), HalfExtents = new(length / 2, 0.1f, 0.5f) });
        return world;
    }

    /// <summary>Turns every body of a world about the y axis through the origin.</summary>
    public static World Turned(World world, float angle)
    {
        var (sin, cos) = ((float)Math.Sin(angle / 2), (float)Math.Cos(angle / 2));
        var turn = new Quaternion(0f, sin, 0f, cos);
        var turned = new World();
        turned.CopyFrom(world);
        for (var i = 0; i < turned.Bodies.Count; i++)
        {
            var body = turned.Bodies[i];
            body.Position = Vector3.Transform(body.Position, turn);
            body.Orientation = turn * body.Orientation;
            turned.Bodies[i] = body;
        }

        return turned;
    }
}
