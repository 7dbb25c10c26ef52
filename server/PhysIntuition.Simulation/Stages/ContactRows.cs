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
internal static unsafe class ContactRows<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;

    /// <summary>Prepares one contact; <paramref name="a"/> is null for the ground.</summary>
    public static void Run(Bundle<V> bundle, int id, V* a, V* b, int points)
    {
        var contact = bundle.Contact(id);
        var known = bundle.Stamps[id] == bundle.Stamp - 1 ? bundle.PointCounts[id] : 0;
        Remember(contact, bundle.Work, known);
        Header(contact, bundle.Work, a, b);
        for (var k = 0; k < points; k++)
        {
            var point = contact + ContactField.Header + (k * ContactField.PointCount);
            if (a != null)
            {
                ArmsOfA(contact, point, a, bundle.Work, k);
            }

            ArmsOfB(contact, point, a, b, bundle.Work, k);
            Firm(contact, point, b);
            point[ContactField.Separation] -= V.Splat(bundle.Settings.Skin);
            Recall(contact, point, bundle.Work, k, known);
            WarmStart(contact, point, a, b, V.Not(V.Zero));
        }

        bundle.PointCounts[id] = points;
        bundle.Stamps[id] = bundle.Stamp;
    }

    /// <summary>Impulses as vectors in the world, because the tangents may turn.</summary>
    [MethodImpl(Stage)]
    private static void Remember(V* contact, ContactWork<V>* work, int known)
    {
        var t1 = Wide3<V>.Load(contact + ContactField.Tangent1);
        var t2 = Wide3<V>.Load(contact + ContactField.Tangent2);
        for (var k = 0; k < known; k++)
        {
            var point = contact + ContactField.Header + (k * ContactField.PointCount);
            var friction = Wide3<V>.Fma(
                t1, point[ContactField.TangentImpulse1], t2 * point[ContactField.TangentImpulse2]);
            work->Known[6 * k] = friction.X;
            work->Known[(6 * k) + 1] = friction.Y;
            work->Known[(6 * k) + 2] = friction.Z;
            work->Known[(6 * k) + 3] = point[ContactField.NormalImpulse];
            work->Known[(6 * k) + 4] = point[ContactField.Feature];
        }
    }

    [MethodImpl(Stage)]
    private static void Header(V* contact, ContactWork<V>* work, V* a, V* b)
    {
        // Any smooth choice will do: x is projected on the plane unless the normal is close to x.
        var n = Wide3<V>.Select(work->IsNear, work->Normal, new Wide3<V>(V.Zero, V.Splat(1f), V.Zero));
        var isAlongX = V.Greater(V.Abs(n.X), V.Splat(0.7f));
        var one = V.Splat(1f);
        var other = Wide3<V>.Select(isAlongX,
            new Wide3<V>(V.Zero, V.Zero, one), new Wide3<V>(one, V.Zero, V.Zero));
        var t1 = other - (n * Wide3<V>.Dot(n, other));
        t1 *= one / V.Sqrt(Wide3<V>.Dot(t1, t1));
        Wide3<V>.Store(n, contact + ContactField.Normal);
        Wide3<V>.Store(t1, contact + ContactField.Tangent1);
        Wide3<V>.Store(Wide3<V>.Cross(t1, n), contact + ContactField.Tangent2);
        if (a != null)
        {
            contact[ContactField.Friction] = V.Sqrt(a[BodyField.Friction] * b[BodyField.Friction]);
            contact[ContactField.Restitution] = V.Max(a[BodyField.Restitution], b[BodyField.Restitution]);
        }
    }

    [MethodImpl(Stage)]
    private static void ArmsOfA(V* contact, V* point, V* a, ContactWork<V>* work, int k)
    {
        var r = new Wide3<V>(work->Point[6 * k], work->Point[(6 * k) + 1], work->Point[(6 * k) + 2]);
        Arms(contact, r, a, point + ContactField.NormalArmA, point + ContactField.TangentArmsA);
    }

    [MethodImpl(Stage)]
    private static void ArmsOfB(V* contact, V* point, V* a, V* b, ContactWork<V>* work, int k)
    {
        var r = new Wide3<V>(work->Point[6 * k], work->Point[(6 * k) + 1], work->Point[(6 * k) + 2]);
        if (a != null)
        {
            r -= work->Offset;
        }

        point[ContactField.PlaceX] = b[BodyField.Position] + r.X;
        point[ContactField.PlaceZ] = b[BodyField.Position + 2] + r.Z;
        Arms(contact, r, b, point + ContactField.NormalArmB, point + ContactField.TangentArmsB);
        Masses(point, a, b, work->Point[(6 * k) + 5]);
        point[ContactField.Separation] = work->Point[(6 * k) + 3];
        point[ContactField.Feature] = work->Point[(6 * k) + 4];
        point[ContactField.Bounce] = V.Zero;
    }

    /// <summary>Of all three rows, so that the body's frame is read once.</summary>
    [MethodImpl(Stage)]
    private static void Arms(V* contact, Wide3<V> r, V* body, V* normal, V* tangents)
    {
        var x = Wide3<V>.Load(body + BodyField.Frame);
        var y = Wide3<V>.Load(body + BodyField.Frame + 3);
        var z = Wide3<V>.Load(body + BodyField.Frame + 6);
        var moment = Wide3<V>.Cross(r, Wide3<V>.Load(contact + ContactField.Normal));
        Wide3<V>.Store(new(Wide3<V>.Dot(x, moment), Wide3<V>.Dot(y, moment), Wide3<V>.Dot(z, moment)), normal);
        moment = Wide3<V>.Cross(r, Wide3<V>.Load(contact + ContactField.Tangent1));
        Wide3<V>.Store(new(Wide3<V>.Dot(x, moment), Wide3<V>.Dot(y, moment), Wide3<V>.Dot(z, moment)), tangents);
        moment = Wide3<V>.Cross(r, Wide3<V>.Load(contact + ContactField.Tangent2));
        Wide3<V>.Store(new(Wide3<V>.Dot(x, moment), Wide3<V>.Dot(y, moment), Wide3<V>.Dot(z, moment)), tangents + 3);
    }

    /// <summary>Mass of the normal row if A could not move, for contacts that carry B.</summary>
    [MethodImpl(Stage)]
    private static void Firm(V* contact, V* point, V* b)
    {
        var arm = Wide3<V>.Load(point + ContactField.NormalArmB);
        var carries = V.And(V.Greater(contact[ContactField.Normal + 1], V.Splat(0.5f)),
            V.And(V.Greater(point[ContactField.NormalMass], V.Zero), V.Greater(b[BodyField.InverseMass], V.Zero)));
        var mass = V.Splat(1f) / (V.Splat(1f) + Wide3<V>.Dot(arm, arm));
        point[ContactField.FirmMass] = V.Select(carries, mass, V.Zero);
    }

    /// <summary>What the normal row and the friction rows weigh.</summary>
    [MethodImpl(Stage)]
    private static void Masses(V* point, V* a, V* b, V exists)
    {
        var one = V.Splat(1f);
        var wB = b[BodyField.InverseMass];
        var normal = Wide3<V>.Load(point + ContactField.NormalArmB);
        var t1 = Wide3<V>.Load(point + ContactField.TangentArmsB);
        var t2 = Wide3<V>.Load(point + ContactField.TangentArmsB + 3);
        var k00 = wB * (one + Wide3<V>.Dot(normal, normal));
        var k11 = wB * (one + Wide3<V>.Dot(t1, t1));
        var k22 = wB * (one + Wide3<V>.Dot(t2, t2));
        var k12 = wB * Wide3<V>.Dot(t1, t2);
        if (a != null)
        {
            var wA = a[BodyField.InverseMass];
            normal = Wide3<V>.Load(point + ContactField.NormalArmA);
            t1 = Wide3<V>.Load(point + ContactField.TangentArmsA);
            t2 = Wide3<V>.Load(point + ContactField.TangentArmsA + 3);
            k00 = V.Fma(wA, one + Wide3<V>.Dot(normal, normal), k00);
            k11 = V.Fma(wA, one + Wide3<V>.Dot(t1, t1), k11);
            k22 = V.Fma(wA, one + Wide3<V>.Dot(t2, t2), k22);
            k12 = V.Fma(wA, Wide3<V>.Dot(t1, t2), k12);
        }

        // 1 / the larger eigenvalue: the largest mass that never overshoots, whichever way the point slips.
        var mean = V.Splat(0.5f) * (k11 + k22);
        var apart = V.Splat(0.5f) * (k11 - k22);
        var largest = mean + V.Sqrt(V.Fma(apart, apart, k12 * k12));
        point[ContactField.NormalMass] = V.Select(exists, one / k00, V.Zero);
        point[ContactField.TangentMass] = V.Select(exists, one / largest, V.Zero);
    }

    [MethodImpl(Stage)]
    private static void Recall(V* contact, V* point, ContactWork<V>* work, int k, int known)
    {
        var feature = work->Point[(6 * k) + 4];
        var friction = new Wide3<V>(V.Zero, V.Zero, V.Zero);
        var normal = V.Zero;
        for (var j = 0; j < known; j++)
        {
            var isSame = V.Less(V.Abs(feature - work->Known[(6 * j) + 4]), V.Splat(0.5f));
            normal = V.Select(isSame, work->Known[(6 * j) + 3], normal);
            friction = Wide3<V>.Select(isSame,
                new Wide3<V>(work->Known[6 * j], work->Known[(6 * j) + 1], work->Known[(6 * j) + 2]), friction);
        }

        var exists = work->Point[(6 * k) + 5];
        point[ContactField.NormalImpulse] = V.Select(exists, normal, V.Zero);
        var f1 = Wide3<V>.Dot(friction, Wide3<V>.Load(contact + ContactField.Tangent1));
        var f2 = Wide3<V>.Dot(friction, Wide3<V>.Load(contact + ContactField.Tangent2));
        var counts = V.Greater(V.Max(V.Abs(f1), V.Abs(f2)), V.Splat(1e-12f));
        point[ContactField.TangentImpulse1] = V.Select(V.And(exists, counts), f1, V.Zero);
        point[ContactField.TangentImpulse2] = V.Select(V.And(exists, counts), f2, V.Zero);
    }

    /// <summary>Takes the impulse's effect off the free velocity; the first substep then adds the difference.</summary>
    [MethodImpl(Stage)]
    public static void WarmStart(V* contact, V* point, V* a, V* b, V lanes)
    {
        var n = V.Select(lanes, point[ContactField.NormalImpulse], V.Zero);
        var f1 = V.Select(lanes, point[ContactField.TangentImpulse1], V.Zero);
        var f2 = V.Select(lanes, point[ContactField.TangentImpulse2], V.Zero);
        var impulse = Wide3<V>.Fma(Wide3<V>.Load(contact + ContactField.Normal), n,
            Wide3<V>.Fma(Wide3<V>.Load(contact + ContactField.Tangent1), f1,
                Wide3<V>.Load(contact + ContactField.Tangent2) * f2));
        var w = -b[BodyField.InverseMass];
        for (var k = 0; k < 3; k++)
        {
            var spin = V.Fma(point[ContactField.NormalArmB + k], n,
                V.Fma(point[ContactField.TangentArmsB + k], f1, point[ContactField.TangentArmsB + 3 + k] * f2));
            b[BodyField.FreeSpin + k] = V.Fma(spin, w, b[BodyField.FreeSpin + k]);
        }

        Wide3<V>.Store(Wide3<V>.Fma(impulse, w, Wide3<V>.Load(b + BodyField.FreeVelocity)), b + BodyField.FreeVelocity);
        if (a == null)
        {
            return;
        }

        w = a[BodyField.InverseMass];
        for (var k = 0; k < 3; k++)
        {
            var spin = V.Fma(point[ContactField.NormalArmA + k], n,
                V.Fma(point[ContactField.TangentArmsA + k], f1, point[ContactField.TangentArmsA + 3 + k] * f2));
            a[BodyField.FreeSpin + k] = V.Fma(spin, w, a[BodyField.FreeSpin + k]);
        }

        Wide3<V>.Store(Wide3<V>.Fma(impulse, w, Wide3<V>.Load(a + BodyField.FreeVelocity)), a + BodyField.FreeVelocity);
    }
}
