namespace PhysIntuition.SecondOpinions;

/// <summary>A contact area in its own plane, as half-planes that can be moved inwards.</summary>
/// <remarks>
/// A segment or a point is an area whose half-planes meet: it has no inside, but it can be widened. Every
/// half-plane knows the width of the body above along its normal, so that insets are shares of that width.
/// </remarks>
internal sealed class SupportPolygon
{
    private const double Coincident = 1e-7;   // m; points nearer than this are one: far below a float's metre

    private readonly Double3 _origin, _u, _v;
    private readonly List<HalfPlane> _sides = [];

    /// <summary>The area of one contact.</summary>
    /// <param name="points">Convex, in order; a segment or a point too, m.</param>
    /// <param name="normal">Unit normal of the contact's plane.</param>
    /// <param name="above">The body that rests on it.</param>
    public SupportPolygon(List<Double3> points, Double3 normal, in OrientedBox above)
    {
        _origin = points[0];
        _u = Tangent(normal);
        _v = Double3.Cross(normal, _u);
        var corners = Distinct(points);
        foreach (var (a, b) in Sides(corners))
        {
            AddSide(a, b, above);
        }
    }

    /// <summary>The first direction of the contact's plane: the world's x axis for a level contact.</summary>
    public Double3 U => _u;

    /// <summary>The second direction of the contact's plane, right-handed with the normal.</summary>
    public Double3 V => _v;

    /// <summary>Distance of a point from the nearest side as a share of the width; negative outside.</summary>
    public double Margin(Double3 point)
    {
        var (x, y) = Project(point);
        var margin = double.PositiveInfinity;
        foreach (var side in _sides)
        {
            margin = Math.Min(margin, ((side.X * x) + (side.Y * y) - side.Offset) / side.Width);
        }

        return margin;
    }

    /// <summary>The corners, m, world frame, after every side moved inwards by a share of the width.</summary>
    /// <param name="share">Negative to widen.</param>
    /// <param name="corners">Is emptied first; stays empty if nothing is left of the area.</param>
    public void Inset(double share, List<Double3> corners)
    {
        const double far = 100;   // m; around any scene
        corners.Clear();
        List<(double X, double Y)> polygon = [(far, far), (-far, far), (-far, -far), (far, -far)];
        foreach (var side in _sides)
        {
            Clip(polygon, side, side.Offset + (share * side.Width) - Coincident);
        }

        foreach (var (x, y) in polygon)
        {
            var corner = _origin + (_u * x) + (_v * y);
            if (corners.Count == 0 || ((corner - corners[^1]).Length > Coincident
                && (corner - corners[0]).Length > Coincident))
            {
                corners.Add(corner);
            }
        }
    }

    private static Double3 Tangent(Double3 normal)
    {
        var axis = Math.Abs(normal.X) < 0.8 ? new Double3(1, 0, 0) : new Double3(0, 0, 1);
        var tangent = axis - (normal * Double3.Dot(axis, normal));
        return tangent * (1 / tangent.Length);
    }

    private (double X, double Y) Project(Double3 point) =>
        (Double3.Dot(point - _origin, _u), Double3.Dot(point - _origin, _v));

    private List<(double X, double Y)> Distinct(List<Double3> points)
    {
        List<(double X, double Y)> corners = [];
        foreach (var point in points)
        {
            var corner = Project(point);
            if (!corners.Exists(other => Distance(corner, other) <= Coincident))
            {
                corners.Add(corner);
            }
        }

        return corners;
    }

    // Pairs of points with the inside to the left; a segment is walked both ways and closed at its ends.
    private static IEnumerable<((double X, double Y) A, (double X, double Y) B)> Sides(List<(double X, double Y)> p)
    {
        if (p.Count == 1)
        {
            var (x, y) = p[0];
            return [((x, y), (x + 1, y)), ((x, y), (x - 1, y)), ((x, y), (x, y + 1)), ((x, y), (x, y - 1))];
        }

        if (Math.Abs(DoubleArea(p)) < Coincident * Coincident || p.Count == 2)
        {
            var (a, b) = Ends(p);
            var (tx, ty) = (b.X - a.X, b.Y - a.Y);
            return [(a, b), (b, a), (b, (b.X - ty, b.Y + tx)), (a, (a.X + ty, a.Y - tx))];
        }

        var ordered = DoubleArea(p) < 0 ? [.. Enumerable.Reverse(p)] : p;
        return ordered.Select((corner, k) => (corner, ordered[(k + 1) % ordered.Count]));
    }

    private static ((double X, double Y) A, (double X, double Y) B) Ends(List<(double X, double Y)> points)
    {
        var (a, b) = (points[0], points[0]);
        foreach (var p in points)
        {
            foreach (var q in points)
            {
                (a, b) = Distance(p, q) > Distance(a, b) ? (p, q) : (a, b);
            }
        }

        return (a, b);
    }

    private static double DoubleArea(List<(double X, double Y)> p)
    {
        var area = 0.0;
        for (var k = 0; k < p.Count; k++)
        {
            var q = p[(k + 1) % p.Count];
            area += (p[k].X * q.Y) - (q.X * p[k].Y);
        }

        return area;
    }

    private void AddSide((double X, double Y) a, (double X, double Y) b, in OrientedBox above)
    {
        var length = Distance(a, b);
        var (x, y) = (-(b.Y - a.Y) / length, (b.X - a.X) / length);   // points inwards: to the left of a to b
        var width = 2 * above.Reach((_u * x) + (_v * y));
        _sides.Add(new(x, y, (x * a.X) + (y * a.Y), width));
    }

    private static double Distance((double X, double Y) a, (double X, double Y) b) =>
        Math.Sqrt(((a.X - b.X) * (a.X - b.X)) + ((a.Y - b.Y) * (a.Y - b.Y)));

    private static void Clip(List<(double X, double Y)> polygon, HalfPlane side, double offset)
    {
        var count = polygon.Count;
        for (var k = 0; k < count; k++)
        {
            var (p, q) = (polygon[k], polygon[(k + 1) % count]);
            var dp = (side.X * p.X) + (side.Y * p.Y) - offset;
            var dq = (side.X * q.X) + (side.Y * q.Y) - offset;
            if (dp >= 0)
            {
                polygon.Add(p);
            }

            if ((dp < 0 && dq > 0) || (dp > 0 && dq < 0))
            {
                var s = dp / (dp - dq);
                polygon.Add((p.X + ((q.X - p.X) * s), p.Y + ((q.Y - p.Y) * s)));
            }
        }

        polygon.RemoveRange(0, count);
    }

    /// <summary>The points with X x + Y y at least Offset; (X, Y) is a unit vector that points inwards.</summary>
    private readonly record struct HalfPlane(double X, double Y, double Offset, double Width);
}
