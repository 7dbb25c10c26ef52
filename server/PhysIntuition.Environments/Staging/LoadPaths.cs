namespace PhysIntuition.Environments.Staging;

/// <summary>Tells of most standing pyramids that they stand, without a simulation.</summary>
/// <remarks>
/// <para>Blocks at rest stay at rest if forces that only press can balance every block. From the top down, each
/// block's load, its own weight and what rests on it, goes to a point of the contact below, or by the law of the lever
/// to one point in each of two. Where all points lie inside their contacts by <see cref="Towers.SafeMargin"/>, the
/// pyramid stands, nudged by 1 mm or not.</para>
/// <para>The points nearest to the middles of the blocks below are taken. Others may do where these do not, so a
/// pyramid that does not surely stand is for the simulation to judge.</para>
/// </remarks>
internal static class LoadPaths
{
    private const double Touching = 0.01;   // m

    /// <summary>Whether every load finds its way to the ground.</summary>
    /// <param name="world">Upright blocks at z = 0 in rows with gaps, lowest row first, from left to right.</param>
    /// <param name="removed">Index of a block that is taken away; -1 for none.</param>
    public static bool SurelyStands(World world, int removed = -1)
    {
        Span<Load> loads = stackalloc Load[World.MaxBodies];
        loads.Clear();
        for (var k = world.Bodies.Count - 1; k >= 0; k--)
        {
            if (k != removed && !TryHandDown(world, k, removed, loads))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryHandDown(World world, int index, int removed, Span<Load> loads)
    {
        var body = world.Bodies[index];
        loads[index].Add(body.Mass, body.Position.X);
        var (mass, place) = (loads[index].Mass, loads[index].Moment / loads[index].Mass);
        if (body.Position.Y - body.HalfExtents.Y < Touching)
        {
            return Contact.Of(body, body, index).Holds(place);
        }

        if (!TryFindContacts(world, index, removed, out var left, out var right))
        {
            return false;
        }

        if (left.Middle <= place && place <= right.Middle && left.Middle < right.Middle)
        {
            var share = (place - left.Middle) / (right.Middle - left.Middle);
            loads[left.Body].Add(mass * (1 - share), left.Middle);
            loads[right.Body].Add(mass * share, right.Middle);
            return true;
        }

        var only = place <= left.Middle ? left : right;
        loads[only.Body].Add(mass, place);
        return only.Holds(place);
    }

    // The outermost contacts below a block: the same one twice where there is one.
    private static bool TryFindContacts(World world, int index, int removed, out Contact left, out Contact right)
    {
        var body = world.Bodies[index];
        var (bottom, count) = (body.Position.Y - body.HalfExtents.Y, 0);
        left = right = default;
        for (var k = 0; k < index; k++)
        {
            var below = world.Bodies[k];
            var contact = Contact.Of(body, below, k);
            var isBelow = Math.Abs(below.Position.Y + below.HalfExtents.Y - bottom) < Touching;
            if (k != removed && isBelow && contact.Min <= contact.Max)
            {
                (left, right) = (count++ == 0 ? contact : left, contact);
            }
        }

        return count > 0;
    }

    private record struct Load(double Mass, double Moment)   // kg, and kg m about x = 0
    {
        public void Add(double mass, double place)
        {
            Mass += mass;
            Moment += mass * place;
        }
    }

    // Where a block may press on the one below, m; Middle is the point nearest to that one's middle.
    private readonly record struct Contact(int Body, double Min, double Max, double Middle)
    {
        public static Contact Of(in Body upper, in Body lower, int index)
        {
            double x = lower.Position.X, half = upper.HalfExtents.X;
            var inset = 2 * half * Towers.SafeMargin;
            var min = Math.Max(upper.Position.X - half, x - lower.HalfExtents.X) + inset;
            var max = Math.Min(upper.Position.X + half, x + lower.HalfExtents.X) - inset;

            return new(index, min, max, Math.Max(min, Math.Min(x, max)));
        }

        public bool Holds(double place) => Min <= place && place <= Max;
    }
}
