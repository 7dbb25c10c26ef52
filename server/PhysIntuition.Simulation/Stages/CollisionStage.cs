using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>Finds what may touch in this step and prepares a contact for it.</summary>
/// <remarks>
/// <para>Layout: the list of contacts is the union over the lanes; a lane without one has zero masses in it.</para>
/// <para>Stages: 1 ground, 2 pairs: bounding boxes, <see cref="BoxAxes{V}"/>, <see cref="FaceClip{V}"/>.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>Source: all pairs, because worlds are small and sixteen of them share one test.</para>
/// </remarks>
internal static unsafe class CollisionStage<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;

    public static void Run(Bundle<V> bundle)
    {
        bundle.LinkCount = 0;
        bundle.HasBounces = false;
        for (var slot = 0; slot < bundle.BodyCount; slot++)
        {
            TouchGround(bundle, slot);
        }

        for (var a = 0; a < bundle.BodyCount; a++)
        {
            for (var b = a + 1; b < bundle.BodyCount; b++)
            {
                TouchPair(bundle, a, b);
            }
        }
    }

    private static void TouchGround(Bundle<V> bundle, int slot)
    {
        var body = bundle.Body(slot);
        if (!IsNearGround(bundle, body))
        {
            return;
        }

        var points = GroundPoints(bundle, body);
        if (points > 0)
        {
            var id = Bundle<V>.GroundId(slot);
            ContactRows<V>.Run(bundle, id, null, body, points);
            var contact = bundle.Contact(id);
            contact[ContactField.Friction] = V.Sqrt(bundle.GroundFriction * body[BodyField.Friction]);
            contact[ContactField.Restitution] = V.Max(bundle.GroundRestitution, body[BodyField.Restitution]);
            Add(bundle, id, -1, slot, points);
        }
    }

    private static void TouchPair(Bundle<V> bundle, int a, int b)
    {
        var bodyA = bundle.Body(a);
        var bodyB = bundle.Body(b);
        if (AreClose(bundle, bodyA, bodyB) && BoxAxes<V>.Run(bodyA, bodyB, bundle.Work))
        {
            var points = FaceClip<V>.Run(bodyA, bodyB, bundle.Work);
            if (points > 0)
            {
                var id = Bundle<V>.PairId(a, b);
                ContactRows<V>.Run(bundle, id, bodyA, bodyB, points);
                Add(bundle, id, a, b, points);
            }
        }
    }

    private static void Add(Bundle<V> bundle, int id, int a, int b, int points)
    {
        var link = new ContactLink(id, a, b, points, CanBounce: true);
        var canBounce = BounceStage<V>.Watch(bundle, link);
        bundle.HasBounces |= canBounce;
        bundle.Links[bundle.LinkCount++] = link with { CanBounce = canBounce };
    }

    [MethodImpl(Stage)]
    private static bool IsNearGround(Bundle<V> bundle, V* b)
    {
        var speed = V.Abs(b[BodyField.Velocity + 1]);
        var margin = V.Fma(speed, V.Splat(bundle.Settings.Step),
            b[BodyField.Reach] + V.Splat(bundle.Settings.ContactMargin));
        var lowest = b[BodyField.Position + 1] - b[BodyField.Extents + 1] - bundle.GroundHeight;
        var work = bundle.Work;
        work->Margin = margin;
        work->IsNear = V.And(V.Less(lowest, margin), V.Greater(b[BodyField.IsDynamic], V.Zero));
        return V.Any(work->IsNear);
    }

    /// <summary>The corners of the lowest face.</summary>
    [MethodImpl(Stage)]
    private static int GroundPoints(Bundle<V> bundle, V* b)
    {
        var work = bundle.Work;
        var x = Wide3<V>.Load(b + BodyField.Axes) * b[BodyField.HalfExtents];
        var y = Wide3<V>.Load(b + BodyField.Axes + 3) * b[BodyField.HalfExtents + 1];
        var z = Wide3<V>.Load(b + BodyField.Axes + 6) * b[BodyField.HalfExtents + 2];
        var ax = V.Abs(b[BodyField.Axes + 1]);
        var ay = V.Abs(b[BodyField.Axes + 4]);
        var az = V.Abs(b[BodyField.Axes + 7]);
        var isY = V.Greater(ay, V.Max(ax, az));
        var isZ = V.AndNot(V.Greater(az, ax), isY);
        var face = Wide3<V>.Select(isY, y, Wide3<V>.Select(isZ, z, x));
        var u = Wide3<V>.Select(isY, z, Wide3<V>.Select(isZ, x, y));
        var v = Wide3<V>.Select(isY, x, Wide3<V>.Select(isZ, y, z));
        var sign = V.Select(V.Greater(face.Y, V.Zero), V.Splat(-1f), V.Splat(1f));
        var code = V.Fma(sign, V.Splat(0.5f),
            V.Select(isY, V.Splat(2.5f), V.Select(isZ, V.Splat(4.5f), V.Splat(0.5f))));
        var height = b[BodyField.Position + 1] - bundle.GroundHeight;
        work->Normal = new Wide3<V>(V.Zero, V.Splat(1f), V.Zero);
        var points = 0;
        for (var k = 0; k < 4; k++)
        {
            var r = Wide3<V>.Fma(u, V.Splat((k & 1) != 0 ? 1f : -1f),
                Wide3<V>.Fma(v, V.Splat((k & 2) != 0 ? 1f : -1f), face * sign));
            var separation = height + r.Y;
            var exists = V.And(work->IsNear, V.Less(separation, work->Margin));
            if (!V.Any(exists))
            {
                continue;
            }

            separation = V.Select(exists, separation, V.Zero);
            work->Point[6 * points] = r.X;
            work->Point[(6 * points) + 1] = V.Fma(separation, V.Splat(-0.5f), r.Y);
            work->Point[(6 * points) + 2] = r.Z;
            work->Point[(6 * points) + 3] = separation;
            work->Point[(6 * points) + 4] = V.Select(exists, V.Fma(code, V.Splat(4f), V.Splat(k)), V.Splat(-1f));
            work->Point[(6 * points) + 5] = exists;
            points++;
        }

        return points;
    }

    [MethodImpl(Stage)]
    private static bool AreClose(Bundle<V> bundle, V* a, V* b)
    {
        var work = bundle.Work;
        var offset = Wide3<V>.Load(b + BodyField.Position) - Wide3<V>.Load(a + BodyField.Position);
        var velocity = Wide3<V>.Load(b + BodyField.Velocity) - Wide3<V>.Load(a + BodyField.Velocity);
        var speed = V.Abs(velocity.X) + V.Abs(velocity.Y) + V.Abs(velocity.Z);
        var margin = V.Fma(speed, V.Splat(bundle.Settings.Step),
            a[BodyField.Reach] + b[BodyField.Reach] + V.Splat(bundle.Settings.ContactMargin));
        var space = Wide3<V>.Load(a + BodyField.Extents) + Wide3<V>.Load(b + BodyField.Extents);
        var isClose = V.And(V.Less(V.Abs(offset.X), space.X + margin),
            V.And(V.Less(V.Abs(offset.Y), space.Y + margin), V.Less(V.Abs(offset.Z), space.Z + margin)));
        work->Offset = offset;
        work->Margin = margin;
        work->IsNear = V.And(isClose, V.Greater(a[BodyField.InverseMass] + b[BodyField.InverseMass], V.Zero));
        return V.Any(work->IsNear);
    }
}
