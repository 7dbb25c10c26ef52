using System.Numerics;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>A block, alone or under or on another one, that is struck or pushed for a while.</summary>
public static class Pushes
{
    /// <summary>Scenes with one push each; body <see cref="ExternalForce.Body"/> is the pushed one.</summary>
    /// <param name="count">How many; impulses and timed forces alternate.</param>
    /// <param name="seed">The same seed gives the same scenes.</param>
    public static List<World> Make(int count, ulong seed)
    {
        var random = new RandomStream(seed, stream: 200);
        var scenes = new List<World>(count);
        for (var i = 0; i < count; i++)
        {
            scenes.Add(Draw(isImpulse: i % 2 == 0, ref random));
        }

        return scenes;
    }

    private static World Draw(bool isImpulse, ref RandomStream random)
    {
        var friction = random.NextFloat(0.25f, 0.8f);
        var scene = new World { GroundFriction = friction };
        var blocks = random.NextInt(0, 3) == 0 ? 2 : 1;
        var top = 0f;
        for (var i = 0; i < blocks; i++)
        {
            var half = Towers.DrawHalfExtents(ref random);
            scene.Bodies.Add(Towers.BlockAt(new(0f, top + half.Y, 0f), half) with { Friction = friction });
            top += 2 * half.Y;
        }

        scene.Pushes.Add(PushOf(scene, random.NextInt(0, blocks), isImpulse, ref random));
        return scene;
    }

    // Along x or z and their opposites, at a random height of the face: enough to slide, tip, or neither.
    private static ExternalForce PushOf(World scene, int body, bool isImpulse, ref RandomStream random)
    {
        var block = scene.Bodies[body];
        var axis = random.NextInt(0, 2) == 0 ? Vector3.UnitX : Vector3.UnitZ;
        var direction = axis * (random.NextInt(0, 2) == 0 ? 1f : -1f);
        var height = random.NextFloat(-0.8f, 0.8f) * block.HalfExtents.Y;
        var offset = new Vector3(0f, height, 0f) - (direction * Vector3.Dot(axis, block.HalfExtents));
        if (isImpulse)
        {
            var speed = random.NextFloat(0.5f, 3f);   // m/s, what the block would have without contacts
            return new(body, direction * (block.Mass * speed), offset, Start: 0f, Duration: 0f);
        }

        var weight = scene.Bodies.Skip(body).Sum(above => above.Mass) * scene.Gravity;
        var force = random.NextFloat(0.5f, 2.5f) * block.Friction * weight;
        return new(body, direction * force, offset, Start: 0f, Duration: random.NextFloat(0.1f, 0.6f));
    }
}
