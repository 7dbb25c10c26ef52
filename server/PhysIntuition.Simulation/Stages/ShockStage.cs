namespace PhysIntuition.Simulation.Stages;

/// <summary>From the ground up, stops what still sinks into its support, as if the support stood firm.</summary>
/// <remarks>
/// <para>Layout: contacts in list order, supports before what they carry; only body B moves.</para>
/// <para>Stages: per contact its normal rows, once.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>
/// Source: shock propagation (Guendelman, Bridson, Fedkiw: Nonconvex Rigid Bodies with Stacking, 2003), here only on
/// what the passes left over. Where they converged it does nothing; elsewhere it takes energy out, so that a stack
/// which was knocked stops swaying. It is not warm-started: the impulses of the next substep still have to be found.
/// </para>
/// </remarks>
internal static unsafe class ShockStage<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;

    /// <summary>In the given lanes of one bundle or two; an impact's rebound must not be taken back.</summary>
    public static void Run(Bundle<V> x, V lanesX, Bundle<V>? y, V lanesY)
    {
        var count = y is null ? 0 : Math.Min(x.LinkCount, y.LinkCount);
        for (var i = 0; i < count; i++)
        {
            Run(x, x.Links[i], lanesX, y!, y!.Links[i], lanesY);
        }

        for (var i = count; i < x.LinkCount; i++)
        {
            Run(x, x.Links[i], lanesX);
        }

        for (var i = count; y is not null && i < y.LinkCount; i++)
        {
            Run(y, y.Links[i], lanesY);
        }
    }

    [MethodImpl(Stage)]
    private static void Run(Bundle<V> bundle, in ContactLink link, V lanes)
    {
        var rows = new FirmRows<V>(bundle, link);
        for (var k = 0; k < link.Points; k++)
        {
            rows.Stop(k, lanes);
        }

        rows.Store();
    }

    [MethodImpl(Stage)]
    private static void Run(
        Bundle<V> bundleX, in ContactLink linkX, V lanesX, Bundle<V> bundleY, in ContactLink linkY, V lanesY)
    {
        FirmRows<V> x = new(bundleX, linkX), y = new(bundleY, linkY);
        var points = Math.Min(linkX.Points, linkY.Points);
        for (var k = 0; k < points; k++)
        {
            x.Stop(k, lanesX);
            y.Stop(k, lanesY);
        }

        for (var k = points; k < linkX.Points; k++)
        {
            x.Stop(k, lanesX);
        }

        for (var k = points; k < linkY.Points; k++)
        {
            y.Stop(k, lanesY);
        }

        x.Store();
        y.Store();
    }
}

/// <summary>The normal rows of a contact whose body A, or the ground, stands firm.</summary>
internal unsafe struct FirmRows<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private readonly WideContact<V>* _contact;
    private readonly WideBody<V>* _a, _b;
    private Wide3<V> _vB, _sB;

    [MethodImpl(Inline)]
    public FirmRows(Bundle<V> bundle, in ContactLink link)
    {
        _contact = bundle.Contact(link.Id);
        _a = link.A < 0 ? null : bundle.Body(link.A);
        _b = bundle.Body(link.B);
        _vB = _b->Motion.Velocity;
        _sB = _b->Motion.Spin;
    }

    /// <summary>Takes back what sinks at a point, at most the impulse that acts: it still never pulls.</summary>
    [MethodImpl(Inline)]
    public void Stop(int k, V lanes)
    {
        var p = WideContact<V>.Point(_contact, k);
        var v = Wide3<V>.Dot(&_contact->Normal, _vB, p->Bias) + Wide3<V>.Dot(&p->Normal.ArmB, _sB);
        if (_a != null)
        {
            v -= Wide3<V>.Dot(&_contact->Normal, _a->Motion.Velocity) + Wide3<V>.Dot(&p->Normal.ArmA, _a->Motion.Spin);
        }

        var j = V.Max(-(p->FirmMass * v), -(p->Impulse.Normal * _b->InverseMass));
        j = V.Select(V.And(lanes, V.Greater(p->FirmMass, V.Zero)), j, V.Zero);
        Wide3<V>.Add(ref _vB, &_contact->Normal, j);
        Wide3<V>.Add(ref _sB, &p->Normal.ArmB, j);
    }

    /// <summary>Writes the motion back.</summary>
    [MethodImpl(Inline)]
    public readonly void Store()
    {
        // The free motion moves along, so that the next warm start does not repeat the change.
        _b->FreeMotion.Velocity += _vB - _b->Motion.Velocity;
        _b->FreeMotion.Spin += _sB - _b->Motion.Spin;
        _b->Motion.Velocity = _vB;
        _b->Motion.Spin = _sB;
    }
}
