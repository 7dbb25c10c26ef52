using System.Numerics;
using PhysIntuition.Faults;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests;

public sealed class StaticMarginTests
{
    private const float Precision = 1e-5f;

    [Theory]
    [InlineData(0f)]
    [InlineData(0.3f)]
    [InlineData(-0.4f)]
    [InlineData(0.6f)]
    public void Of_TwoCubes_IsTheOverhangBelowTheHalfWidth(float shift)
    {
        // The upper cube's centre is |shift| from the lower's; the shared face spans [shift - 1/2, 1/2] for
        // shift > 0, so the nearest edge is 1/2 - |shift| away, of a width of 1. The ground contact carries
        // both: their centre lies at shift/2, so it is 1/2 - |shift|/2 from the edge: never the smaller.
        var margin = StaticMargin.Of(Structures.Column(0f, shift));

        Assert.Equal(StaticMarginKind.Columns, margin.Kind);
        Assert.Equal(0.5f - MathF.Abs(shift), margin.Value, Precision);
        Assert.Equal(shift == 0f ? margin.Body : 1, margin.Body);
    }

    [Fact]
    public void Of_HarmonicOverhang_IsZeroAtEveryContact()
    {
        // The classic stack: the k-th block from the top may overhang by width / (2 k). Each part's centre
        // of mass then stands exactly above the edge that bears it, so every margin is 0.
        var x = 0f;
        var xs = new float[5];
        for (var k = 1; k < xs.Length; k++)
        {
            x += 1f / (2 * k);
            xs[^(k + 1)] = -x;
        }

        Assert.Equal(0f, StaticMargin.Of(Structures.Column(xs)).Value, Precision);

        xs[^1] += 0.01f;
        Assert.False(StaticMargin.Of(Structures.Column(xs)).IsStable);
    }

    [Theory]
    [InlineData(0.2f)]
    [InlineData(0.7f)]
    [InlineData(2.1f)]
    public void Of_TurnedColumn_DoesNotDependOnTheYaw(float angle)
    {
        var column = Structures.Column(0f, 0.23f, 0.41f, 0.12f);

        var turned = StaticMargin.Of(Structures.Turned(column, angle));

        Assert.Equal(StaticMarginKind.Columns, turned.Kind);
        Assert.Equal(StaticMargin.Of(column).Value, turned.Value, Precision);
    }

    [Fact]
    public void Of_CubeTurnedByAnEighth_UsesTheOctagonOfTheSharedArea()
    {
        // Upper cube turned by 45 degrees about its centre: the shared area is a regular octagon whose sides
        // lie 1/2 from its centre. With the centre of mass at (d, 0) the side at x = 1/2 - the lower cube's -
        // is nearest, and the turned cube is sqrt(2) wide along x.
        const float d = 0.1f;
        var world = Structures.Column(0f);
        world.Bodies.Add(Structures.Turned(Structures.Column(0f), MathF.PI / 4).Bodies[0] with
        {
            Position = new(d, 1.5f, 0f),
        });

        Assert.Equal((0.5f - d) / MathF.Sqrt(2f), StaticMargin.Of(world).Value, Precision);
    }

    [Fact]
    public void Of_HeavyCounterweight_MakesAnOverhangStable()
    {
        // A beam 3 wide on a cube, its centre 0.7 to the right: alone it tips. A cube of mass M on its left
        // end at x = -0.3 brings the centre of mass to (0.7 - 0.3 M) / (1 + M) = 0.1 for M = 1.5.
        var world = Structures.Column(0f);
        world.Bodies.Add(new() { Position = new(0.7f, 1.1f, 0f), HalfExtents = new(1.5f, 0.1f, 0.5f) });
        Assert.False(StaticMargin.Of(world).IsStable);

        world.Bodies.Add(new() { Position = new(-0.3f, 1.7f, 0f), Mass = 1.5f });

        var margin = StaticMargin.Of(world);
        Assert.Equal((0.5f - 0.1f) / 3f, margin.Value, Precision);
        Assert.Equal(1, margin.Body);
    }

    [Fact]
    public void Of_Bridge_ReachesToTheOuterFacesOfItsPiers()
    {
        // A plank on two piers stands while its centre is between the outer edges of what it rests on; each
        // side of a pier's polygon moves inwards by m times the plank's length. At plankX = 1.2 the plank
        // covers the right pier, [0.5, 1.5], and tips about x = 1.5 once the inset side passes its centre:
        // 1.5 - 4 m = 1.2. The pier under it then carries all of its weight: (1 · 1 + 1.2 · 1) / 2 = 1.1.
        var bridge = Structures.Bridge(span: 2f, length: 4f, plankX: 1.2f);

        var margin = StaticMargin.Of(bridge);

        Assert.Equal(StaticMarginKind.ContactForces, margin.Kind);
        Assert.Equal(0.3f / 4f, margin.Value, 2f / 1024);
    }

