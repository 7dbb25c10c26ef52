using System.Numerics;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>Columns of cuboids, each shifted against the one below; half of them stand.</summary>
/// <remarks>
/// The recipe: edges of 0.2 to 0.6 m, density 500 kg/m³, friction 0.55. The shift has a scale of its own in each
/// tower, smaller in higher ones, so that stable towers are not too rare; each block returns a little towards
/// the axis. Neighbours share at least 15 % of the smaller one's width, so that every contact is an area.
/// </remarks>
public static class Towers
{
    /// <summary>Friction of every surface.</summary>
    public const float Friction = 0.55f;

    private const float Density = 500f;        // kg/m³: wood
    private const float LeastOverlap = 0.15f;  // share of the smaller width
    private const float Return = 0.85f;        // how much of the last shift the next block keeps

    /// <summary>Towers of one height; stable and unstable ones alternate.</summary>
    /// <param name="blocks">2 to 10.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">The same seed gives the same towers.</param>
    public static List<World> Make(int blocks, int count, ulong seed)
    {
        var random = new RandomStream(seed, (ulong)blocks);
        var towers = new List<World>(count);
        while (towers.Count < count)
        {
            var tower = Draw(blocks, ref random);
            var wantsStable = towers.Count % 2 == 0;
            if (tower is not null && StaticMargin.Of(tower).IsStable == wantsStable)
            {
                towers.Add(tower);
            }
        }

        return towers;
    }

    /// <summary>The mixture that the figures are quoted for: equal shares of 3, 5 and 8 blocks.</summary>
    public static List<World> Mixture(int perHeight, ulong seed) =>
        [.. Make(3, perHeight, seed), .. Make(5, perHeight, seed), .. Make(8, perHeight, seed)];

    /// <summary>Each in [0.1, 0.3] m.</summary>
    internal static Vector3 DrawHalfExtents(ref RandomStream random) =>
        new(random.NextFloat(0.1f, 0.3f), random.NextFloat(0.1f, 0.3f), random.NextFloat(0.1f, 0.3f));

    private static World? Draw(int blocks, ref RandomStream random)
    {
        var tower = new World { GroundFriction = Friction };
        var shift = ShiftScale(blocks) * random.NextFloat(0.35f, 1f);
        var (top, x, z) = (0f, 0f, 0f);
        for (var i = 0; i < blocks; i++)
        {
            var half = DrawHalfExtents(ref random);
            if (i > 0)
            {
                var below = tower.Bodies[i - 1].HalfExtents;
                x = (x * Return) + (random.NextFloat(-1f, 1f) * shift * below.X);
                z = (z * Return) + (random.NextFloat(-1f, 1f) * shift * below.Z);
            }

            var block = BlockAt(new(x, top + half.Y, z), half);
            if (i > 0 && !SharesEnough(block, tower.Bodies[i - 1]))
            {
                return null;
            }

            tower.Bodies.Add(block);
            top += 2 * half.Y;
        }

        return tower;
    }

    private static float ShiftScale(int blocks) => blocks <= 3 ? 1f : blocks <= 5 ? 0.85f : 0.75f;

    private static bool SharesEnough(in Body a, in Body b) =>
        Overlap(a.Position.X, a.HalfExtents.X, b.Position.X, b.HalfExtents.X)
        && Overlap(a.Position.Z, a.HalfExtents.Z, b.Position.Z, b.HalfExtents.Z);

    private static bool Overlap(float a, float halfA, float b, float halfB)
    {
        var shared = MathF.Min(a + halfA, b + halfB) - MathF.Max(a - halfA, b - halfB);
        return shared >= LeastOverlap * 2 * MathF.Min(halfA, halfB);
    }

    /// <summary>A wooden block with the friction of this family.</summary>
    public static Body BlockAt(Vector3 position, Vector3 half) => new()
    {
        Position = position,
        HalfExtents = half,
        Mass = Density * 8 * half.X * half.Y * half.Z,
        Friction = Friction,
    };
}
