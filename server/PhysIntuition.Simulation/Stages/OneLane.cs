namespace PhysIntuition.Simulation.Stages;

/// <summary>Extra rigid passes over the world of one lane: its own contacts alone, at a lane each.</summary>
/// <remarks>
/// <para>Layout: what a rigid pass reads goes from the lane to a one-lane bundle, what it wrote comes back.</para>
/// <para>Stages: 1 copy, 2 passes, 3 copy back.</para>
/// <para>Reference: the same passes over all lanes.</para>
/// <para>Source: the one-lane instance has the bits of every lane; points that the lane lacks add exact zeros.</para>
/// </remarks>
internal static unsafe class OneLane<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;

    public static void Run(Bundle<V> bundle, int lane, int passes)
    {
        var one = bundle.OneLane;
        CopyBodies(bundle, one, lane);
        CopyContacts(bundle, one, lane);
        for (var pass = 0; pass < passes; pass++)
        {
            ContactSolver<Lane1>.Pass(one, isSoft: false, isBackward: (pass & 1) == 0);
        }

        CopyBack(bundle, one, lane);
    }

    [MethodImpl(Stage)]
    private static void CopyBodies(Bundle<V> bundle, Bundle<Lane1> one, int lane)
    {
        one.BodyCount = bundle.BodyCount;
        for (var slot = 0; slot < bundle.BodyCount; slot++)
        {
            var body = bundle.Body(slot);
            Copy((V*)body, (Lane1*)one.Body(slot), (V*)&body->Shift, lane);
        }
    }

    [MethodImpl(Stage)]
    private static void CopyContacts(Bundle<V> bundle, Bundle<Lane1> one, int lane)
    {
        one.LinkCount = 0;
        for (var i = 0; i < bundle.LinkCount; i++)
        {
            var link = bundle.Links[i];
            var contact = bundle.Contact(link.Id);
            var to = one.Contact(link.Id);
            var points = 0;
            for (var k = 0; k < link.Points; k++)
            {
                var p = WideContact<V>.Point(contact, k);
                if (Exists(p, lane))
                {
                    Copy((V*)p, (Lane1*)WideContact<Lane1>.Point(to, points++), (V*)&p->Feature, lane);
                }
            }

            if (points > 0)
            {
                Copy((V*)contact, (Lane1*)to, (V*)&contact->Restitution, lane);
                one.Links[one.LinkCount++] = link with { Points = points };
            }
        }
    }

    [MethodImpl(Stage)]
    private static void CopyBack(Bundle<V> bundle, Bundle<Lane1> one, int lane)
    {
        for (var slot = 0; slot < bundle.BodyCount; slot++)
        {
            CopyBack((Lane1*)&one.Body(slot)->Motion, (V*)&bundle.Body(slot)->Motion, Twist<V>.Count, lane);
        }

        for (int i = 0, j = 0; j < one.LinkCount; i++)
        {
            var link = bundle.Links[i];
            if (link.Id != one.Links[j].Id)
            {
                continue;
            }

            var from = one.Contact(link.Id);
            for (int k = 0, n = 0; n < one.Links[j].Points; k++)
            {
                var p = bundle.Point(link, k);
                if (Exists(p, lane))
                {
                    CopyBack((Lane1*)&WideContact<Lane1>.Point(from, n++)->Impulse, (V*)&p->Impulse, 3, lane);
                }
            }

            j++;
        }
    }

    private static bool Exists(WidePoint<V>* p, int lane) => ((float*)&p->NormalMass)[lane] > 0f;

    /// <summary>One lane of the packets up to an end.</summary>
    private static void Copy(V* from, Lane1* to, V* end, int lane)
    {
        for (; from < end; from++, to++)
        {
            *(float*)to = ((float*)from)[lane];
        }
    }

    private static void CopyBack(Lane1* from, V* to, int count, int lane)
    {
        for (var i = 0; i < count; i++)
        {
            ((float*)(to + i))[lane] = *(float*)(from + i);
        }
    }
}
