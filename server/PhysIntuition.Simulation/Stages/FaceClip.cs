namespace PhysIntuition.Simulation.Stages;

/// <summary>Cuts B's face by A's face, seen along the contact normal: its corners are the contact points.</summary>
/// <remarks>
/// <para>Layout: one pair of bodies in all lanes, in and out through <see cref="ContactWork{V}"/>.</para>
/// <para>Stages: 1 choose faces, 2 cut B's four edges, 3 add A's corners, 4 pack each lane's points.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>Source: polygon clipping; in place of a loop over planes, each edge is cut by both slabs at once.</para>
/// </remarks>
internal static unsafe class FaceClip<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;

    // m; B's corners this far outside A's face still count, so that flush faces keep four corners whatever the
    // rounding. A's corners count from half of it inside B's face on: no gap, few doubles.
    private const float Inflation = 2e-5f;

    public static int Run(WideBody<V>* a, WideBody<V>* b, ContactWork<V>* work)
    {
        ReferenceFace(a, work);
        IncidentFace(b, work);
        Project(work);
        CutEdge(work, 0, -1f, 0f, 1f);
        CutEdge(work, 1, 0f, 1f, 1f);
        CutEdge(work, 2, 1f, 0f, -1f);
        CutEdge(work, 3, 0f, -1f, -1f);
        Corners(work);
        return Pack(work);
    }

    [MethodImpl(Stage)]
    private static void ReferenceFace(WideBody<V>* a, ContactWork<V>* work)
    {
        var (x, y, z) = (a->Axes.X, a->Axes.Y, a->Axes.Z);
        var nx = Wide3<V>.Dot(work->Normal, x);
        var ny = Wide3<V>.Dot(work->Normal, y);
        var nz = Wide3<V>.Dot(work->Normal, z);
        var isY = V.Greater(V.Abs(ny), V.Max(V.Abs(nx), V.Abs(nz)));
        var isZ = V.AndNot(V.Greater(V.Abs(nz), V.Abs(nx)), isY);
        var along = Pick(isY, isZ, nx, ny, nz);
        var sign = Sign(along);
        var (hx, hy, hz) = (a->HalfExtents.X, a->HalfExtents.Y, a->HalfExtents.Z);
        work->FaceCentre = Pick(isY, isZ, x, y, z) * (Pick(isY, isZ, hx, hy, hz) * sign);
        work->AxisU = Pick(isY, isZ, y, z, x);
        work->AxisV = Pick(isY, isZ, z, x, y);
        work->HalfU = Pick(isY, isZ, hy, hz, hx);
        work->HalfV = Pick(isY, isZ, hz, hx, hy);
        work->Faces = V.Fma(sign, V.Splat(0.5f), Pick(isY, isZ, V.Splat(0.5f), V.Splat(2.5f), V.Splat(4.5f)));
    }

    [MethodImpl(Stage)]
    private static void IncidentFace(WideBody<V>* b, ContactWork<V>* work)
    {
        var (x, y, z) = (b->Axes.X, b->Axes.Y, b->Axes.Z);
        var nx = Wide3<V>.Dot(work->Normal, x);
        var ny = Wide3<V>.Dot(work->Normal, y);
        var nz = Wide3<V>.Dot(work->Normal, z);
        var isY = V.Greater(V.Abs(ny), V.Max(V.Abs(nx), V.Abs(nz)));
        var isZ = V.AndNot(V.Greater(V.Abs(nz), V.Abs(nx)), isY);
        var sign = -Sign(Pick(isY, isZ, nx, ny, nz));
        var (hx, hy, hz) = (b->HalfExtents.X, b->HalfExtents.Y, b->HalfExtents.Z);
        work->QuadCentre = Pick(isY, isZ, x, y, z) * (Pick(isY, isZ, hx, hy, hz) * sign);
        work->EdgeU = Pick(isY, isZ, hy, hz, hx);
        work->EdgeV = Pick(isY, isZ, hz, hx, hy);
        work->QuadU = Pick(isY, isZ, y, z, x) * work->EdgeU;
        work->QuadV = Pick(isY, isZ, z, x, y) * work->EdgeV;
        var code = V.Fma(sign, V.Splat(0.5f), Pick(isY, isZ, V.Splat(0.5f), V.Splat(2.5f), V.Splat(4.5f)));
        work->Faces = V.Fma(code, V.Splat(6f), work->Faces);
    }

    /// <summary>Into (along U, along V, along the normal) of A's face; the normal need not be A's own.</summary>
    [MethodImpl(Stage)]
    private static void Project(ContactWork<V>* work)
    {
        var u = work->AxisU;
        var v = work->AxisV;
        var n = work->Normal;

        // U x V is A's axis, outwards or inwards; the ratio of two projections on it has the right sign either way.
        var face = Wide3<V>.Cross(u, v);
        var slope = V.Splat(1f) / Wide3<V>.Dot(n, face);
        var nu = Wide3<V>.Dot(n, u);
        var nv = Wide3<V>.Dot(n, v);
        work->QuadCentre = InFace(work->QuadCentre + (work->Offset - work->FaceCentre), u, v, face, nu, nv, slope);
        work->QuadU = InFace(work->QuadU, u, v, face, nu, nv, slope);
        work->QuadV = InFace(work->QuadV, u, v, face, nu, nv, slope);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide3<V> InFace(Wide3<V> p, Wide3<V> u, Wide3<V> v, Wide3<V> face, V nu, V nv, V slope)
    {
        var s = Wide3<V>.Dot(p, face) * slope;
        return new Wide3<V>(V.Fma(-s, nu, Wide3<V>.Dot(p, u)), V.Fma(-s, nv, Wide3<V>.Dot(p, v)), s);
    }

    /// <summary>Edge from the centre shifted by (U, V) multiples, running along U if those of V are not zero.</summary>
    [MethodImpl(Stage)]
    private static void CutEdge(ContactWork<V>* work, int edge, float shiftV, float shiftU, float direction)
    {
        var run = V.Splat(direction);
        var isAlongU = shiftU == 0f;
        var along = (isAlongU ? work->QuadU : work->QuadV) * run;
        var aside = isAlongU ? work->QuadV : work->QuadU;
        var centre = Wide3<V>.Fma(aside, V.Splat(isAlongU ? shiftV : shiftU), work->QuadCentre);
        var halfU = work->HalfU + V.Splat(Inflation);
        var halfV = work->HalfV + V.Splat(Inflation);
        var inverseX = SafeInverse(along.X);
        var inverseY = SafeInverse(along.Y);
        var x0 = (-halfU - centre.X) * inverseX;
        var x1 = (halfU - centre.X) * inverseX;
        var y0 = (-halfV - centre.Y) * inverseY;
        var y1 = (halfV - centre.Y) * inverseY;
        var one = V.Splat(1f);
        var enters = V.Max(V.Max(V.Min(x0, x1), V.Min(y0, y1)), -one);
        var leaves = V.Min(V.Min(V.Max(x0, x1), V.Max(y0, y1)), one);
        var isCut = V.Not(V.Less(leaves, enters));

        // A corner of B is where its edge begins; the end of an edge is the next one's beginning.
        Store(work, 2 * edge, Wide3<V>.Fma(along, enters, centre), isCut);
        Store(work, (2 * edge) + 1, Wide3<V>.Fma(along, leaves, centre), V.And(isCut, V.Less(leaves, one)));
    }

    [MethodImpl(Stage)]
    private static void Corners(ContactWork<V>* work)
    {
        var u = work->QuadU;
        var v = work->QuadV;
        var c = work->QuadCentre;
        var inverse = SafeInverse(V.Fma(u.X, v.Y, -(v.X * u.Y)));
        var one = V.Splat(1f);
        var inset = V.Splat(0.5f * Inflation);
        var limitU = one - (inset / work->EdgeU);
        var limitV = one - (inset / work->EdgeV);
        for (var k = 0; k < 4; k++)
        {
            var x = (k & 1) != 0 ? work->HalfU : -work->HalfU;
            var y = (k & 2) != 0 ? work->HalfV : -work->HalfV;
            var rx = x - c.X;
            var ry = y - c.Y;
            var s = V.Fma(rx, v.Y, -(v.X * ry)) * inverse;
            var t = V.Fma(u.X, ry, -(rx * u.Y)) * inverse;
            var isInside = V.And(V.Less(V.Abs(s), limitU), V.Less(V.Abs(t), limitV));
            Store(work, 8 + k, new Wide3<V>(x, y, V.Fma(s, u.Z, V.Fma(t, v.Z, c.Z))), isInside);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ContactWork<V>* work, int candidate, Wide3<V> point, V exists)
    {
        ref var to = ref work->Candidates[candidate];
        (to.AlongU, to.AlongV, to.Separation) = (point.X, point.Y, point.Z);
        to.Exists = V.And(exists, V.Less(point.Z, work->Margin));
    }

    /// <summary>Each lane's points to the front, in the candidates' order; returns the largest number.</summary>
    private static int Pack(ContactWork<V>* work)
    {
        var used = 0;
        var rank = V.Zero;
        for (var k = 0; k < WideContact<V>.MaxPoints; k++)
        {
            work->Found[k].Exists = V.Zero;
        }

        for (var candidate = 0; candidate < ContactWork<V>.MaxCandidates; candidate++)
        {
            var exists = V.And(work->Candidates[candidate].Exists, work->IsNear);
            if (!V.Any(exists))
            {
                continue;
            }

            PlaceCandidate(work, candidate, exists, rank, used);
            rank = V.Select(exists, rank + V.Splat(1f), rank);
            used = Math.Min(used + 1, WideContact<V>.MaxPoints);
        }

        while (used > 0 && !V.Any(work->Found[used - 1].Exists))
        {
            used--;
        }

        for (var k = 0; k < used; k++)
        {
            Locate(work, k);
        }

        return used;
    }

    [MethodImpl(Stage)]
    private static void PlaceCandidate(ContactWork<V>* work, int candidate, V exists, V rank, int used)
    {
        ref var corner = ref work->Candidates[candidate];
        var waiting = V.Bits(exists);

        // Where no lane lacks an earlier candidate, all take the last place.
        for (var k = Math.Min(used, WideContact<V>.MaxPoints - 1); k >= 0 && waiting != 0; k--)
        {
            var isHere = V.And(exists, V.Less(V.Abs(rank - V.Splat(k)), V.Splat(0.5f)));
            var here = V.Bits(isHere);
            if (here == 0)
            {
                continue;
            }

            waiting &= ~here;
            ref var found = ref work->Found[k];
            found.Place.X = V.Select(isHere, corner.AlongU, found.Place.X);
            found.Place.Y = V.Select(isHere, corner.AlongV, found.Place.Y);
            found.Separation = V.Select(isHere, corner.Separation, found.Separation);
            found.Feature = V.Select(isHere, V.Splat(candidate), found.Feature);
            found.Exists = V.Or(found.Exists, isHere);
        }
    }

    /// <summary>From face coordinates to the world, midway between the two surfaces.</summary>
    [MethodImpl(Stage)]
    private static void Locate(ContactWork<V>* work, int k)
    {
        ref var found = ref work->Found[k];
        found.Separation = V.Select(found.Exists, found.Separation, V.Zero);
        var u = V.Select(found.Exists, found.Place.X, V.Zero);
        var v = V.Select(found.Exists, found.Place.Y, V.Zero);
        found.Place = Wide3<V>.Fma(work->AxisU, u, Wide3<V>.Fma(work->AxisV, v,
            Wide3<V>.Fma(work->Normal, found.Separation * V.Splat(0.5f), work->FaceCentre)));
        found.Feature = V.Select(found.Exists,
            V.Fma(work->Faces, V.Splat(ContactWork<V>.MaxCandidates), found.Feature), V.Splat(-1f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Pick(V isY, V isZ, V x, V y, V z) => V.Select(isY, y, V.Select(isZ, z, x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide3<V> Pick(V isY, V isZ, Wide3<V> x, Wide3<V> y, Wide3<V> z) =>
        Wide3<V>.Select(isY, y, Wide3<V>.Select(isZ, z, x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sign(V a) => V.Select(V.Less(a, V.Zero), V.Splat(-1f), V.Splat(1f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V SafeInverse(V a) =>
        V.Splat(1f) / V.Select(V.Less(V.Abs(a), V.Splat(1e-12f)), V.Splat(1e-12f), a);
}
