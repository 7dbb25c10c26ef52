using System.Numerics;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests.Laws;

/// <summary>What collisions and spins keep: momentum, angular momentum, energy.</summary>
/// <param name="engine">Under test.</param>
/// <param name="rebounds">Whether its contacts give back the wanted share of the approaching speed, 0 included.</param>
public abstract class CollisionLaws(ISimulator engine, bool rebounds = true)
{
    [Theory]
    [InlineData(1f, 1f, 1f)]
    [InlineData(1f, 3f, 1f)]
    [InlineData(4f, 1f, 0.5f)]
    [InlineData(2f, 1f, 0f)]
    public void Advance_CentralCollision_SharesMomentumByRestitution(float m1, float m2, float restitution)
    {
        // Momentum is kept and the velocity of separation is e times that of approach (2 m/s):
        // v1 = v (m1 - e m2) / (m1 + m2), v2 = v m1 (1 + e) / (m1 + m2).
        Assert.SkipUnless(rebounds, Given.WithoutRebound);
        const float v = 2f;
        var start = Given.Space(
            Smooth(new(-0.5f, 0f, 0f), new(v, 0f, 0f), restitution) with { Mass = m1 },
            Smooth(new(0f, 0f, 0f), default, restitution) with { Mass = m2 });

        var end = Given.After(engine, start, 0.5f);

        Assert.Equal(v * (m1 - (restitution * m2)) / (m1 + m2), end.Bodies[0].LinearVelocity.X, 0.03f);
        Assert.Equal(v * m1 * (1 + restitution) / (m1 + m2), end.Bodies[1].LinearVelocity.X, 0.03f);
        Assert.Equal(m1 * v, Momentum(end).X, 1e-3f * m1 * v);
    }

    [Theory]
    [InlineData(0f, 0.3)]
    [InlineData(0.5f, 0.7)]
    [InlineData(1f, 1.1)]
    public void Advance_ObliqueCollision_KeepsMomentumAndAngularMomentum(float restitution, double turn)
    {
        // No force from outside: both are kept, with friction as well, since it acts in pairs.
        var start = Oblique(restitution, friction: 0.5f, turn);

        var end = Given.After(engine, start, 1f);

        var before = AngularMomentum(start);
        Assert.True(Given.Moved(start, end, 1) > 0.05f, "They missed each other.");
        Assert.Equal(0f, Vector3.Distance(Momentum(start), Momentum(end)), 2e-3f * Momentum(start).Length());
        Assert.Equal(0f, Vector3.Distance(before, AngularMomentum(end)), 0.02f * before.Length());
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.7)]
    [InlineData(1.1)]
    public void Advance_ElasticFrictionlessCollision_KeepsTheEnergy(double turn)
    {
        Assert.SkipUnless(rebounds, Given.WithoutRebound);
        var start = Oblique(restitution: 1f, friction: 0f, turn);

        var end = Given.After(engine, start, 1f);

        Assert.True(Given.Moved(start, end, 1) > 0.05f, "They missed each other.");
        Assert.Equal(1.0, Energy.Of(end).Total / Energy.Of(start).Total, 0.03);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    public void Advance_CollapsingPile_NeverGainsEnergy(float restitution)
    {
        // Gravity and contacts alone: the total may only fall. 1 % of the start's covers rounding of heights.
        var pile = Given.Ground(0.5f);
        for (var i = 0; i < 8; i++)
        {
            var turn = Given.TurnZ(0.3 * i) * Given.TurnY(0.5 * i);
            var place = new Vector3(0.03f * i, 0.3f + (0.45f * i), 0.02f * i);
            pile.Bodies.Add(Given.Block(place, new(0.2f, 0.1f, 0.15f), 0.5f) with
            {
                Orientation = turn,
                Restitution = restitution,
            });
        }

        var ceiling = Energy.Of(pile).Total;
        for (var frame = 0; frame < 90; frame++)
        {
            var before = Energy.Of(pile).Total;
            engine.Advance([pile], 1f / 30f);
            var after = Energy.Of(pile).Total;
            Assert.True(after <= before + (0.01 * ceiling), $"Frame {frame}: {before} J became {after} J.");
        }

        Assert.True(Energy.Of(pile).Total < 0.5 * ceiling);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Advance_SpinAboutAnAxisOfSymmetry_DoesNotPrecess(int axis)
    {
        // About a principal axis w × I w = 0: the spin stays as it is and the block turns by w t = 3 rad.
        // The middle axis is unstable (Euler), so only the exact spin is asked of it.
        var spin = axis switch { 0 => Vector3.UnitX, 1 => Vector3.UnitY, _ => Vector3.UnitZ } * 3f;
        var start = Given.Space(Given.Block(default, new(0.3f, 0.2f, 0.1f)) with { AngularVelocity = spin });

        var end = Given.After(engine, start, 1f).Bodies[0];

        Assert.Equal(0f, Vector3.Distance(spin, end.AngularVelocity), 1e-3f);
        Assert.Equal(Math.Cos(1.5), end.Orientation.W, 2e-3);
    }

    [Fact]
    public void Advance_FreeTumbling_KeepsAngularMomentumAndEnergy()
    {
        var start = Given.Space(
            Given.Block(default, new(0.3f, 0.2f, 0.1f)) with { AngularVelocity = new(2f, 1f, 3f) });

        var end = Given.After(engine, start, 3f);

        var before = AngularMomentum(start);
        Assert.Equal(0f, Vector3.Distance(before, AngularMomentum(end)), 0.03f * before.Length());
        Assert.Equal(1.0, Energy.Of(end).Total / Energy.Of(start).Total, 0.03);
    }

    // The turned block is met off its centre.
    private static World Oblique(float restitution, float friction, double turn) => Given.Space(
        Smooth(new(-0.6f, 0.05f, 0.03f), new(2f, 0f, 0f), restitution) with { Friction = friction },
        Smooth(default, default, restitution) with
        {
            Orientation = Given.TurnY(turn) * Given.TurnZ(turn / 2),
            Friction = friction,
            Mass = 2f,
        });

    private static Body Smooth(Vector3 position, Vector3 velocity, float restitution) =>
        Given.Block(position, new(0.1f), friction: 0f) with
        {
            LinearVelocity = velocity,
            Restitution = restitution,
        };

    private static Vector3 Momentum(World world) =>
        world.Bodies.Aggregate(Vector3.Zero, (sum, body) => sum + (body.LinearVelocity * body.Mass));

    // About the origin: m r × v + R I Rᵀ w.
    private static Vector3 AngularMomentum(World world) => world.Bodies.Aggregate(Vector3.Zero, (sum, body) =>
    {
        var h = body.HalfExtents * body.HalfExtents;
        var inertia = new Vector3(h.Y + h.Z, h.X + h.Z, h.X + h.Y) * (body.Mass / 3);
        var spin = Vector3.Transform(body.AngularVelocity, Quaternion.Conjugate(body.Orientation));
        return sum + Vector3.Transform(inertia * spin, body.Orientation)
            + Vector3.Cross(body.Position, body.LinearVelocity * body.Mass);
    });
}
