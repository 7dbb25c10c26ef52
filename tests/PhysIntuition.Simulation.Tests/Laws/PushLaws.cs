using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests.Laws;

/// <summary>Impulses, timed forces and bodies that push.</summary>
public abstract class PushLaws(ISimulator engine)
{
    private static readonly Vector3 s_tall = new(0.1f, 0.4f, 0.1f);

    [Theory]
    [InlineData(0.4f, 0.8f, false)]
    [InlineData(0.4f, 1.2f, true)]
    [InlineData(0.25f, 0.8f, false)]
    [InlineData(0.25f, 1.2f, true)]
    public void Advance_SteadyPush_TipsAboveTheHeightAndSlidesBelow(float friction, float share, bool tips)
    {
        // Pushed at height y, sliding needs F = mu m g and tipping F = m g hx / y, so it tips above
        // y* = hx / mu (0.25 and 0.4 m here). A push 5 % over the smaller of the two decides.
        var y = share * s_tall.X / friction;
        var force = 1.05f * Given.Gravity * MathF.Min(friction, s_tall.X / y);
        var start = Given.Ground(friction, Given.Block(new(0f, s_tall.Y, 0f), s_tall, friction));
        start.Pushes.Add(new(0, new(force, 0f, 0f), new(-s_tall.X, y - s_tall.Y, 0f), Start: 0f, Duration: 3f));

        var end = Given.After(engine, start, 3f).Bodies[0];

        Assert.Equal(tips, Given.Lean(end) > 0.5);
        Assert.Equal(!tips, end.Position.X > 0.2f && Given.Lean(end) < 0.05);
    }

    [Theory]
    [InlineData(0.93f, false)]
    [InlineData(1.07f, true)]
    public void Settle_StruckBlock_TipsIfItsEnergyLiftsItOverTheEdge(float share, bool tips)
    {
        // Struck at the centre of percussion of its far lower edge - I / (m hy) above the centre, with
        // I = m (hx² + hy²) / 3 - it turns about that edge without sliding: w = J y / Ie, Ie = 4 I. It goes
        // over if Ie w² / 2 > m g (r - hy), r the distance of the edge from the centre: J* in closed form.
        const float mass = 1f;
        var (hx, hy) = (s_tall.X, s_tall.Y);
        var edgeInertia = 4 * mass * ((hx * hx) + (hy * hy)) / 3;
        var above = ((hx * hx) + (hy * hy)) / (3 * hy);
        var lift = MathF.Sqrt((hx * hx) + (hy * hy)) - hy;
        var impulse = MathF.Sqrt(2 * edgeInertia * mass * Given.Gravity * lift) / (hy + above);
        var start = Given.Ground(1f, Given.Block(new(0f, hy, 0f), s_tall, friction: 1f));
        start.Pushes.Add(new(0, new(share * impulse, 0f, 0f), new(-hx, above, 0f), Start: 0f, Duration: 0f));

        var (end, _) = Given.Settled(engine, start);

        Assert.Equal(tips, Given.Lean(end.Bodies[0]) > Math.PI / 4);
    }

    [Fact]
    public void Advance_TimedForce_GivesTheVelocityOfItsImpulse()
    {
        // J = F t. A force of 8 N for 0.25 s and an impulse of 2 N·s on 1 kg: 2 m/s both. Meanwhile the
        // pushed one has moved F t² / (2 m) = 0.25 m and then coasts for 0.75 s; the struck one moved 2 m.
        var pushed = Given.Space(Given.Block(default, new(0.1f)));
        pushed.Pushes.Add(new(0, new(8f, 0f, 0f), default, Start: 0f, Duration: 0.25f));
        var struck = Given.Space(Given.Block(default, new(0.1f)));
        struck.Pushes.Add(new(0, new(2f, 0f, 0f), default, Start: 0f, Duration: 0f));

        var (a, b) = (Given.After(engine, pushed, 1f).Bodies[0], Given.After(engine, struck, 1f).Bodies[0]);

        Assert.Equal(2f, a.LinearVelocity.X, 1e-3f);
        Assert.Equal(2f, b.LinearVelocity.X, 1e-3f);
        Assert.Equal(0.25f + (2f * 0.75f), a.Position.X, 0.01f);
        Assert.Equal(2f, b.Position.X, 0.01f);
    }