    [Fact]
    public void Of_BridgeWithItsCentreOutside_IsNegative()
    {
        var bridge = Structures.Bridge(span: 2f, length: 4f, plankX: 1.6f);

        Assert.Equal(-0.1f / 4f, StaticMargin.Of(bridge).Value, 2f / 1024);
    }

    [Fact]
    public void Of_LeaningCard_StandsOnlyWithEnoughFriction()
    {
        // A thin plank leans at 45 degrees on the floor against a fixed wall: with friction mu at both ends
        // it holds if tan(45°) <= 2 mu / (1 - mu²), that is mu >= sqrt(2) - 1 = 0.414 (a ladder, thin limit).
        Assert.True(StaticMargin.Of(Ladder(0.5f), 0.002f).IsStable);
        Assert.False(StaticMargin.Of(Ladder(0.3f), 0.002f).IsStable);
    }

    [Fact]
    public void Of_RegularPyramid_Stands()
    {
        Assert.True(StaticMargin.Of(Pyramids.Regular(4, new(0.2f), gap: 0.1f)).Value > 0.05f);
    }

    [Theory]
    [InlineData(0.55f, true)]
    [InlineData(0.2f, false)]
    public void Of_PyramidWithoutAnInnerFoot_StandsOnlyAsAnArch(float friction, bool expected)
    {
        // Three rows 0 1 2 / 3 4 / 5 of blocks 0.4 wide, gaps 0.1, without block 1. Block 3 keeps its foot on
        // block 0 up to x = -0.3; its weight W acts at -0.25, half of block 5's at -0.2 or further in: a moment
        // of 0.05 W + 0.05 W that turns it into the hole. Only block 5 can hold it, pressing 3 and 4 apart by
        // friction 0.4 above that edge: H = 0.1 W / 0.4 = W/4 under a normal force of W/2, so mu >= 1/2.
        var pyramid = Pyramids.Regular(3, new(0.2f), gap: 0.1f);
        pyramid.Bodies.RemoveAt(1);
        for (var i = 0; i < pyramid.Bodies.Count; i++)
        {
            pyramid.Bodies[i] = pyramid.Bodies[i] with { Friction = friction };
        }

        Assert.Equal(expected, StaticMargin.Of(pyramid).IsStable);
    }

    [Fact]
    public void Of_HoveringBlock_IsTheWorstMargin()
    {
        var world = Structures.Column(0f);
        world.Bodies.Add(new() { Position = new(0f, 3f, 0f) });

        Assert.Equal(-1f, StaticMargin.Of(world).Value);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void ForceMargin_OfColumns_AgreesWithTheExactOne(int blocks)
    {
        // Both definitions are the same for columns; the programme is asked although it is not needed there.
        foreach (var tower in Towers.Make(blocks, 24, seed: 7))
        {
            var exact = StaticMargin.Of(tower).Value;
            var touches = Touch.FindAll(tower, ContactGraph.DefaultTolerance, out var boxes);

            var programmed = ForceMargin.Find(tower, boxes, touches, -1, 0.5);

            Assert.Equal(exact, programmed, 1.5 / 1024);
        }
    }

    [Fact]
    public void Of_SettledNoise_MovesTheMarginNoMoreThanTheNoise()
    {
        // A rest state differs from the arranged one by small sinks and tilts; 0.2 mm of them on blocks of
        // 0.2 m or more may move a margin by about 0.2 / 200 for each block below.
        foreach (var tower in Towers.Make(5, 20, seed: 11))
        {
            var before = StaticMargin.Of(tower);
            for (var i = 0; i < tower.Bodies.Count; i++)
            {
                var body = tower.Bodies[i];
                body.Position += new Vector3(0f, -0.0002f, 0f);
                body.Orientation = Quaternion.Normalize(new(0.0002f, 0f, -0.0002f, 1f));
                tower.Bodies[i] = body;
            }

            var after = StaticMargin.Of(tower);

            Assert.Equal(StaticMarginKind.Columns, after.Kind);
            Assert.Equal(before.Value, after.Value, 0.005f);
        }
    }

    // Half-length 1, half-thickness 5 mm; foot on the ground, head against a fixed wall at its right.
    private static World Ladder(float friction)
    {
        const float halfThickness = 0.005f;
        var reach = (1f + halfThickness) / MathF.Sqrt(2f);
        var world = new World { GroundFriction = friction };
        world.Bodies.Add(new()
        {
            Position = new(0f, reach, 0f),
            HalfExtents = new(1f, halfThickness, 0.2f),
            Orientation = new(0f, 0f, MathF.Sin(MathF.PI / 8), MathF.Cos(MathF.PI / 8)),
            Friction = friction,
        });
        world.Bodies.Add(new()
        {
            Position = new(reach + 0.5f, 1f, 0f),
            HalfExtents = new(0.5f, 1f, 0.5f),
            Friction = friction,
            Motion = Motion.Fixed,
        });
        return world;
    }
}
