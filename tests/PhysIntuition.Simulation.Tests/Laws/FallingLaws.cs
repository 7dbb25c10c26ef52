using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests.Laws;

/// <summary>Bodies that nothing touches, and what a bounce gives back.</summary>
/// <param name="engine">Under test.</param>
/// <param name="rebounds">Whether its contacts give back the wanted share of the approaching speed, 0 included.</param>
public abstract class FallingLaws(ISimulator engine, bool rebounds = true)
{
    private static readonly Vector3 s_half = new(0.1f);

    [Theory]
    [InlineData(0.25f)]
    [InlineData(1f)]
    public void Advance_BodyInFreeFall_FollowsTheParabola(float time)
    {
        // y0 - g t² / 2. Stepping velocity before position falls g t h / 2 further with steps of h; the
        // engine's steps are at most 1/240 s, so the fall lies between the two.
        var start = Given.Void(Given.Block(new(0f, 10f, 0f), s_half) with { LinearVelocity = new(3f, 0f, -1f) });

        var end = Given.After(engine, start, time).Bodies[0];

        var fall = Given.Gravity * time * time / 2;
        var stepped = Given.Gravity * time / 240 / 2;
        Assert.InRange(10f - end.Position.Y, fall - 1e-3f, fall + stepped + 1e-3f);
        Assert.Equal(3f * time, end.Position.X, 1e-3f);
        Assert.Equal(-time, end.Position.Z, 1e-3f);
        Assert.Equal(-Given.Gravity * time, end.LinearVelocity.Y, 1e-2f);
    }

    [Fact]
    public void Advance_BodyWithoutForces_KeepsItsVelocity()
    {
        var start = Given.Space(Given.Block(default, s_half) with { LinearVelocity = new(1f, 2f, 3f) });

        var end = Given.After(engine, start, 2f).Bodies[0];

        Assert.Equal(0f, Vector3.Distance(new(2f, 4f, 6f), end.Position), 1e-3f);
        Assert.Equal(new(1f, 2f, 3f), end.LinearVelocity);
    }

    [Theory]
    [InlineData(0.3f)]
    [InlineData(0.5f)]
    [InlineData(0.8f)]
    public void Advance_BlockDroppedFlat_ReboundsToTheSquareOfItsRestitution(float restitution)
    {
        // It lands with v = sqrt(2 g h), leaves with e v, and rises (e v)² / (2 g) = e² h.
        Assert.SkipUnless(rebounds, Given.WithoutRebound);
        const float h = 1f;
        var block = Given.Block(new(0f, h + s_half.Y, 0f), s_half) with { Restitution = restitution };

        var film = Given.Filmed(engine, Given.Ground(0.6f, block), 1.4f);

        var heights = Enumerable.Range(0, film.Frames).Select(frame => film[frame][0].Position.Y - s_half.Y).ToArray();
        var landing = Array.FindIndex(heights, height => height < 0.02f);
        Assert.True(landing > 0, "The block never reached the ground.");
        Assert.Equal(restitution * restitution * h, heights[landing..].Max(), 0.03f * h);
    }

    [Fact]
    public void Advance_BlockWithoutRestitution_StaysDown()
    {
        Assert.SkipUnless(rebounds, Given.WithoutRebound);
        var film = Given.Filmed(engine, Given.Ground(0.6f, Given.Block(new(0f, 1f, 0f), s_half)), 1.2f);

        // It lands after sqrt(2 · 0.9 / g) = 0.43 s. A tenth of a second later it may be 1 mm off the ground.
        for (var frame = 128; frame < film.Frames; frame++)
        {
            Assert.Equal(s_half.Y, film[frame][0].Position.Y, 1e-3f);
        }
    }

    [Fact]
    public void Settle_BlockThatFallsForever_LeavesWhenItPassesTheLimit()
    {
        // From 0 to -10 m: t = sqrt(2 · 10 / g) = 1.428 s; the rest of the world may be watched for a moment more.
        var (_, outcome) = Given.Settled(engine, Given.Void(Given.Block(default, s_half)));

        Assert.Equal(Ending.Left, outcome.Ending);
        var passed = MathF.Sqrt(20f / Given.Gravity);
        Assert.InRange(outcome.Time, passed - 0.01f, passed + 0.3f);
        Assert.Equal(1ul, outcome.FallenBodies);
    }

    [Fact]
    public void Settle_StopAtFirstFall_EndsWhenTheDropIsReached()
    {
        // A drop of 5 cm takes sqrt(2 · 0.05 / g) = 0.101 s.
        var start = Given.Ground(0.6f, Given.Block(new(0f, 5f, 0f), s_half));

        var (_, outcome) = Given.Settled(engine, start, new() { StopAtFirstFall = true });

        Assert.Equal(Ending.Fell, outcome.Ending);
        Assert.Equal(MathF.Sqrt(0.1f / Given.Gravity), outcome.Time, 0.05f);
    }

    [Fact]
    public void Settle_BodyThatNeverRests_TimesOut()
    {
        var start = Given.Space(Given.Block(default, s_half) with { AngularVelocity = Vector3.UnitY });

        var (_, outcome) = Given.Settled(engine, start, new() { MaxTime = 1f });

        Assert.Equal(Ending.TimedOut, outcome.Ending);
        Assert.Equal(1f, outcome.Time, 0.02f);
        Assert.Equal(0ul, outcome.FallenBodies | outcome.MovedBodies);
    }
}
