using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>A cuboid in the world: centre, unit axes, half the edge lengths.</summary>
internal readonly struct OrientedBox
{
    // The ground as a box whose top is y = 0: wide enough for any scene, small enough for exact clipping.
    private const double GroundHalfExtent = 1000;

    private readonly Double3 _axisX, _axisY, _axisZ;

    public OrientedBox(in Body body)
    {
        double x = body.Orientation.X, y = body.Orientation.Y, z = body.Orientation.Z, w = body.Orientation.W;
        var s = 2 / ((x * x) + (y * y) + (z * z) + (w * w));   // divides out what rounding left of the norm
        _axisX = new(1 - (s * ((y * y) + (z * z))), s * ((x * y) + (w * z)), s * ((x * z) - (w * y)));
        _axisY = new(s * ((x * y) - (w * z)), 1 - (s * ((x * x) + (z * z))), s * ((y * z) + (w * x)));
        _axisZ = new(s * ((x * z) + (w * y)), s * ((y * z) - (w * x)), 1 - (s * ((x * x) + (y * y))));
        Center = Double3.From(body.Position);
        Half = Double3.From(body.HalfExtents);
    }

    private OrientedBox(Double3 center, Double3 half)
    {
        (_axisX, _axisY, _axisZ) = (new(1, 0, 0), new(0, 1, 0), new(0, 0, 1));
        (Center, Half) = (center, half);
    }

    public static OrientedBox Ground { get; } =
        new(new(0, -GroundHalfExtent, 0), new(GroundHalfExtent, GroundHalfExtent, GroundHalfExtent));

    public Double3 Center { get; }

    public Double3 Half { get; }

    public Double3 Axis(int k) => k == 0 ? _axisX : k == 1 ? _axisY : _axisZ;

    public double HalfExtent(int k) => k == 0 ? Half.X : k == 1 ? Half.Y : Half.Z;

    /// <summary>Half the box's extent along a unit direction.</summary>
    public double Reach(Double3 n) =>
        (Half.X * Math.Abs(Double3.Dot(_axisX, n)))
        + (Half.Y * Math.Abs(Double3.Dot(_axisY, n)))
        + (Half.Z * Math.Abs(Double3.Dot(_axisZ, n)));

    /// <summary>The corner that lies furthest along n; of equal corners the one with positive coordinates.</summary>
    public Double3 Corner(Double3 n)
    {
        var corner = Center;
        for (var k = 0; k < 3; k++)
        {
            corner += Axis(k) * (Double3.Dot(Axis(k), n) < 0 ? -HalfExtent(k) : HalfExtent(k));
        }

        return corner;
    }
}

/// <summary>A vector of doubles: queries judge margins far below a float's resolution of sums.</summary>
internal readonly record struct Double3(double X, double Y, double Z)
{
    public static Double3 Zero => default;

    public double Length => Math.Sqrt(Dot(this, this));

    public static Double3 From(Vector3 v) => new(v.X, v.Y, v.Z);

    public static Double3 operator +(Double3 a, Double3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    public static Double3 operator -(Double3 a, Double3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    public static Double3 operator -(Double3 a) => new(-a.X, -a.Y, -a.Z);

    public static Double3 operator *(Double3 a, double s) => new(a.X * s, a.Y * s, a.Z * s);

    public static double Dot(Double3 a, Double3 b) => (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z);

    public static Double3 Cross(Double3 a, Double3 b) =>
        new((a.Y * b.Z) - (a.Z * b.Y), (a.Z * b.X) - (a.X * b.Z), (a.X * b.Y) - (a.Y * b.X));

    public Vector3 ToVector3() => new((float)X, (float)Y, (float)Z);
}
