using System.Numerics;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>Rows of equal blocks, each row one shorter, with gaps; in half of them a block is missing.</summary>
public static class Pyramids
{
    /// <summary>Pyramids of 2 to 5 rows.</summary>
    /// <param name="count">How many; every second one lacks a random block that is not the top.</param>
    /// <param name="seed">The same seed gives the same pyramids.</param>
    public static List<World> Make(int count, ulong seed)
    {
        var random = new RandomStream(seed, stream: 100);
        var pyramids = new List<World>(count);
        for (var i = 0; i < count; i++)
        {
            var pyramid = Draw(ref random);
            if (i % 2 == 1)
            {
                pyramid.Bodies.RemoveAt(random.NextInt(0, pyramid.Bodies.Count - 1));
            }

            pyramids.Add(pyramid);
        }

        return pyramids;
    }

    /// <summary>A regular pyramid without jitter.</summary>
    /// <param name="baseBlocks">Blocks in the lowest row.</param>
    /// <param name="half">Half-extents of every block, m.</param>
    /// <param name="gap">Between the blocks of a row, m.</param>
    public static World Regular(int baseBlocks, Vector3 half, float gap)
    {
        var pyramid = new World { GroundFriction = Towers.Friction };
        for (var row = 0; row < baseBlocks; row++)
        {
            for (var k = 0; k < baseBlocks - row; k++)
            {
                var x = (k - ((baseBlocks - row - 1) * 0.5f)) * ((2 * half.X) + gap);
                pyramid.Bodies.Add(Towers.BlockAt(new(x, ((2 * row) + 1) * half.Y, 0f), half));
            }
        }

        return pyramid;
    }

    private static World Draw(ref RandomStream random)
    {
        var (x, y) = (random.NextFloat(0.15f, 0.3f), random.NextFloat(0.1f, 0.25f));
        var half = new Vector3(x, y, random.NextFloat(0.15f, 0.25f));
        var gap = random.NextFloat(0.05f, 0.6f) * half.X;
        var pyramid = Regular(random.NextInt(2, 6), half, gap);
        var jitter = random.NextFloat(0f, 0.35f);
        for (var i = 0; i < pyramid.Bodies.Count; i++)
        {
            var block = pyramid.Bodies[i];
            var sideways = random.NextFloat(-0.5f, 0.5f) * MathF.Min(jitter * half.X, gap * 0.9f);
            block.Position += new Vector3(sideways, 0f, random.NextFloat(-1f, 1f) * jitter * half.Z);
            pyramid.Bodies[i] = block;
        }

        return pyramid;
    }
}
