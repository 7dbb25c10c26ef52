using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

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
            if (a != null)
            {
                ArmsOfA(contact, point, a, bundle.Work, k);
            }

            ArmsOfB(contact, point, a, b, bundle.Work, k);
            Firm(contact, point, b);
            point->Separation -= V.Splat(EngineConstants.Skin);
            Recall(contact, point, bundle.Work, k, known);
            WarmStart(contact, point, a, b, V.Not(V.Zero));
        }

        bundle.PointCounts[id] = points;
        bundle.Stamps[id] = bundle.Stamp;
    }

    /// <summary>Takes the impulse's effect off the free motion; the first substep then adds the difference.</summary>
    [MethodImpl(Stage)]
    public static void WarmStart(WideContact<V>* contact, WidePoint<V>* p, WideBody<V>* a, WideBody<V>* b, V lanes)
    {
        var n = V.Select(lanes, p->Impulse.Normal, V.Zero);
        var f1 = V.Select(lanes, p->Impulse.Tangent1, V.Zero);
        var f2 = V.Select(lanes, p->Impulse.Tangent2, V.Zero);
        var impulse = Wide3<V>.Fma(
            contact->Normal, n, Wide3<V>.Fma(contact->Tangent1, f1, contact->Tangent2 * f2));
        var turn = Wide3<V>.Fma(
            p->Normal.ArmB, n, Wide3<V>.Fma(p->Tangent1.ArmB, f1, p->Tangent2.ArmB * f2));
        Add(&b->FreeMotion, impulse, turn, -b->InverseMass);
        if (a != null)
        {
            turn = Wide3<V>.Fma(p->Normal.ArmA, n, Wide3<V>.Fma(p->Tangent1.ArmA, f1, p->Tangent2.ArmA * f2));
            Add(&a->FreeMotion, impulse, turn, a->InverseMass);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Twist<V>* motion, Wide3<V> impulse, Wide3<V> turn, V w)
    {
        motion->Velocity = Wide3<V>.Fma(impulse, w, motion->Velocity);
        motion->Spin = Wide3<V>.Fma(turn, w, motion->Spin);
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

    [MethodImpl(Stage)]
    private static void ArmsOfA(
        WideContact<V>* contact, WidePoint<V>* p, WideBody<V>* a, ContactWork<V>* work, int k)
    {
        var r = work->Found[k].Place;
        p->Normal.ArmA = Arm(a, r, contact->Normal);
        p->Tangent1.ArmA = Arm(a, r, contact->Tangent1);
        p->Tangent2.ArmA = Arm(a, r, contact->Tangent2);
    }

    [MethodImpl(Stage)]
    private static void ArmsOfB(
        WideContact<V>* contact, WidePoint<V>* p, WideBody<V>* a, WideBody<V>* b, ContactWork<V>* work, int k)
    {
        ref var found = ref work->Found[k];
        var r = a != null ? found.Place - work->Offset : found.Place;
        p->X = b->Position.X + r.X;
        p->Z = b->Position.Z + r.Z;
        p->Normal.ArmB = Arm(b, r, contact->Normal);
        p->Tangent1.ArmB = Arm(b, r, contact->Tangent1);
        p->Tangent2.ArmB = Arm(b, r, contact->Tangent2);
        Masses(p, a, b, found.Exists);
        p->Separation = found.Separation;
        p->Feature = found.Feature;
        p->Bounce = V.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide3<V> Arm(WideBody<V>* body, Wide3<V> r, Wide3<V> direction) =>
        Wide3x3<V>.Along(&body->Frame, Wide3<V>.Cross(r, direction));

    /// <summary>Mass of the normal row if A could not move, for contacts that carry B.</summary>
    [MethodImpl(Stage)]
    private static void Firm(WideContact<V>* contact, WidePoint<V>* p, WideBody<V>* b)
    {
        var arm = p->Normal.ArmB;
        var carries = V.And(V.Greater(contact->Normal.Y, V.Splat(0.5f)),
            V.And(V.Greater(p->NormalMass, V.Zero), V.Greater(b->InverseMass, V.Zero)));
        var mass = V.Splat(1f) / (V.Splat(1f) + Wide3<V>.Dot(arm, arm));
        p->FirmMass = V.Select(carries, mass, V.Zero);
    }

    /// <summary>What the normal row and the friction rows weigh.</summary>
    [MethodImpl(Stage)]
    private static void Masses(WidePoint<V>* p, WideBody<V>* a, WideBody<V>* b, V exists)
    {
        var one = V.Splat(1f);
        var wB = b->InverseMass;
        var k00 = wB * (one + Wide3<V>.Dot(p->Normal.ArmB, p->Normal.ArmB));
        var k11 = wB * (one + Wide3<V>.Dot(p->Tangent1.ArmB, p->Tangent1.ArmB));
        var k22 = wB * (one + Wide3<V>.Dot(p->Tangent2.ArmB, p->Tangent2.ArmB));
        var k12 = wB * Wide3<V>.Dot(p->Tangent1.ArmB, p->Tangent2.ArmB);
        if (a != null)
        {
            var wA = a->InverseMass;
            k00 = V.Fma(wA, one + Wide3<V>.Dot(p->Normal.ArmA, p->Normal.ArmA), k00);
            k11 = V.Fma(wA, one + Wide3<V>.Dot(p->Tangent1.ArmA, p->Tangent1.ArmA), k11);
            k22 = V.Fma(wA, one + Wide3<V>.Dot(p->Tangent2.ArmA, p->Tangent2.ArmA), k22);
            k12 = V.Fma(wA, Wide3<V>.Dot(p->Tangent1.ArmA, p->Tangent2.ArmA), k12);
        }

        // 1 / the larger eigenvalue: the largest mass that never overshoots, whichever way the point slips.
        var mean = V.Splat(0.5f) * (k11 + k22);
        var apart = V.Splat(0.5f) * (k11 - k22);
        var largest = mean + V.Sqrt(V.Fma(apart, apart, k12 * k12));
        p->NormalMass = V.Select(exists, one / k00, V.Zero);
        p->TangentMass = V.Select(exists, one / largest, V.Zero);
    }

    [MethodImpl(Stage)]
    private static void Recall(WideContact<V>* contact, WidePoint<V>* p, ContactWork<V>* work, int k, int known)
    {
        ref var found = ref work->Found[k];
        var (friction, normal) = (Wide3<V>.Zero, V.Zero);
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
