namespace PhysIntuition.Simulation.Stages;

/// <summary>Finds the axis along which two cuboids are furthest apart, or overlap least.</summary>
/// <remarks>
/// <para>Layout: one pair of bodies in all lanes; results go to <see cref="ContactWork{V}"/>.</para>
/// <para>Stages: 1 faces of both, 2 cross products of their edges.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>Source: the separating axis theorem for oriented boxes.</para>
/// </remarks>
internal static unsafe class BoxAxes<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;

    // m; a face of B, then an edge axis, must be better by this, so that resting contacts keep their features.
    private const float FacePreference = 1e-4f;
    private const float EdgePreference = 1e-3f;

    // Cosine above which two axes count as parallel; their edges then add nothing to the faces.
    private const float Parallel = 0.999998f;
    private const float ShortestCross = 1e-3f;

    /// <summary>Whether some lane's bodies may touch in this step; narrows <c>IsNear</c>.</summary>
    public static bool Run(WideBody<V>* a, WideBody<V>* b, ContactWork<V>* work)
    {
        CompareAxes(a, b, work);
        FacesOfA(a, b, work);
        FacesOfB(a, b, work);
        work->IsNear = V.And(work->IsNear, V.Less(work->Gap, work->Margin));
        if (!V.Any(work->IsNear))
        {
            return false;
        }

        var canCross = V.And(work->IsNear, V.Not(AreAligned(work)));
        if (V.Any(canCross))
        {
            for (var i = 0; i < 3; i++)
            {
                Edges(a, b, work, i, canCross);
            }

            work->IsNear = V.And(work->IsNear, V.Less(work->Gap, work->Margin));
        }

        return V.Any(work->IsNear);
    }

    [MethodImpl(Stage)]
    private static void CompareAxes(WideBody<V>* a, WideBody<V>* b, ContactWork<V>* work)
    {
        for (var i = 0; i < 3; i++)
        {
            var axis = *Wide3x3<V>.Axis(&a->Axes, i);
            for (var j = 0; j < 3; j++)
            {
                var cosine = Wide3<V>.Dot(axis, *Wide3x3<V>.Axis(&b->Axes, j));
                work->Cosine[(3 * i) + j] = cosine;
                work->Magnitude[(3 * i) + j] = V.Abs(cosine);
            }
        }
    }

    [MethodImpl(Stage)]
    private static void FacesOfA(WideBody<V>* a, WideBody<V>* b, ContactWork<V>* work)
    {
        var half = b->HalfExtents;
        var offset = work->Offset;
        var gap = V.Splat(-1e30f);
        var normal = offset;
        var along = stackalloc V[3];
        for (var i = 0; i < 3; i++)
        {
            var axis = *Wide3x3<V>.Axis(&a->Axes, i);
            var distance = Wide3<V>.Dot(offset, axis);
            var reach = V.Fma(half.X, work->Magnitude[3 * i], V.Fma(half.Y, work->Magnitude[(3 * i) + 1],
                half.Z * work->Magnitude[(3 * i) + 2]));
            var separation = V.Abs(distance) - ((V*)&a->HalfExtents)[i] - reach;
            var isBetter = V.Greater(separation, gap);
            gap = V.Select(isBetter, separation, gap);
            normal = Wide3<V>.Select(isBetter, axis * Sign(distance), normal);
            along[i] = distance;
        }

        work->OffsetA = new Wide3<V>(along[0], along[1], along[2]);
        work->Gap = gap;
        work->Normal = normal;
    }

    [MethodImpl(Stage)]
    private static void FacesOfB(WideBody<V>* a, WideBody<V>* b, ContactWork<V>* work)
    {
        var half = a->HalfExtents;
        var offset = work->Offset;
        var gap = work->Gap;
        var normal = work->Normal;
        var preference = V.Splat(FacePreference);
        for (var j = 0; j < 3; j++)
        {
            var axis = *Wide3x3<V>.Axis(&b->Axes, j);
            var distance = Wide3<V>.Dot(offset, axis);
            var reach = V.Fma(half.X, work->Magnitude[j], V.Fma(half.Y, work->Magnitude[3 + j],
                half.Z * work->Magnitude[6 + j]));
            var separation = V.Abs(distance) - ((V*)&b->HalfExtents)[j] - reach;
            var isBetter = V.Greater(separation, gap + preference);
            gap = V.Select(isBetter, separation, gap);
            normal = Wide3<V>.Select(isBetter, axis * Sign(distance), normal);
        }

        work->Gap = gap;
        work->Normal = normal;
    }

    [MethodImpl(Stage)]
    private static V AreAligned(ContactWork<V>* work)
    {
        var parallel = V.Splat(Parallel);
        var isAligned = V.Not(V.Zero);
        for (var i = 0; i < 3; i++)
        {
            var largest = V.Max(work->Magnitude[3 * i],
                V.Max(work->Magnitude[(3 * i) + 1], work->Magnitude[(3 * i) + 2]));
            isAligned = V.And(isAligned, V.Greater(largest, parallel));
        }

        return isAligned;
    }

    [MethodImpl(Stage)]
    private static void Edges(WideBody<V>* a, WideBody<V>* b, ContactWork<V>* work, int i, V canCross)
    {
        var i1 = i == 2 ? 0 : i + 1;
        var i2 = i == 0 ? 2 : i - 1;
        V* halfA = (V*)&a->HalfExtents, halfB = (V*)&b->HalfExtents;
        var offset1 = i1 == 0 ? work->OffsetA.X : i1 == 1 ? work->OffsetA.Y : work->OffsetA.Z;
        var offset2 = i2 == 0 ? work->OffsetA.X : i2 == 1 ? work->OffsetA.Y : work->OffsetA.Z;
        for (var j = 0; j < 3; j++)
        {
            var j1 = j == 2 ? 0 : j + 1;
            var j2 = j == 0 ? 2 : j - 1;
            var cosine = work->Cosine[(3 * i) + j];
            var squared = V.Fma(-cosine, cosine, V.Splat(1f));
            var scale = V.Splat(1f) / V.Sqrt(V.Max(squared, V.Splat(ShortestCross)));
            var distance = V.Fma(-offset1, work->Cosine[(3 * i2) + j], offset2 * work->Cosine[(3 * i1) + j]);
            var reach = V.Fma(halfA[i1], work->Magnitude[(3 * i2) + j], V.Fma(halfA[i2], work->Magnitude[(3 * i1) + j],
                V.Fma(halfB[j1], work->Magnitude[(3 * i) + j2], halfB[j2] * work->Magnitude[(3 * i) + j1])));
            var separation = (V.Abs(distance) - reach) * scale;
            var isBetter = V.And(V.And(canCross, V.Greater(squared, V.Splat(ShortestCross))),
                V.Greater(separation, work->Gap + V.Splat(EdgePreference)));
            if (V.Any(isBetter))
            {
                var axis = Wide3<V>.Cross(
                    *Wide3x3<V>.Axis(&a->Axes, i), *Wide3x3<V>.Axis(&b->Axes, j));
                var towardsB = scale * Sign(Wide3<V>.Dot(axis, work->Offset));
                work->Gap = V.Select(isBetter, separation, work->Gap);
                work->Normal = Wide3<V>.Select(isBetter, axis * towardsB, work->Normal);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sign(V a) => V.Select(V.Less(a, V.Zero), V.Splat(-1f), V.Splat(1f));
}
