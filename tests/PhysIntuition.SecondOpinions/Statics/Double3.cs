using System.Numerics;

namespace PhysIntuition.SecondOpinions.Statics;

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
