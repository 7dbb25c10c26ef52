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

        bundle.GroundCount = bundle.LinkCount;

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
            RowStage<V>.Run(bundle, id, null, body, points);
            var contact = bundle.Contact(id);
            contact->Friction = V.Sqrt(bundle.GroundFriction * body->Friction);
            contact->Restitution = V.Max(bundle.GroundRestitution, body->Restitution);
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
                RowStage<V>.Run(bundle, id, bodyA, bodyB, points);
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
    private static bool IsNearGround(Bundle<V> bundle, WideBody<V>* b)
    {
        var speed = V.Abs(b->Motion.Velocity.Y);
        var margin = V.Fma(speed, V.Splat(EngineConstants.Step),
            b->Reach + V.Splat(EngineConstants.ContactMargin));
        var lowest = b->Position.Y - b->Extents.Y - bundle.GroundHeight;
        var work = bundle.Work;
        work->Margin = margin;
        work->IsNear = V.And(V.Less(lowest, margin), V.Greater(b->IsDynamic, V.Zero));
        return V.Any(work->IsNear);
    }

    /// <summary>The corners of the lowest face.</summary>
    [MethodImpl(Stage)]
    private static int GroundPoints(Bundle<V> bundle, WideBody<V>* b)
    {
        var work = bundle.Work;
        var x = b->Axes.X * b->HalfExtents.X;
        var y = b->Axes.Y * b->HalfExtents.Y;
        var z = b->Axes.Z * b->HalfExtents.Z;
        var ax = V.Abs(b->Axes.X.Y);
        var ay = V.Abs(b->Axes.Y.Y);
        var az = V.Abs(b->Axes.Z.Y);
        var isY = V.Greater(ay, V.Max(ax, az));
        var isZ = V.AndNot(V.Greater(az, ax), isY);
        var face = Wide3<V>.Select(isY, y, Wide3<V>.Select(isZ, z, x));
        var u = Wide3<V>.Select(isY, z, Wide3<V>.Select(isZ, x, y));
        var v = Wide3<V>.Select(isY, x, Wide3<V>.Select(isZ, y, z));
        var sign = V.Select(V.Greater(face.Y, V.Zero), V.Splat(-1f), V.Splat(1f));
        var code = V.Fma(sign, V.Splat(0.5f),
            V.Select(isY, V.Splat(2.5f), V.Select(isZ, V.Splat(4.5f), V.Splat(0.5f))));
        var height = b->Position.Y - bundle.GroundHeight;
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
            ref var found = ref work->Found[points++];
            found.Place = new(r.X, V.Fma(separation, V.Splat(-0.5f), r.Y), r.Z);
            found.Separation = separation;
            found.Feature = V.Select(exists, V.Fma(code, V.Splat(4f), V.Splat(k)), V.Splat(-1f));
            found.Exists = exists;
        }

        return points;
    }

    [MethodImpl(Stage)]
    private static bool AreClose(Bundle<V> bundle, WideBody<V>* a, WideBody<V>* b)
    {
        var work = bundle.Work;
        var offset = b->Position - a->Position;
        var velocity = b->Motion.Velocity - a->Motion.Velocity;
        var speed = V.Abs(velocity.X) + V.Abs(velocity.Y) + V.Abs(velocity.Z);
        var margin = V.Fma(speed, V.Splat(EngineConstants.Step),
            a->Reach + b->Reach + V.Splat(EngineConstants.ContactMargin));
        var space = a->Extents + b->Extents;
        var isClose = V.And(V.Less(V.Abs(offset.X), space.X + margin),
            V.And(V.Less(V.Abs(offset.Y), space.Y + margin), V.Less(V.Abs(offset.Z), space.Z + margin)));
        work->Offset = offset;
        work->Margin = margin;
        work->IsNear = V.And(isClose, V.Greater(a->InverseMass + b->InverseMass, V.Zero));
        return V.Any(work->IsNear);
    }
}
