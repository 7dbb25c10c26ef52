using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests.Laws;

/// <summary>A row of dominoes: when the first one strikes, and that the wave runs through.</summary>
public abstract class DominoLaws(ISimulator engine)
{
    private const int Count = 8;
    private const float Spacing = 0.12f;   // from face to face, m
    private static readonly Vector3 s_half = new(0.02f, 0.12f, 0.06f);

    [Fact]
    public void Advance_RowOfDominoes_FirstStrikesWhenThePendulumSaysSo()
    {
        // The first turns about its lower far edge, Ie a'' = m g r sin(a - a0), from the spin it starts with, until
        // its upper far corner, 2 hy above that edge, reaches the next face where 2 hy sin(a) = spacing.
        const double spin = 2.0;
        var film = Given.Filmed(engine, Row((float)spin), 2f);

        var struck = Enumerable.Range(0, film.Frames).First(frame => Lean(film, frame, 1) > 0.01);

        // 0.01 rad of lean takes the second one less than 10 ms at the speeds of a strike.
        Assert.Equal(StrikeTime(spin), film.Times[struck], 0.02);
    }

    [Fact]
    public void Advance_RowOfDominoes_FallsInOrder()
    {
        var film = Given.Filmed(engine, Row(spin: 2f), 3f);

        var falls = Enumerable.Range(0, Count)
            .Select(domino => Enumerable.Range(0, film.Frames).First(frame => Lean(film, frame, domino) > 0.2))
            .ToArray();

        Assert.Equal(falls.Order(), falls);

        // A wave among equal dominoes gathers speed towards a limit; it never slows down by much.
        Assert.True(falls[^1] - falls[^2] <= 1.15 * (falls[3] - falls[2]));
    }

    private static World Row(float spin)
    {
        var row = Given.Ground(1f);
        for (var i = 0; i < Count; i++)
        {
            row.Bodies.Add(Given.Block(new(i * (Spacing + (2 * s_half.X)), s_half.Y, 0f), s_half, friction: 1f));
        }

        // Spin about the edge at (hx, -hy): the centre moves with w × r, r = (-hx, hy).
        row.Bodies[0] = row.Bodies[0] with
        {
            AngularVelocity = new(0f, 0f, -spin),
            LinearVelocity = new(spin * s_half.Y, spin * s_half.X, 0f),
        };
        return row;
    }

    // Integrates the pendulum with steps of 1 µs: the error is far below the frame time.
    private static double StrikeTime(double spin)
    {
        const double h = 1e-6;
        double hx = s_half.X, hy = s_half.Y, r2 = (hx * hx) + (hy * hy);
        var (angle, time) = (0.0, 0.0);
        while (2 * hy * Math.Sin(angle) < Spacing)
        {
            // Torque per mass: g times how far the centre is beyond the edge, hy sin(a) - hx cos(a).
            spin += h * Given.Gravity * ((hy * Math.Sin(angle)) - (hx * Math.Cos(angle))) / (4 * r2 / 3);
            angle += h * spin;
            time += h;
        }

        return time;
    }

    private static double Lean(Trajectory film, int frame, int domino) =>
        Given.Lean(new Body { Orientation = film[frame][domino].Orientation });
}
