namespace PhysIntuition.Simulation.Stages;

/// <summary>Guesses the normal impulses of a structure at rest: each body hands its load down.</summary>
/// <remarks>
/// <para>Layout: bodies from the highest slot down; a body's supports are the contacts in which it is B.</para>
/// <para>Stages: per body 1 sum its load and where it acts, 2 share it among the points, 3 pass it on.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>
/// Source: statics. Shares s start equal and are multiplied by 1 + g·(x - mean), g = C⁻¹ (target - mean), with mean
/// and covariance C weighted by s: that moves their centre to where the load acts and keeps them positive. For a single
/// column it is the exact solution whenever there is one.
/// </para>
/// </remarks>
internal static unsafe class LoadPath<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;
    private const int Rounds = 10;
    private const float MinFactor = 0.2f;     // of a share in one round; keeps it positive
    private const float MaxShare = 1e30f;     // where xx is all rounding, factors of 1e11 a round would overflow
    private const float MinUpright = 0.5f;    // contacts steeper than 60 degrees carry no weight here

    public static void Run(Bundle<V> bundle, V lanes)
    {
        for (var slot = 0; slot < bundle.BodyCount; slot++)
        {
            ComputeLoad(bundle, bundle.Body(slot));
        }

        for (var slot = bundle.BodyCount - 1; slot >= 0; slot--)
        {
            if (Begin(bundle, slot, lanes))
            {
                for (var round = 0; round < Rounds; round++)
                {
                    Share(bundle, slot);
                }

                PassOn(bundle, slot, lanes);
            }
        }
    }

    [MethodImpl(Stage)]
    private static void ComputeLoad(Bundle<V> bundle, WideBody<V>* o)
    {
        var isDynamic = V.Greater(o->InverseMass, V.Zero);
        var weight = V.Select(isDynamic,
            -o->Push.Velocity.Y * V.Splat(EngineConstants.Substep) / o->InverseMass, V.Zero);
        o->Load = weight;
        o->LoadX = weight * o->Position.X;
        o->LoadZ = weight * o->Position.Z;
    }

    /// <summary>Equal shares for all points that touch; false if the body has no support in these lanes.</summary>
    [MethodImpl(Stage)]
    private static bool Begin(Bundle<V> bundle, int slot, V lanes)
    {
        var any = V.Zero;
        for (var i = 0; i < bundle.LinkCount; i++)
        {
            var link = bundle.Links[i];
            if (link.B != slot)
            {
                continue;
            }

            var isUpright = V.And(lanes,
                V.Greater(bundle.Contact(link.Id)->Normal.Y, V.Splat(MinUpright)));
            for (var k = 0; k < link.Points; k++)
            {
                var p = bundle.Point(link, k);
                var carries = V.And(isUpright, V.And(V.Greater(p->NormalMass, V.Zero),
                    V.Not(V.Greater(p->Separation, V.Zero))));
                p->Impulse.Normal = V.Select(carries, V.Splat(1f),
                    V.Select(lanes, V.Zero, p->Impulse.Normal));
                any = V.Or(any, carries);
            }
        }

        return V.Any(any);
    }

    /// <summary>One round: moves the centre of the shares towards the load.</summary>
    private static void Share(Bundle<V> bundle, int slot)
    {
        var o = bundle.Body(slot);
        var weight = V.Max(o->Load, V.Splat(1e-30f));
        var targetX = o->LoadX / weight;
        var targetZ = o->LoadZ / weight;
        Moments<V> m = default;
        for (var i = 0; i < bundle.LinkCount; i++)
        {
            if (bundle.Links[i].B == slot)
            {
                AddMoments(bundle, bundle.Links[i], targetX, targetZ, ref m);
            }
        }

        var scale = V.Splat(1f) / V.Max(m.Sum, V.Splat(1e-30f));
        var x = m.X * scale;
        var z = m.Z * scale;
        var ridge = V.Splat(1e-9f);
        var xx = V.Fma(m.XX, scale, ridge - (x * x));
        var zz = V.Fma(m.ZZ, scale, ridge - (z * z));
        var xz = V.Fma(m.XZ, scale, -(x * z));
        var inverse = V.Splat(1f) / V.Max(V.Fma(xx, zz, -(xz * xz)), V.Splat(1e-20f));
        var gx = V.Fma(xz, z, -(zz * x)) * inverse;
        var gz = V.Fma(xz, x, -(xx * z)) * inverse;
        for (var i = 0; i < bundle.LinkCount; i++)
        {
            if (bundle.Links[i].B == slot)
            {
                Tilt(bundle, bundle.Links[i], targetX + x, targetZ + z, gx, gz);
            }
        }
    }

    [MethodImpl(Stage)]
    private static void AddMoments(Bundle<V> bundle, in ContactLink link, V targetX, V targetZ, ref Moments<V> m)
    {
        for (var k = 0; k < link.Points; k++)
        {
            var p = bundle.Point(link, k);
            var share = p->Impulse.Normal;
            var x = p->X - targetX;
            var z = p->Z - targetZ;
            m.Sum += share;
            m.X = V.Fma(share, x, m.X);
            m.Z = V.Fma(share, z, m.Z);
            m.XX = V.Fma(share * x, x, m.XX);
            m.XZ = V.Fma(share * x, z, m.XZ);
            m.ZZ = V.Fma(share * z, z, m.ZZ);
        }
    }

    [MethodImpl(Stage)]
    private static void Tilt(Bundle<V> bundle, in ContactLink link, V meanX, V meanZ, V gx, V gz)
    {
        for (var k = 0; k < link.Points; k++)
        {
            var p = bundle.Point(link, k);
            var factor = V.Fma(gx, p->X - meanX,
                V.Fma(gz, p->Z - meanZ, V.Splat(1f)));
            var share = p->Impulse.Normal * V.Max(factor, V.Splat(MinFactor));
            p->Impulse.Normal = V.Min(share, V.Splat(MaxShare));
        }
    }

    /// <summary>Shares become impulses; the bodies below carry them.</summary>
    [MethodImpl(Stage)]
    private static void PassOn(Bundle<V> bundle, int slot, V lanes)
    {
        var sum = V.Zero;
        for (var i = 0; i < bundle.LinkCount; i++)
        {
            for (var k = 0; bundle.Links[i].B == slot && k < bundle.Links[i].Points; k++)
            {
                sum += bundle.Point(bundle.Links[i], k)->Impulse.Normal;
            }
        }

        var scale = bundle.Body(slot)->Load / V.Max(sum, V.Splat(1e-30f));
        for (var i = 0; i < bundle.LinkCount; i++)
        {
            var link = bundle.Links[i];
            if (link.B != slot)
            {
                continue;
            }

            var a = link.A < 0 ? null : bundle.Body(link.A);
            for (var k = 0; k < link.Points; k++)
            {
                var p = bundle.Point(link, k);
                var impulse = V.Select(lanes, p->Impulse.Normal * scale, p->Impulse.Normal);
                p->Impulse.Normal = impulse;
                RowStage<V>.WarmStart(bundle.Contact(link.Id), p, 1, a, bundle.Body(slot), lanes);
                if (a != null)
                {
                    a->Load += impulse;
                    a->LoadX = V.Fma(impulse, p->X, a->LoadX);
                    a->LoadZ = V.Fma(impulse, p->Z, a->LoadZ);
                }
            }
        }
    }

    /// <summary>Weighted sums over a body's points.</summary>
    private struct Moments<T>
    {
        public T Sum;
        public T X;
        public T Z;
        public T XX;
        public T XZ;
        public T ZZ;
    }
}
