namespace PhysIntuition.Rendering.Stages;

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

/// <summary>A quantity that is linear over the picture: Base + X x + Y y, with x and y in pixels.</summary>
/// <remarks>The inverse depth of every plane is one, which makes visibility a matter of min and max.</remarks>
internal struct Linear
{
    public float Base, X, Y;

    /// <summary>The inverse depth of the plane n.(p - eye) = distance, n.ray being linear over the picture.</summary>
    public static unsafe Linear OfPlane(ViewRecord* view, Triple normal, float distance)
    {
        var inverse = 1f / distance;
        Linear line;
        line.Base = Triple.Dot(normal, view->Ray) * inverse;
        line.X = Triple.Dot(normal, view->RayX) * inverse;
        line.Y = Triple.Dot(normal, view->RayY) * inverse;
        return line;
    }
}