    [Theory]
    [InlineData(0.6604f, 0.2821f, 473.15f, -0.1614f, 0.1811f, 0.2351f, 0.1911f)]
    [InlineData(0.3834f, 0.4957f, 376.53f, 0.0612f, 0.1674f, 0.2476f, 0.2520f)]
    [InlineData(0.6600f, 0.2440f, 304.82f, -0.0804f, 0.1598f, 0.2248f, 0.1461f)]
    public void Settle_BlockPushedForAWhile_SlidesAsFarAsItsWorkLasts(
        float friction, float time, float force, float height, float hx, float hy, float hz)
    {
        // v = (F / m - mu g) t, d = v t / 2 + v² / (2 mu g), as long as it cannot tip: |F y + mu m g hy| < m g hx
        // during the push and mu hy < hx after it. Blocks that MuJoCo tips at steps of 2 ms.
        var mass = 4000 * hx * hy * hz;
        var (weight, drag) = (mass * Given.Gravity, friction * mass * Given.Gravity);
        Assert.True(Math.Abs((force * height) + (drag * hy)) < weight * hx && friction * hy < hx);
        var block = Given.Block(new(0f, hy, 0f), new(hx, hy, hz), friction) with { Mass = mass };
        var start = Given.Ground(friction, block);
        start.Pushes.Add(new(0, new(force, 0f, 0f), new(-hx, height, 0f), Start: 0f, time));

        var (end, _) = Given.Settled(engine, start);

        var speed = (force - drag) / mass * time;
        var distance = (speed * time / 2) + (speed * speed / (2 * friction * Given.Gravity));
        // 5 % for engines whose contacts are springs: while they settle, friction is not all there.
        Assert.Equal(distance, end.Bodies[0].Position.X, 0.05f * distance);
        Assert.True(Given.Lean(end.Bodies[0]) < 1e-3);
    }

    [Fact]
    public void Advance_OffCentreImpulse_SpinsByItsMoment()
    {
        // w = r × J / I. r = (0, 0.2, 0), J = (1, 0, 0): r × J = (0, 0, -0.2). A cube of half-extent 0.2 and
        // 1 kg has I = 2 · 0.04 / 3 = 0.02667, so w = -7.5 rad/s about z; the centre moves at 1 m/s.
        var start = Given.Space(Given.Block(default, new(0.2f)));
        start.Pushes.Add(new(0, new(1f, 0f, 0f), new(0f, 0.2f, 0f), Start: 0f, Duration: 0f));

        var end = Given.After(engine, start, 0.1f).Bodies[0];

        Assert.Equal(0f, Vector3.Distance(new(0f, 0f, -7.5f), end.AngularVelocity), 0.02f);
        Assert.Equal(1f, end.LinearVelocity.X, 1e-3f);
    }

    [Fact]
    public void Advance_LaterImpulse_WaitsForItsTime()
    {
        var start = Given.Space(Given.Block(default, new(0.1f)));
        start.Pushes.Add(new(0, new(1f, 0f, 0f), default, Start: 0.5f, Duration: 0f));

        Assert.Equal(0f, Given.After(engine, start, 0.45f).Bodies[0].LinearVelocity.X);
        Assert.Equal(0.5f, Given.After(engine, start, 1f).Bodies[0].Position.X, 0.01f);
    }

    [Fact]
    public void Advance_KinematicPusher_MovesABlockAtItsOwnSpeed()
    {
        // The pusher's face reaches the block after 0.1 m at 0.5 m/s and carries it for the remaining 0.8 s:
        // 0.4 m. The pusher itself moves 0.5 m whatever the block weighs.
        var pusher = new Body
        {
            Position = new(-0.35f, 0.1f, 0f),
            HalfExtents = new(0.05f, 0.05f, 0.3f),
            LinearVelocity = new(0.5f, 0f, 0f),
            Motion = Motion.Kinematic,
        };
        var block = Given.Block(new(0f, 0.2f, 0f), new(0.2f)) with { Mass = 50f };

        var end = Given.After(engine, Given.Ground(0.5f, pusher, block), 1f);

        Assert.Equal(0.15f, end.Bodies[0].Position.X, 1e-3f);
        Assert.Equal(0.4f, end.Bodies[1].Position.X, 0.01f);
        Assert.Equal(0.5f, end.Bodies[1].LinearVelocity.X, 0.02f);
    }

    [Fact]
    public void Advance_FixedBody_IsNotMovedByAHit()
    {
        var start = Given.Space(
            Given.Fixed(default, new(0.1f)),
            Given.Block(new(-1f, 0f, 0f), new(0.1f)) with { LinearVelocity = new(5f, 0f, 0f), Mass = 100f });

        var end = Given.After(engine, start, 0.5f);

        Assert.Equal(start.Bodies[0], end.Bodies[0]);
        Assert.True(end.Bodies[1].Position.X <= -0.19f);
    }
}
