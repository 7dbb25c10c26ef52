using System.Numerics;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests.Laws;

/// <summary>What stands must go on standing, and what cannot must fall.</summary>
public abstract class StandingLaws(ISimulator engine)
{
    private const float Millimetre = 1e-3f;

    [Fact]
    public void Advance_TenBlockTower_StandsForAMinuteWithinAMillimetre()
    {
        var tower = Given.Ground(0.6f, [.. Enumerable.Range(0, 10).Select(i =>
            Given.Block(new(0f, (0.4f * i) + 0.2f, 0f), new(0.2f)))]);

        var end = Given.After(engine, tower, 60f);

        Assert.True(Given.MostMoved(tower, end) <= Millimetre, $"Drift {Given.MostMoved(tower, end)} m.");
        Assert.True(ContactGraph.Of(tower).HasSamePairs(ContactGraph.Of(end)));
    }

    [Fact]
    public void Settle_PyramidOfTwenty_Stands()
    {
        // Rows of 6, 5, 4, 3 and 2.
        var pyramid = Given.Ground(0.6f);
        for (var row = 0; row < 5; row++)
        {
            for (var k = 0; k < 6 - row; k++)
            {
                var x = (k - ((5 - row) * 0.5f)) * 0.45f;
                pyramid.Bodies.Add(Given.Block(new(x, (0.4f * row) + 0.2f, 0f), new(0.2f)));
            }
        }

        var (_, outcome) = Given.Settled(engine, pyramid, new() { MaxTime = 10f });
        var end = Given.After(engine, pyramid, 10f);

        Assert.Equal(20, pyramid.Bodies.Count);
        Assert.Equal(Ending.Settled, outcome.Ending);
        Assert.True(Given.MostMoved(pyramid, end) <= Millimetre, $"Drift {Given.MostMoved(pyramid, end)} m.");
    }

    [Theory]
    [InlineData(1f, 100f)]
    [InlineData(100f, 1f)]
    public void Settle_MassesOneToAHundred_StandOnEachOther(float lower, float upper)
    {
        var start = Given.Ground(
            0.6f,
            Given.Block(new(0f, 0.2f, 0f), new(0.2f)) with { Mass = lower },
            Given.Block(new(0.02f, 0.6f, 0f), new(0.2f)) with { Mass = upper });

        var (end, outcome) = Given.Settled(engine, start);

        Assert.Equal(Ending.Settled, outcome.Ending);
        Assert.True(Given.MostMoved(start, end) <= 2 * Millimetre, $"Moved {Given.MostMoved(start, end)} m.");
    }

    [Theory]
    [InlineData(0.8f, false)]
    [InlineData(1.2f, true)]
    [InlineData(-0.8f, false)]
    [InlineData(-1.2f, true)]
    public void Settle_BeamOnAFulcrum_TipsOnceTheCentreOfMassPassesItsEdge(float share, bool tips)
    {
        // A beam of 2 kg on a fulcrum 0.1 wide, 1 kg at x = -0.8 and 2 kg at x: the centre of mass,
        // (2 x - 0.8) / 5, lies at share · 0.05 for x = (0.8 + 0.25 share) / 2. The side with it goes down.
        const float fulcrum = 0.05f;
        var x = (0.8f + (5 * share * fulcrum)) / 2;
        var start = Given.Ground(
            0.6f,
            Given.Fixed(new(0f, 0.2f, 0f), new(fulcrum, 0.2f, 0.2f)),
            Given.Block(new(0f, 0.42f, 0f), new(1f, 0.02f, 0.15f)) with { Mass = 2f },
            Given.Block(new(-0.8f, 0.49f, 0f), new(0.05f)),
            Given.Block(new(x, 0.49f, 0f), new(0.05f)) with { Mass = 2f });

        var (end, outcome) = Given.Settled(engine, start);

        Assert.Equal(tips, outcome.Ending == Ending.Fell);
        var right = Vector3.Transform(Vector3.UnitX, end.Bodies[1].Orientation);
        Assert.Equal(tips ? -Math.Sign(share) : 0, Math.Abs(right.Y) < 0.02f ? 0 : Math.Sign(right.Y));
        Assert.Equal(!tips, StaticMargin.Of(start).IsStable);
    }

    [Theory]
    [InlineData(-0.01f, false)]
    [InlineData(0.01f, true)]
    public void Settle_BlockAtATableEdge_LeavesOnceItsCentreIsBeyond(float beyond, bool leaves)
    {
        // The table ends at x = 1; the block's weight acts at 1 + beyond.
        var start = Given.Void(
            Given.Fixed(new(0f, 0.5f, 0f), new(1f, 0.5f, 1f)),
            Given.Block(new(1f + beyond, 1.1f, 0f), new(0.2f, 0.1f, 0.2f)));

        var (_, outcome) = Given.Settled(engine, start);

        Assert.Equal(leaves ? Ending.Left : Ending.Settled, outcome.Ending);
        Assert.Equal(leaves ? 2ul : 0ul, outcome.FallenBodies);
    }

    [Theory]
    [InlineData(0.9f, false)]
    [InlineData(1.1f, true)]
    public void Settle_BlockSlidingToATableEdge_LeavesIfItsSpeedCarriesItsCentreBeyond(float share, bool leaves)
    {
        // From 0.5 m before the edge, v = sqrt(2 mu g d) with d = share · 0.5 m.
        const float friction = 0.4f;
        var speed = MathF.Sqrt(2 * friction * Given.Gravity * share * 0.5f);
        var start = Given.Void(
            Given.Fixed(new(0f, 0.5f, 0f), new(1f, 0.5f, 1f), friction),
            Given.Block(new(0.5f, 1.05f, 0f), new(0.1f, 0.05f, 0.1f), friction) with
            {
                LinearVelocity = new(speed, 0f, 0f),
            });

        var (_, outcome) = Given.Settled(engine, start);

        Assert.Equal(leaves ? Ending.Left : Ending.Settled, outcome.Ending);
    }

    [Theory]
    [InlineData(0.02f, 0.2f)]
    [InlineData(0.005f, 0.05f)]
    public void Advance_BlockAtTenMetresPerSecond_DoesNotPassThroughAWall(float wall, float block)
    {
        // Between two steps of 1/240 s it moves 42 mm: more than both walls are thick.
        var start = Given.Space(
            Given.Fixed(default, new(wall, 1f, 1f)),
            Given.Block(new(-1.013f, 0f, 0f), new(block)) with { LinearVelocity = new(10f, 0f, 0f) });

        var film = Given.Filmed(engine, start, 0.3f);

        for (var frame = 0; frame < film.Frames; frame++)
        {
            Assert.True(film[frame][1].Position.X <= -(wall + block) + 0.01f, $"Frame {frame}: {film[frame][1]}");
        }
    }

    [Fact]
    public void Advance_ThinBlockThrownAtTheGround_DoesNotPassThroughIt()
    {
        var start = Given.Ground(
            0.5f,
            Given.Block(new(0f, 1f, 0f), new(0.1f, 0.005f, 0.1f)) with { LinearVelocity = new(0f, -10f, 0f) });

        Assert.Equal(0.005f, Given.After(engine, start, 1f).Bodies[0].Position.Y, 2 * Millimetre);
    }
}
