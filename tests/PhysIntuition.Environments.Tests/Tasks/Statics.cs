using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>The statics of columns by torques, written without looking at the product's centres of mass.</summary>
internal static class Statics
{
    /// <summary>Whether a column tips: the weights above a contact turn it over one of its edges.</summary>
    /// <param name="bodies">Lowest first; each rests on the one before.</param>
    public static bool Tips(IReadOnlyList<Body> bodies) => Room(bodies) < 0;

    /// <summary>The least room of all contacts, see <see cref="RoomOf"/>. Below 0 something tips.</summary>
    public static double Room(IReadOnlyList<Body> bodies) =>
        Enumerable.Range(1, bodies.Count - 1).Min(k => RoomOf(bodies, k));

    /// <summary>
    /// The least torque that the weights above a contact hold its edge down with, over that weight and the width of
    /// the block above: how far the common centre is from the edge.
    /// </summary>
    /// <param name="bodies">Lowest first; each rests on the one before.</param>
    /// <param name="k">The contact under this one.</param>
    public static double RoomOf(IReadOnlyList<Body> bodies, int k)
    {
        var (upper, lower) = (bodies[k], bodies[k - 1]);
        var right = Math.Min(Right(upper), Right(lower));
        var left = Math.Max(Left(upper), Left(lower));
        double weight = 0, overRight = 0, overLeft = 0;
        for (var i = k; i < bodies.Count; i++)
        {
            // A column on earth and on the moon tips alike: gravity divides out.
            weight += bodies[i].Mass;
            overRight += bodies[i].Mass * (right - bodies[i].Position.X);
            overLeft += bodies[i].Mass * (bodies[i].Position.X - left);
        }

        return Math.Min(overRight, overLeft) / (weight * 2.0 * upper.HalfExtents.X);
    }

    private static double Left(in Body body) => (double)body.Position.X - body.HalfExtents.X;

    private static double Right(in Body body) => (double)body.Position.X + body.HalfExtents.X;
}
