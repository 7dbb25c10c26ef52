namespace PhysIntuition.Simulation.Stages;

/// <summary>Turns contact points into the solver's rows and carries impulses over from the step before.</summary>
/// <remarks>
/// <para>Layout: one contact in all lanes; points come from <see cref="ContactWork{V}"/>, rows go to its record.</para>
/// <para>Stages: 1 remember impulses, 2 tangents, 3 per point its rows, its impulse, its warm start.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>
/// Source: sequential impulses. Row mass = 1 / (wA (1 + |armA|²) + wB (1 + |armB|²)) with inverse masses w, since
/// arms are scaled by the radii of gyration.
/// </para>
/// </remarks>
internal static unsafe class RowStage<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;

    /// <summary>Prepares one contact; <paramref name="a"/> is null for the ground.</summary>
    public static void Run(Bundle<V> bundle, int id, WideBody<V>* a, WideBody<V>* b, int points)
    {
        var contact = bundle.Contact(id);
        var known = bundle.Stamps[id] == bundle.Stamp - 1 ? bundle.PointCounts[id] : 0;
        Remember(contact, bundle.Work, known);
        Header(contact, bundle.Work, a, b);
        for (var k = 0; k < points; k++)
        {
            var point = WideContact<V>.Point(contact, k);
            Rows(contact, point, a, b, bundle.Work, k);
            Recall(contact, point, bundle.Work, k, known);
        }

        WarmStart(contact, WideContact<V>.Point(contact, 0), points, a, b, V.Not(V.Zero));
        bundle.PointCounts[id] = points;
        bundle.Stamps[id] = bundle.Stamp;
    }

    /// <summary>Takes the impulses' effect off the free motion; the first substep then adds the difference.</summary>
    [MethodImpl(Stage)]
    public static void WarmStart(
        WideContact<V>* contact, WidePoint<V>* first, int points, WideBody<V>* a, WideBody<V>* b, V lanes)
    {
        Wide3<V> vA = default, sA = default, vB = b->FreeMotion.Velocity, sB = b->FreeMotion.Spin;
        if (a != null)
        {
            vA = a->FreeMotion.Velocity;
            sA = a->FreeMotion.Spin;
        }

        for (var p = first; p < first + points; p++)
        {
            var n = V.Select(lanes, p->Impulse.Normal, V.Zero);
            var f1 = V.Select(lanes, p->Impulse.Tangent1, V.Zero);
            var f2 = V.Select(lanes, p->Impulse.Tangent2, V.Zero);
            var impulse = Sum(&contact->Normal, n, &contact->Tangent1, f1, &contact->Tangent2, f2);
            Add(ref vB, ref sB, impulse,
                Sum(&p->Normal.ArmB, n, &p->Tangent1.ArmB, f1, &p->Tangent2.ArmB, f2), -b->InverseMass);
            if (a != null)
            {
                Add(ref vA, ref sA, impulse,
                    Sum(&p->Normal.ArmA, n, &p->Tangent1.ArmA, f1, &p->Tangent2.ArmA, f2), a->InverseMass);
            }
        }

        b->FreeMotion.Velocity = vB;
        b->FreeMotion.Spin = sB;
        if (a != null)
        {
            a->FreeMotion.Velocity = vA;
            a->FreeMotion.Spin = sA;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide3<V> Sum(Wide3<V>* x, V j, Wide3<V>* y, V k, Wide3<V>* z, V l)
    {
        var sum = *z * l;
        Wide3<V>.Add(ref sum, y, k);
        Wide3<V>.Add(ref sum, x, j);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Wide3<V> velocity, ref Wide3<V> spin, Wide3<V> impulse, Wide3<V> turn, V w)
    {
        velocity = Wide3<V>.Fma(impulse, w, velocity);
        spin = Wide3<V>.Fma(turn, w, spin);
    }

    /// <summary>Impulses as vectors in the world, because the tangents may turn.</summary>
    [MethodImpl(Stage)]
    private static void Remember(WideContact<V>* contact, ContactWork<V>* work, int known)
    {
        for (var k = 0; k < known; k++)
        {
            var p = WideContact<V>.Point(contact, k);
            ref var to = ref work->Known[k];
            to.Friction = Wide3<V>.Fma(
                contact->Tangent1, p->Impulse.Tangent1, contact->Tangent2 * p->Impulse.Tangent2);
            to.Normal = p->Impulse.Normal;
            to.Feature = p->Feature;
        }
    }

    [MethodImpl(Stage)]
    private static void Header(WideContact<V>* contact, ContactWork<V>* work, WideBody<V>* a, WideBody<V>* b)
    {
        // Any smooth choice will do: x is projected on the plane unless the normal is close to x.
        var n = Wide3<V>.Select(work->IsNear, work->Normal, new Wide3<V>(V.Zero, V.Splat(1f), V.Zero));
        var isAlongX = V.Greater(V.Abs(n.X), V.Splat(0.7f));
        var one = V.Splat(1f);
        var other = Wide3<V>.Select(isAlongX,
            new Wide3<V>(V.Zero, V.Zero, one), new Wide3<V>(one, V.Zero, V.Zero));
        var t1 = other - (n * Wide3<V>.Dot(n, other));
        t1 *= one / V.Sqrt(Wide3<V>.Dot(t1, t1));
        contact->Normal = n;
        contact->Tangent1 = t1;
        contact->Tangent2 = Wide3<V>.Cross(t1, n);
        if (a != null)
        {
            contact->Friction = V.Sqrt(a->Friction * b->Friction);
            contact->Restitution = V.Max(a->Restitution, b->Restitution);
        }
    }

    /// <summary>The three rows of a point and what they weigh.</summary>
    [MethodImpl(Stage)]
    private static void Rows(
        WideContact<V>* contact, WidePoint<V>* p, WideBody<V>* a, WideBody<V>* b, ContactWork<V>* work, int k)
    {
        ref var found = ref work->Found[k];
        var rA = found.Place;
        var rB = a != null ? rA - work->Offset : rA;
        p->X = b->Position.X + rB.X;
        p->Z = b->Position.Z + rB.Z;
        p->Separation = found.Separation - V.Splat(EngineConstants.Skin);
        p->Feature = found.Feature;
        p->Bounce = V.Zero;
        var k00 = Row(&p->Normal, &contact->Normal, a, b, rA, rB, out var own);
        var k11 = Row(&p->Tangent1, &contact->Tangent1, a, b, rA, rB, out _);
        var k22 = Row(&p->Tangent2, &contact->Tangent2, a, b, rA, rB, out _);
        var k12 = b->InverseMass * Wide3<V>.Dot(&p->Tangent1.ArmB, p->Tangent2.ArmB);
        if (a != null)
        {
            k12 = V.Fma(a->InverseMass, Wide3<V>.Dot(&p->Tangent1.ArmA, p->Tangent2.ArmA), k12);
        }

        // 1 / the larger eigenvalue: the largest mass that never overshoots, whichever way the point slips.
        var one = V.Splat(1f);
        var mean = V.Splat(0.5f) * (k11 + k22);
        var apart = V.Splat(0.5f) * (k11 - k22);
        var largest = mean + V.Sqrt(V.Fma(apart, apart, k12 * k12));
        var mass = V.Select(found.Exists, one / k00, V.Zero);
        p->NormalMass = mass;
        p->TangentMass = V.Select(found.Exists, one / largest, V.Zero);

        // If A could not move, for contacts that carry B.
        var carries = V.And(V.Greater(contact->Normal.Y, V.Splat(0.5f)),
            V.And(V.Greater(mass, V.Zero), V.Greater(b->InverseMass, V.Zero)));
        p->FirmMass = V.Select(carries, one / own, V.Zero);
    }

    /// <summary>One row's arms; returns 1 / its mass, and that of B alone per its inverse mass.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Row(
        ContactRow<V>* row, Wide3<V>* direction, WideBody<V>* a, WideBody<V>* b, Wide3<V> rA, Wide3<V> rB, out V own)
    {
        var arm = Arm(b, rB, direction);
        row->ArmB = arm;
        own = V.Splat(1f) + Wide3<V>.Dot(arm, arm);
        var sum = b->InverseMass * own;
        if (a != null)
        {
            arm = Arm(a, rA, direction);
            row->ArmA = arm;
            sum = V.Fma(a->InverseMass, V.Splat(1f) + Wide3<V>.Dot(arm, arm), sum);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide3<V> Arm(WideBody<V>* body, Wide3<V> r, Wide3<V>* direction)
    {
        var turn = Wide3<V>.Cross(r, *direction);
        return new(
            Wide3<V>.Dot(&body->Frame.X, turn), Wide3<V>.Dot(&body->Frame.Y, turn),
            Wide3<V>.Dot(&body->Frame.Z, turn));
    }

    [MethodImpl(Stage)]
    private static void Recall(WideContact<V>* contact, WidePoint<V>* p, ContactWork<V>* work, int k, int known)
    {
        ref var found = ref work->Found[k];
        var (friction, normal) = (Wide3<V>.Zero, V.Zero);

        // A lane has a feature once. If all have theirs where they had it, there is nothing to look for.
        if (k < known && !V.Any(V.And(found.Exists,
            V.Greater(V.Abs(found.Feature - work->Known[k].Feature), V.Splat(0.5f)))))
        {
            (friction, normal) = (work->Known[k].Friction, work->Known[k].Normal);
            known = 0;
        }

        for (var j = 0; j < known; j++)
        {
            ref var before = ref work->Known[j];
            var isSame = V.Less(V.Abs(found.Feature - before.Feature), V.Splat(0.5f));
            normal = V.Select(isSame, before.Normal, normal);
            friction = Wide3<V>.Select(isSame, before.Friction, friction);
        }

        p->Impulse.Normal = V.Select(found.Exists, normal, V.Zero);
        var f1 = Wide3<V>.Dot(friction, contact->Tangent1);
        var f2 = Wide3<V>.Dot(friction, contact->Tangent2);
        var counts = V.Greater(V.Max(V.Abs(f1), V.Abs(f2)), V.Splat(1e-12f));
        p->Impulse.Tangent1 = V.Select(V.And(found.Exists, counts), f1, V.Zero);
        p->Impulse.Tangent2 = V.Select(V.And(found.Exists, counts), f2, V.Zero);
    }
}
