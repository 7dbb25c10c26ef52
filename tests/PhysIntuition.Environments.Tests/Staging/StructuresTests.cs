using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Staging;

/// <summary>Structures as they are drawn: what lies on what, and that each beginning stands in the engine.</summary>
public sealed class StructuresTests
{
    private const int Draws = 12;

    public static TheoryData<Structure, int> Kinds => new()
    {
        { Structure.Tower, 2 }, { Structure.Tower, 8 }, { Structure.Pyramid, 3 }, { Structure.Pyramid, 7 },
        { Structure.Arch, 3 }, { Structure.Arch, 6 }, { Structure.Arch, 8 }, { Structure.Overhang, 4 },
        { Structure.Overhang, 8 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryDraw_EveryPiece_LiesOnTheGroundOrOnPiecesBefore(Structure kind, int count)
    {
        foreach (var pieces in Drawn(kind, count))
        {
            Assert.Equal(count, pieces.Count);
            for (var i = 0; i < count; i++)
            {
                var piece = pieces[i];
                Assert.True(piece.Y == 0 || pieces.Take(i).Any(below =>
                    below.Top == piece.Y && Shared(below, piece) > 0), $"{piece} hangs in the air");
                Assert.All(pieces.Take(i), other => Assert.True(
                    Shared(other, piece) <= 0 || other.Top <= piece.Y || piece.Top <= other.Y,
                    $"{piece} reaches into {other}"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryDraw_AnyStructure_StandsInTheMiddle(Structure kind, int count)
    {
        foreach (var pieces in Drawn(kind, count))
        {
            var (left, right) = (pieces.Min(piece => piece.X - (piece.Width / 2)),
                pieces.Max(piece => piece.X + (piece.Width / 2)));

            Assert.InRange(left + right, -1, 1);   // whole hundredths
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryDraw_EachBeginning_StandsInTheEngine(Structure kind, int count)
    {
        var worlds = new List<World>();
        foreach (var pieces in Drawn(kind, count).Take(3))
        {
            for (var most = 1; most <= count; most++)
            {
                var world = new World { HasGround = true, GroundFriction = 0.5f };
                world.Bodies.AddRange(pieces.Take(most).Select(piece => piece.ToBody(world, 500f)));
                worlds.Add(world);
            }
        }

        var outcomes = new Simulation.Outcome[worlds.Count];
        Given.Simulator.Settle([.. worlds], new SettleOptions { FallDrop = 0.02f }, outcomes);

        Assert.All(outcomes, outcome => Assert.Equal(0UL, outcome.FallenBodies));
    }

    [Fact]
    public void TryDraw_Pyramids_HaveEqualBlocksInRowsThatShrink()
    {
        foreach (var pieces in Drawn(Structure.Pyramid, 6))
        {
            Assert.Single(pieces.Select(piece => (piece.Width, piece.Height)).Distinct());
            Assert.Equal(
                [3, 2, 1], pieces.GroupBy(piece => piece.Y).OrderBy(row => row.Key).Select(row => row.Count()));
        }
    }

    [Fact]
    public void TryDraw_Arches_HaveALintelOnTwoEqualPosts()
    {
        foreach (var pieces in Drawn(Structure.Arch, 6))
        {
            foreach (var arch in pieces.Chunk(3))
            {
                var (one, other, lintel) = (arch[0], arch[1], arch[2]);
                Assert.Equal((one.Width, one.Height, one.Y), (other.Width, other.Height, other.Y));
                Assert.Equal(one.Top, lintel.Y);
                Assert.True(other.X - one.X > one.Width, "there is room between the posts");
                Assert.InRange(one.X + other.X - (2 * lintel.X), -1, 1);
            }
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void TryDraw_Overhangs_TipUnderTheLoadWithoutTheCounterweight(int count)
    {
        foreach (var pieces in Drawn(Structure.Overhang, count))
        {
            var beam = pieces.FindIndex(piece => piece.Width >= 90);
            var (foot, counter, load) = (pieces[beam - 1], pieces[beam + 1], pieces[beam + 2]);

            Assert.True(IsOverFoot(foot, pieces[beam]));
            Assert.True(IsOverFoot(foot, pieces[beam], counter));
            Assert.True(IsOverFoot(foot, pieces[beam], counter, load));
            Assert.False(IsOverFoot(foot, pieces[beam], load));
        }
    }

    [Fact]
    public void ToBody_Piece_IsInMetresAndAsHeavyAsItsVolume()
    {
        var world = new World { GroundFriction = 0.7f };
        var body = new Piece(X: 20, Y: 30, Width: 40, Height: 10).ToBody(world, density: 500f);

        Assert.Equal((0.2f, 0.35f, 0f), (body.Position.X, body.Position.Y, body.Position.Z));
        Assert.Equal((0.2f, 0.05f), (body.HalfExtents.X, body.HalfExtents.Y));
        Assert.Equal(500 * 0.4 * 0.1 * Structures.Depth, body.Mass, 1e-4);
        Assert.Equal(0.7f, body.Friction);
    }

    // Whether the common centre of mass of what lies on a foot is over it: areas stand for masses.
    private static bool IsOverFoot(Piece foot, params Piece[] above)
    {
        double mass = above.Sum(piece => piece.Width * piece.Height),
            moment = above.Sum(piece => (double)piece.X * piece.Width * piece.Height);

        return Math.Abs((moment / mass) - foot.X) < foot.Width / 2.0;
    }

    private static double Shared(Piece one, Piece other) =>
        Math.Min(one.X + (one.Width / 2.0), other.X + (other.Width / 2.0))
        - Math.Max(one.X - (one.Width / 2.0), other.X - (other.Width / 2.0));

    private static IEnumerable<List<Piece>> Drawn(Structure kind, int count)
    {
        for (var i = 0; i < Draws; i++)
        {
            var (random, pieces) = (new RandomStream(31, (ulong)i), new List<Piece>());
            Assert.True(Structures.TryDraw(kind, count, ref random, pieces));
            yield return pieces;
        }
    }
}
