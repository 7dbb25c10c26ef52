using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>Mechanical energy of the dynamic bodies.</summary>
/// <param name="Kinetic">Of translation and rotation, J.</param>
/// <param name="Potential">In gravity, zero at y = 0, J.</param>
public readonly record struct Energy(double Kinetic, double Potential)
{
    /// <summary>Kinetic and potential, J.</summary>
    public double Total => Kinetic + Potential;

    /// <summary>Sums over the dynamic bodies of a world.</summary>
    public static Energy Of(World world)
    {
        double kinetic = 0, potential = 0;
        foreach (var body in world.Bodies)
        {
            if (body.Motion == Motion.Dynamic)
            {
                kinetic += KineticOf(body);
                potential += (double)body.Mass * world.Gravity * body.Position.Y;
            }
        }

        return new(kinetic, potential);
    }

    // m v² / 2 + Σ I_k w_k² / 2 over the body's own axes; I_x = m (hy² + hz²) / 3 for a cuboid.
    private static double KineticOf(in Body body)
    {
        var box = new OrientedBox(body);
        var v = Double3.From(body.LinearVelocity);
        var w = Double3.From(body.AngularVelocity);
        var sum = Double3.Dot(v, v);
        for (var k = 0; k < 3; k++)
        {
            double a = box.HalfExtent((k + 1) % 3), b = box.HalfExtent((k + 2) % 3), spin = Double3.Dot(w, box.Axis(k));
            sum += ((a * a) + (b * b)) / 3 * spin * spin;
        }

        return 0.5 * body.Mass * sum;
    }
}
