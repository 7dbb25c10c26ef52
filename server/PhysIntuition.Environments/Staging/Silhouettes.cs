namespace PhysIntuition.Environments.Staging;

/// <summary>What blocks cover of the picture plane, seen along z without perspective; areas are exact.</summary>
/// <remarks>
/// The area of two unions' intersection is an integral over x. Between two neighbouring places where an outline has a
/// corner or crosses another, the height of the cross-section is linear, so its middle times the width is exact.
/// </remarks>
internal static class Silhouettes
{
    /// <summary>A convex outline, counter-clockwise, m.</summary>
    public sealed record Outline(IReadOnlyList<(double X, double Y)> Corners);

    /// <summary>The outline of a cuboid, however it is turned.</summary>
    /// <param name="body">The cuboid.</param>
    /// <param name="growth">What is added to its half extents, m.</param>
    public static Outline Of(in Body body, float growth = 0f)
    {
        var half = body.HalfExtents + new Vector3(growth);
        List<(double X, double Y)> points = [];
        for (var corner = 0; corner < 8; corner++)
        {
            var place = Turn(body.Orientation, new(
                (corner & 1) == 0 ? -half.X : half.X, (corner & 2) == 0 ? -half.Y : half.Y,
                (corner & 4) == 0 ? -half.Z : half.Z));
            points.Add(((double)body.Position.X + place.X, (double)body.Position.Y + place.Y));
        }

        return new(HullOf(points));
    }

    /// <summary>The area that both unions cover, m².</summary>
    public static double Overlap(IReadOnlyList<Outline> some, IReadOnlyList<Outline> others)
    {
        var places = Breaks([.. some, .. others]);
        var (area, a, b) = (0.0, new List<(double Low, double High)>(), new List<(double Low, double High)>());
        for (var i = 1; i < places.Count; i++)
        {
            var width = places[i] - places[i - 1];
            if (width > 0)
            {
                var middle = (places[i] + places[i - 1]) / 2;
                Cut(some, middle, a);
                Cut(others, middle, b);
                area += width * LengthOfBoth(a, b);
            }
        }

        return area;
    }

    /// <summary>The area that a union covers, m².</summary>
    public static double Area(IReadOnlyList<Outline> all) => Overlap(all, all);

    // Andrew's monotone chain.
    private static List<(double X, double Y)> HullOf(List<(double X, double Y)> points)
    {
        points.Sort();
        List<(double X, double Y)> hull = [];
        for (var pass = 0; pass < 2; pass++)
        {
            var first = hull.Count;
            foreach (var point in points)
            {
                while (hull.Count >= first + 2 && Cross(hull[^2], hull[^1], point) <= 0)
                {
                    hull.RemoveAt(hull.Count - 1);
                }

                hull.Add(point);
            }

            hull.RemoveAt(hull.Count - 1);
            points.Reverse();
        }

        return hull;
    }

    private static double Cross((double X, double Y) o, (double X, double Y) a, (double X, double Y) b) =>
        ((a.X - o.X) * (b.Y - o.Y)) - ((a.Y - o.Y) * (b.X - o.X));

    // All x where an outline has a corner or two of them cross, in order.
    private static List<double> Breaks(IReadOnlyList<Outline> outlines)
    {
        var places = new List<double>();
        for (var i = 0; i < outlines.Count; i++)
        {
            var own = outlines[i].Corners;
            for (var k = 0; k < own.Count; k++)
            {
                places.Add(own[k].X);
                for (var j = 0; j < i; j++)
                {
                    AddCrossings(own[k], own[(k + 1) % own.Count], outlines[j].Corners, places);
                }
            }
        }

        places.Sort();
        return places;
    }

    private static void AddCrossings(
        (double X, double Y) a, (double X, double Y) b, IReadOnlyList<(double X, double Y)> corners,
        List<double> places)
    {
        for (var k = 0; k < corners.Count; k++)
        {
            var (c, d) = (corners[k], corners[(k + 1) % corners.Count]);
            var (before, after) = (Cross(c, d, a), Cross(c, d, b));
            if ((before < 0) != (after < 0) && (Cross(a, b, c) < 0) != (Cross(a, b, d) < 0))
            {
                places.Add(a.X + ((b.X - a.X) * (before / (before - after))));
            }
        }
    }

    // The union's cross-section at x: disjoint intervals of y from below.
    private static void Cut(IReadOnlyList<Outline> outlines, double x, List<(double Low, double High)> cut)
    {
        cut.Clear();
        foreach (var outline in outlines)
        {
            var (low, high, corners) = (double.PositiveInfinity, double.NegativeInfinity, outline.Corners);
            for (var k = 0; k < corners.Count; k++)
            {
                var (a, b) = (corners[k], corners[(k + 1) % corners.Count]);
                if ((a.X < x) != (b.X < x))
                {
                    var y = a.Y + ((b.Y - a.Y) * ((x - a.X) / (b.X - a.X)));
                    (low, high) = (Math.Min(low, y), Math.Max(high, y));
                }
            }

            if (low < high)
            {
                cut.Add((low, high));
            }
        }

        cut.Sort();
        var kept = 0;
        for (var i = 1; i < cut.Count; i++)
        {
            if (cut[i].Low <= cut[kept].High)
            {
                cut[kept] = (cut[kept].Low, Math.Max(cut[kept].High, cut[i].High));
            }
            else
            {
                cut[++kept] = cut[i];
            }
        }

        cut.RemoveRange(Math.Min(cut.Count, kept + 1), Math.Max(0, cut.Count - kept - 1));
    }

    private static double LengthOfBoth(List<(double Low, double High)> a, List<(double Low, double High)> b)
    {
        var (length, i, k) = (0.0, 0, 0);
        while (i < a.Count && k < b.Count)
        {
            length += Math.Max(0, Math.Min(a[i].High, b[k].High) - Math.Max(a[i].Low, b[k].Low));
            _ = a[i].High < b[k].High ? i++ : k++;
        }

        return length;
    }

    // v + 2 w (q x v) + 2 q x (q x v), written out: the runtime's own may differ in the last bit between machines.
    private static (double X, double Y) Turn(Quaternion turn, Vector3 place)
    {
        double x = turn.X, y = turn.Y, z = turn.Z, w = turn.W, px = place.X, py = place.Y, pz = place.Z;
        double tx = 2 * ((y * pz) - (z * py)), ty = 2 * ((z * px) - (x * pz)), tz = 2 * ((x * py) - (y * px));

        return (px + (w * tx) + (y * tz) - (z * ty), py + (w * ty) + (z * tx) - (x * tz));
    }
}
