namespace PhysIntuition.Rendering.Stages.Records;

/// <summary>Three floats in memory: a point, a direction or a colour.</summary>
/// <remarks>Plain scalar arithmetic, so that its bits are the same on every machine and back end.</remarks>
internal struct Triple
{
    public float X, Y, Z;

    public static Triple Of(float x, float y, float z)
    {
        Triple t;
        t.X = x;
        t.Y = y;
        t.Z = z;
        return t;
    }

    public static Triple Scaled(Triple a, float k) => Of(a.X * k, a.Y * k, a.Z * k);

    public static Triple Times(Triple a, Triple b) => Of(a.X * b.X, a.Y * b.Y, a.Z * b.Z);

    public static Triple Sum(Triple a, Triple b) => Of(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    public static Triple Difference(Triple a, Triple b) => Of(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    /// <summary>a + b k.</summary>
    public static Triple Along(Triple a, Triple b, float k) => Of(a.X + (b.X * k), a.Y + (b.Y * k), a.Z + (b.Z * k));

    public static float Dot(Triple a, Triple b) => (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z);

    public static Triple Cross(Triple a, Triple b) =>
        Of((a.Y * b.Z) - (a.Z * b.Y), (a.Z * b.X) - (a.X * b.Z), (a.X * b.Y) - (a.Y * b.X));

    public static Triple Unit(Triple a) => Scaled(a, 1f / MathF.Sqrt(Dot(a, a)));
}
