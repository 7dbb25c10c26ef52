using System.Numerics;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Staging;

public sealed class SilhouettesTests
{
    private const double Cell = 0.004;   // m
    private const int Cells = 500;       // along each side of a square around the origin

    [Fact]
    public void Area_OfATurnedSquare_IsThatOfItsShadow()
    {
        var square = new Body
        {
            HalfExtents = new(0.5f), Orientation = Quaternion.CreateFromAxisAngle(Vector3.UnitY, MathF.PI / 4),
        };

        // A cube turned by 45 degrees about the vertical is sqrt 2 wide and as high as before.
        Assert.Equal(Math.Sqrt(2), Silhouettes.Area([Silhouettes.Of(square)]), 1e-6);
        Assert.Equal(1.44, Silhouettes.Area([Silhouettes.Of(square with { Orientation = Quaternion.Identity }, 0.1f)]),
            1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Overlap_OfUnionsOfTurnedBlocks_IsWhatARasterCounts(ulong seed)
    {
        var random = new RandomStream(seed);
        var (some, others) = (Draw(5, isTurned: false, ref random), Draw(6, isTurned: true, ref random));
        var (both, first, second, edge) = (0, 0, 0, 0);
        for (var i = 0; i < Cells * Cells; i++)
        {
            var (x, y) = (((i % Cells) - (Cells / 2) + 0.5) * Cell, ((i / Cells) - (Cells / 2) + 0.5) * Cell);
            var (inSome, inOthers) = (some.Exists(body => Holds(body, x, y)), others.Exists(body => Holds(body, x, y)));
            (first, second, both) = (first + (inSome ? 1 : 0), second + (inOthers ? 1 : 0),
                both + (inSome && inOthers ? 1 : 0));
            edge += inSome != some.Exists(body => Holds(body, x + Cell, y)) ? 1 : 0;
        }

        // Cells on the outline are half right: their errors add up like a random walk, and stay below a tenth of them.
        var slack = Math.Max(0.004, 0.1 * edge * Cell * Cell);
        List<Silhouettes.Outline> a = [.. some.Select(body => Silhouettes.Of(body))];
        List<Silhouettes.Outline> b = [.. others.Select(body => Silhouettes.Of(body))];
        Assert.True(both > 100 && edge > 100, $"{both} {edge}");
        Assert.Equal(first * Cell * Cell, Silhouettes.Area(a), slack);
        Assert.Equal(second * Cell * Cell, Silhouettes.Area(b), slack);
        Assert.Equal(both * Cell * Cell, Silhouettes.Overlap(a, b), slack);
        Assert.Equal(Silhouettes.Overlap(a, b), Silhouettes.Overlap(b, a), 1e-12);
    }

    private static List<Body> Draw(int count, bool isTurned, ref RandomStream random)
    {
        var bodies = new List<Body>();
        for (var i = 0; i < count; i++)
        {
            var turn = new Quaternion(random.NextFloat(-1f, 1f), random.NextFloat(-1f, 1f), random.NextFloat(-1f, 1f),
                random.NextFloat(-1f, 1f));
            bodies.Add(new()
            {
                Position = new(random.NextFloat(-0.5f, 0.5f), random.NextFloat(-0.5f, 0.5f), random.NextFloat(-1f, 1f)),
                HalfExtents = new(random.NextFloat(0.05f, 0.25f), random.NextFloat(0.05f, 0.25f), 0.15f),
                Orientation = isTurned ? Quaternion.Normalize(turn) : Quaternion.Identity,
            });
        }

        return bodies;
    }

    // Whether the line of sight through a place meets a cuboid: its part between each pair of opposite faces.
    private static bool Holds(Body body, double x, double y)
    {
        var back = Quaternion.Conjugate(body.Orientation);
        var from = Vector3.Transform(new((float)x - body.Position.X, (float)y - body.Position.Y, 0f), back);
        var along = Vector3.Transform(Vector3.UnitZ, back);
        var (near, far) = (float.NegativeInfinity, float.PositiveInfinity);
        for (var axis = 0; axis < 3; axis++)
        {
            var (a, b) = ((-body.HalfExtents[axis] - from[axis]) / along[axis],
                (body.HalfExtents[axis] - from[axis]) / along[axis]);
            if (MathF.Abs(along[axis]) < 1e-6f)
            {
                (a, b) = MathF.Abs(from[axis]) <= body.HalfExtents[axis]
                    ? (float.NegativeInfinity, float.PositiveInfinity)
                    : (float.PositiveInfinity, float.NegativeInfinity);
            }

            (near, far) = (MathF.Max(near, MathF.Min(a, b)), MathF.Min(far, MathF.Max(a, b)));
            if (MathF.Abs(along[axis]) < 1e-6f && MathF.Abs(from[axis]) > body.HalfExtents[axis])
            {
                return false;
            }
        }

        return near < far;
    }
}
