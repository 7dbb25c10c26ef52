using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests.Laws;

/// <summary>Coulomb's law: how far things slide, and when they do not.</summary>
public abstract class FrictionLaws(ISimulator engine)
{
    private static readonly Vector3 s_flat = new(0.2f, 0.05f, 0.2f);   // too low to tip at these frictions

    [Theory]
    [InlineData(1f, 0.2f)]
    [InlineData(2f, 0.5f)]
    [InlineData(3f, 0.8f)]
    public void Settle_SlidingBlock_StopsAfterTheWorkOfFriction(float speed, float friction)
    {
        // m v² / 2 = mu m g d, so d = v² / (2 mu g).
        var start = Given.Ground(friction, Sliding(new(speed, 0f, 0f), friction));

        var (end, outcome) = Given.Settled(engine, start);

        var distance = speed * speed / (2 * friction * Given.Gravity);
        Assert.Equal(distance, end.Bodies[0].Position.X, 0.02f * distance);
        Assert.Equal(Ending.Settled, outcome.Ending);
        Assert.Equal(1ul, outcome.MovedBodies);
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.6)]
    [InlineData(1.3)]
    public void Settle_SlidingInAnyDirection_StopsAfterTheSameDistance(double angle)
    {
        // A friction cone, not a pyramid: a pyramid would let a diagonal slide be up to 41 % shorter.
        var velocity = new Vector3((float)Math.Cos(angle), 0f, (float)Math.Sin(angle)) * 2f;

        var (end, _) = Given.Settled(engine, Given.Ground(0.5f, Sliding(velocity, 0.5f)));

        var travelled = end.Bodies[0].Position with { Y = 0f };
        var distance = 4f / (2 * 0.5f * Given.Gravity);
        Assert.Equal(distance, travelled.Length(), 0.02f * distance);
        Assert.Equal(1f, Vector3.Dot(Vector3.Normalize(travelled), velocity / 2f), 1e-3f);
    }

    [Theory]
    [InlineData(0.5, 0.02)]
    [InlineData(0.3, 0.02)]
    public void Advance_SlopeBelowTheFrictionAngle_Sticks(double friction, double below)
    {
        // It sticks while tan(angle) < mu.
        var start = Slope(Math.Atan(friction) - below, (float)friction, s_flat);

        var end = Given.After(engine, start, 2f);

        Assert.True(Given.Moved(start, end, 1) < 1e-3f, $"It crept {Given.Moved(start, end, 1)} m.");
    }

    [Theory]
    [InlineData(0.5, 0.03)]
    [InlineData(0.5, 0.10)]
    [InlineData(0.3, 0.05)]
    public void Advance_SlopeAboveTheFrictionAngle_SlipsAtTheExcess(double friction, double above)
    {
        // a = g (sin(angle) - mu cos(angle)); after one second it has slid a / 2.
        var angle = Math.Atan(friction) + above;
        var start = Slope(angle, (float)friction, s_flat);

        var end = Given.After(engine, start, 1f);

        var slid = Given.Gravity * (Math.Sin(angle) - (friction * Math.Cos(angle))) / 2;
        Assert.Equal(slid, Given.Moved(start, end, 1), 0.03 * slid);
    }

    [Theory]
    [InlineData(0.9, false)]
    [InlineData(1.1, true)]
    public void Settle_TallBlockOnASteepSlope_TipsOnceItsCentrePassesTheEdge(double share, bool tips)
    {
        // Friction holds it; it tips once tan(angle) > hx / hy.
        var half = new Vector3(0.1f, 0.4f, 0.1f);
        var start = Slope(share * Math.Atan(half.X / half.Y), friction: 1f, half);

        var (end, _) = Given.Settled(engine, start);

        Assert.Equal(tips, Given.Lean(end.Bodies[1]) > Math.PI / 4);
    }

    [Fact]
    public void Settle_SurfacesOfDifferentFriction_UseTheGeometricMean()
    {
        // sqrt(0.2 · 0.8) = 0.4, so d = 4 / (0.8 g).
        var (end, _) = Given.Settled(engine, Given.Ground(0.2f, Sliding(new(2f, 0f, 0f), 0.8f)));

        var distance = 4f / (2 * 0.4f * Given.Gravity);
        Assert.Equal(distance, end.Bodies[0].Position.X, 0.02f * distance);
    }

    [Fact]
    public void Advance_SlidingWithoutFriction_KeepsItsSpeed()
    {
        var end = Given.After(engine, Given.Ground(0f, Sliding(new(2f, 0f, 0f), 0f)), 1f);

        Assert.Equal(2f, end.Bodies[0].Position.X, 0.01f);
        Assert.Equal(2f, end.Bodies[0].LinearVelocity.X, 0.01f);
    }

    private static Body Sliding(Vector3 velocity, float friction) =>
        Given.Block(new(0f, s_flat.Y, 0f), s_flat, friction) with { LinearVelocity = velocity };

    // Body 0 is a fixed slab whose top passes through the origin, body 1 stands on it at the origin.
    private static World Slope(double angle, float friction, Vector3 half)
    {
        var turn = Given.TurnZ(angle);
        var up = Vector3.Transform(Vector3.UnitY, turn);
        return Given.Void(
            Given.Fixed(up * -0.5f, new(5f, 0.5f, 5f), friction) with { Orientation = turn },
            Given.Block(up * half.Y, half, friction) with { Orientation = turn });
    }
}
