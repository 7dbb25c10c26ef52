namespace PhysIntuition.Simulation.Stages;

/// <summary>Impacts: a share of the approaching speed comes back, and flat faces land flat.</summary>
/// <remarks>
/// <para>Layout: only contacts that may bounce or meet fast; only lanes with an impact change.</para>
/// <para>Stages: 1 find impacts, 2 extra passes, 3 clear the impact's impulses.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>Source: Newton's law of impact on the normal velocity before the contacts acted.</para>
/// </remarks>
internal static unsafe class BounceStage<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;

    /// <summary>Marks the lanes that can bounce or in which the bodies meet fast; false if there are none.</summary>
    /// <remarks>Decided once per step, lane by lane: a lane must not be looked at because its neighbour is.</remarks>
    [MethodImpl(Stage)]
    public static bool Watch(Bundle<V> bundle, in ContactLink link)
    {
        var contact = bundle.Contact(link.Id);
        WideBody<V>* a = link.A < 0 ? null : bundle.Body(link.A), b = bundle.Body(link.B);
        var fastest = V.Zero;
        for (var k = 0; k < link.Points; k++)
        {
            var p = WideContact<V>.Point(contact, k);
            var speed = Along(contact, p, a == null ? null : &a->Motion, &b->Motion);
            fastest = V.Min(V.Select(V.Greater(p->NormalMass, V.Zero), speed, V.Zero), fastest);
        }

        var watched = V.Or(V.Greater(contact->Restitution, V.Zero),
            V.Less(fastest, V.Splat(-0.5f * EngineConstants.BlowThreshold)));
        contact->Watched = watched;
        return V.Any(watched);
    }

    /// <summary>Sets each point's wanted speed; returns the lanes with an impact.</summary>
    public static V Find(Bundle<V> bundle)
    {
        var lanes = V.Zero;
        for (var i = 0; bundle.HasBounces && i < bundle.LinkCount; i++)
        {
            var link = bundle.Links[i];
            if (link.CanBounce)
            {
                lanes = V.Or(lanes, Find(bundle, link));
            }
        }

        return lanes;
    }

    /// <summary>Extra rigid passes in the lanes with an impact: one pass does not level four corners.</summary>
    public static void Level(Bundle<V> bundle, V lanes)
    {
        var bits = V.Bits(lanes);
        if (bits == 0)
        {
            return;
        }

        if (V.Count > 1 && BitOperations.IsPow2(bits))
        {
            OneLane<V>.Run(bundle, BitOperations.TrailingZeroCount(bits), EngineConstants.BouncePasses);
            return;
        }

        Exchange(bundle, V.Zero, save: true);
        for (var pass = 0; pass < EngineConstants.BouncePasses; pass++)
        {
            ContactSolver<V>.Pass(bundle, isSoft: false, isBackward: (pass & 1) == 0);
        }

        Exchange(bundle, lanes, save: false);
    }

    /// <summary>An impact is over after its substep and must not be expected again in the next.</summary>
    public static void Clear(Bundle<V> bundle, V lanes)
    {
        if (!V.Any(lanes))
        {
            return;
        }

        for (var i = 0; i < bundle.BodyCount; i++)
        {
            var o = bundle.Body(i);
            o->FreeMotion = Twist<V>.Select(lanes, o->Motion, o->FreeMotion);
        }

        for (var i = 0; i < bundle.LinkCount; i++)
        {
            for (var k = 0; k < bundle.Links[i].Points; k++)
            {
                var p = bundle.Point(bundle.Links[i], k);
                p->Impulse = RowImpulses<V>.Select(lanes, default, p->Impulse);
                p->Bounce = V.Zero;
            }
        }
    }

    [MethodImpl(Stage)]
    private static V Find(Bundle<V> bundle, in ContactLink link)
    {
        var contact = bundle.Contact(link.Id);
        WideBody<V>* a = link.A < 0 ? null : bundle.Body(link.A), b = bundle.Body(link.B);
        var slowest = V.Select(V.Greater(contact->Restitution, V.Zero),
            V.Splat(-EngineConstants.BounceThreshold), V.Splat(-EngineConstants.BlowThreshold));
        var lanes = V.Zero;
        for (var k = 0; k < link.Points; k++)
        {
            var p = WideContact<V>.Point(contact, k);
            var speed = Along(contact, p, a == null ? null : &a->FreeMotion, &b->FreeMotion);
            var gap = p->Separation + Along(contact, p, a == null ? null : &a->Shift, &b->Shift);
            var hits = V.And(
                V.Less(V.Fma(speed, V.Splat(EngineConstants.Substep), gap), V.Zero), V.Less(speed, slowest));
            hits = V.And(V.And(hits, contact->Watched), V.Greater(p->NormalMass, V.Zero));
            p->Bounce = V.Select(hits, -speed * contact->Restitution, V.Zero);
            lanes = V.Or(lanes, hits);
        }

        return lanes;
    }

    /// <summary>How much further B goes than A along a point's normal row; A is null for the ground.</summary>
    private static V Along(WideContact<V>* contact, WidePoint<V>* p, Twist<V>* a, Twist<V>* b)
    {
        var along = Along(&contact->Normal, &p->Normal.ArmB, b);
        return a == null ? along : along - Along(&contact->Normal, &p->Normal.ArmA, a);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Along(Wide3<V>* direction, Wide3<V>* arm, Twist<V>* twist) =>
        Wide3<V>.Dot(*direction, twist->Velocity, Wide3<V>.Dot(*arm, twist->Spin));

    /// <summary>Saves all motion and impulses, or puts them back in the lanes that are not given.</summary>
    [MethodImpl(Stage)]
    private static void Exchange(Bundle<V> bundle, V lanes, bool save)
    {
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            var o = bundle.Body(i);
            if (save)
            {
                o->Saved = o->Motion;
            }
            else
            {
                o->Motion = Twist<V>.Select(lanes, o->Motion, o->Saved);
            }
        }

        for (var i = 0; i < bundle.LinkCount; i++)
        {
            for (var k = 0; k < bundle.Links[i].Points; k++)
            {
                var p = bundle.Point(bundle.Links[i], k);
                if (save)
                {
                    p->Saved = p->Impulse;
                }
                else
                {
                    p->Impulse = RowImpulses<V>.Select(lanes, p->Impulse, p->Saved);
                }
            }
        }
    }
}
