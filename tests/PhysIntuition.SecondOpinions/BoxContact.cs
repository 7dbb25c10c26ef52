namespace PhysIntuition.SecondOpinions;

/// <summary>Where two boxes touch: separating axes, then clipping of the faces that meet.</summary>
internal static class BoxContact
{
    // m; a face is preferred to a pair of edges that separates hardly more: flat contacts are polygons.
    private const double FacePreference = 1e-4;

    /// <summary>Whether a and b are no further apart than the tolerance; the normal points from b to a.</summary>
    /// <param name="a">One box.</param>
    /// <param name="b">The other box.</param>
    /// <param name="tolerance">m.</param>
    /// <param name="normal">Unit.</param>
    /// <param name="points">Convex polygon in order, or the ends of a segment, or one point, m.</param>
    public static bool TryFind(
        in OrientedBox a, in OrientedBox b, double tolerance, out Double3 normal, List<Double3> points)
    {
        points.Clear();
        normal = default;
        var best = double.NegativeInfinity;
        int face = -1, edgeA = -1, edgeB = -1;
        for (var k = 0; k < 6; k++)
        {
            var axis = k < 3 ? a.Axis(k) : b.Axis(k - 3);
            var separation = Separation(a, b, axis);
            if (separation > best + (k == 0 ? 0 : 1e-9))
            {
                (best, face, normal) = (separation, k, axis);
            }
        }

        for (var k = 0; k < 9 && best <= tolerance; k++)
        {
            var cross = Double3.Cross(a.Axis(k / 3), b.Axis(k % 3));
            var length = cross.Length;
            if (length < 1e-3)
            {
                continue;   // parallel edges: the face axes already cover this direction
            }

            var separation = Separation(a, b, cross * (1 / length));
            if (separation > best + (edgeA < 0 ? FacePreference : 1e-9))
            {
                (best, edgeA, edgeB, normal) = (separation, k / 3, k % 3, cross * (1 / length));
            }
        }

        if (best > tolerance)
        {
            return false;
        }

        normal = Double3.Dot(a.Center - b.Center, normal) < 0 ? -normal : normal;
        if (edgeA >= 0)
        {
            points.Add(ClosestOfEdges(a, edgeA, b, edgeB, normal));
        }
        else if (face < 3)
        {
            ClipFaces(a, face, -normal, b, tolerance, points);
        }
        else
        {
            ClipFaces(b, face - 3, normal, a, tolerance, points);
        }

        return points.Count > 0;
    }

    private static double Separation(in OrientedBox a, in OrientedBox b, Double3 axis) =>
        Math.Abs(Double3.Dot(a.Center - b.Center, axis)) - a.Reach(axis) - b.Reach(axis);

    // The point halfway between the two edges, which run along axis i of a and axis j of b.
    private static Double3 ClosestOfEdges(in OrientedBox a, int i, in OrientedBox b, int j, Double3 normal)
    {
        var p = a.Corner(-normal);
        var q = b.Corner(normal);
        Double3 u = a.Axis(i), v = b.Axis(j), d = q - p;
        double uv = Double3.Dot(u, v), du = Double3.Dot(d, u), dv = Double3.Dot(d, v), slope = 1 - (uv * uv);
        var s = (du - (uv * dv)) / slope;
        var t = ((uv * du) - dv) / slope;
        return (p + (u * s) + q + (v * t)) * 0.5;
    }

    // Clips the face of `incident` that looks at the reference face by that face's sides and its tolerance.
    private static void ClipFaces(
        in OrientedBox reference, int axis, Double3 outward, in OrientedBox incident, double tolerance,
        List<Double3> points)
    {
        Face(incident, outward, points);
        for (var k = 1; k < 3; k++)
        {
            var side = (axis + k) % 3;
            var center = Double3.Dot(reference.Center, reference.Axis(side));
            Clip(points, reference.Axis(side), center + reference.HalfExtent(side));
            Clip(points, -reference.Axis(side), reference.HalfExtent(side) - center);
        }

        var plane = Double3.Dot(reference.Center, outward) + reference.HalfExtent(axis);
        Clip(points, outward, plane + tolerance);
        for (var k = 0; k < points.Count; k++)
        {
            points[k] += outward * (plane - Double3.Dot(points[k], outward));
        }
    }

    // The four corners, in order, of the face most opposed to `outward`.
    private static void Face(in OrientedBox box, Double3 outward, List<Double3> corners)
    {
        var axis = 0;
        for (var k = 1; k < 3; k++)
        {
            var isSteeper = Math.Abs(Double3.Dot(box.Axis(k), outward))
                > Math.Abs(Double3.Dot(box.Axis(axis), outward)) + 1e-9;
            axis = isSteeper ? k : axis;
        }

        var toFace = box.Axis(axis) * (Double3.Dot(box.Axis(axis), outward) > 0 ? -1 : 1);
        var center = box.Center + (toFace * box.HalfExtent(axis));
        var u = box.Axis((axis + 1) % 3) * box.HalfExtent((axis + 1) % 3);
        var v = box.Axis((axis + 2) % 3) * box.HalfExtent((axis + 2) % 3);
        corners.Add(center + u + v);
        corners.Add(center - u + v);
        corners.Add(center - u - v);
        corners.Add(center + u - v);
    }

    // Keeps the part of the polygon where normal · p <= limit (Sutherland and Hodgman).
    private static void Clip(List<Double3> polygon, Double3 normal, double limit)
    {
        var count = polygon.Count;
        for (var k = 0; k < count; k++)
        {
            Double3 p = polygon[k], q = polygon[(k + 1) % count];
            double dp = Double3.Dot(normal, p) - limit, dq = Double3.Dot(normal, q) - limit;
            if (dp <= 0)
            {
                polygon.Add(p);
            }

            if ((dp < 0 && dq > 0) || (dp > 0 && dq < 0))
            {
                polygon.Add(p + ((q - p) * (dp / (dp - dq))));
            }
        }

        polygon.RemoveRange(0, count);
    }
}
