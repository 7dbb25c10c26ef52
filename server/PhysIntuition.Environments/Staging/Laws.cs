namespace PhysIntuition.Environments.Staging;

/// <summary>Textbook laws that privileged players answer by; none of them simulates.</summary>
internal static class Laws
{
    private const float Touching = 0.01f;   // m

    /// <summary>Static margin of the first bodies of a world, taken as one column, lowest first.</summary>
    public static double TowerMargin(World world, int count) =>
        Towers.Of(world, count).Margin(out _, out _);

    /// <summary>Whether some block's centre is not over the hull of what is directly below it.</summary>
    /// <param name="world">Upright blocks in rows.</param>
    /// <param name="removed">Index of a block that is taken away; -1 for none.</param>
    public static bool HasUnsupported(World world, int removed)
    {
        for (var k = 0; k < world.Bodies.Count; k++)
        {
            if (k != removed && !IsSupported(world, k, removed))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Signed way that a block slides on the ground: v² / 2 mu g, m.</summary>
    public static double SlideOf(float speed, World world) =>
        speed * (double)Math.Abs(speed) / (2.0 * world.GroundFriction * world.Gravity);

    /// <summary>Height of the common centre of mass of a world's bodies, m.</summary>
    public static double CentreOfMassHeight(World world)
    {
        var (mass, moment) = (0.0, 0.0);
        foreach (var body in world.Bodies)
        {
            mass += body.Mass;
            moment += (double)body.Mass * body.Position.Y;
        }

        return moment / mass;
    }

    /// <summary>Metres as whole hundredths within an axis.</summary>
    public static Answer Rounded(double metres, AnswerAxis axis) =>
        new(Math.Clamp(Math.Round(metres * 100), axis.Min, axis.Max));

    private static bool IsSupported(World world, int index, int removed)
    {
        var body = world.Bodies[index];
        var bottom = body.Position.Y - body.HalfExtents.Y;
        if (bottom < Touching)
        {
            return true;
        }

        var (left, right) = (float.PositiveInfinity, float.NegativeInfinity);
        for (var k = 0; k < world.Bodies.Count; k++)
        {
            var other = world.Bodies[k];
            var low = MathF.Max(body.Position.X - body.HalfExtents.X, other.Position.X - other.HalfExtents.X);
            var high = MathF.Min(body.Position.X + body.HalfExtents.X, other.Position.X + other.HalfExtents.X);
            var top = other.Position.Y + other.HalfExtents.Y;
            if (k != index && k != removed && high > low && MathF.Abs(top - bottom) < Touching)
            {
                left = MathF.Min(left, low);
                right = MathF.Max(right, high);
            }
        }

        return body.Position.X >= left && body.Position.X <= right;
    }
}
