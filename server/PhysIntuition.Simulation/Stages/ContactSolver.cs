namespace PhysIntuition.Simulation.Stages;

/// <summary>Sequential impulses over all contacts: a soft pass before the bodies move, a rigid one after.</summary>
/// <remarks>
/// <para>Layout: contacts in list order, upwards, and back: loads travel both ways in a symmetric sweep.</para>
/// <para>
/// Each row waits for the one before. The contacts of two bundles, or of one bundle without a common body, therefore
/// go through one kernel side by side: while one waits, the other computes. The order within a bundle stays.
/// </para>
/// <para>Stages: per contact its points; per point 1 friction, 2 bias, 3 normal.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>Source: sub-stepped sequential impulses with a relaxing pass; see docs/physics.md.</para>
/// <para>
/// A row is one direction d at one point. With arms (r x d) over the radii of gyration and spins s that are radii of
/// gyration times angular velocities, an impulse j along d changes
/// </para>
/// <code>
/// vB += wB j d        sB += wB j armB        vA -= wA j d        sA -= wA j armA
/// </code>
/// <para>with inverse masses w. The row's speed and what j adds to it are therefore</para>
/// <code>
/// v = d.(vB - vA) + armB.sB - armA.sA        dv/dj = wB (1 + |armB|²) + wA (1 + |armA|²) = 1 / mass
/// </code>
/// <para>
/// and j = -mass (v + bias) makes the speed -bias. What is limited is the sum of a row's impulses over the substep: a
/// normal row never pulls, friction stays in the cone.
/// </para>
/// </remarks>
internal static unsafe class ContactSolver<V> where V : unmanaged, ILanes<V>
{
    /// <summary>With bias: penetration is undone, and gaps may close but not further.</summary>
    public static void Soft(Bundle<V> x, Bundle<V>? y) => Pass(x, y, isSoft: true, isBackward: false);

    /// <summary>Without bias: takes back the velocity that undoing penetration cost.</summary>
    public static void Rigid(Bundle<V> x, Bundle<V>? y) => Pass(x, y, isSoft: false, isBackward: true);

    /// <summary>One pass over all contacts of a bundle.</summary>
    public static void Pass(Bundle<V> bundle, bool isSoft, bool isBackward) =>
        Section(bundle, 0, bundle.LinkCount, isSoft, isBackward);

    private static void Pass(Bundle<V> x, Bundle<V>? y, bool isSoft, bool isBackward)
    {
        if (y is null)
        {
            Pass(x, isSoft, isBackward);
        }
        else if (isBackward)
        {
            Section(x, y, x.GroundCount, x.LinkCount, y.GroundCount, y.LinkCount, isSoft, isBackward);
            Section(x, y, 0, x.GroundCount, 0, y.GroundCount, isSoft, isBackward);
        }
        else
        {
            Section(x, y, 0, x.GroundCount, 0, y.GroundCount, isSoft, isBackward);
            Section(x, y, x.GroundCount, x.LinkCount, y.GroundCount, y.LinkCount, isSoft, isBackward);
        }
    }

    /// <summary>Contacts of one kind: of two bundles side by side, then what one of them has more.</summary>
    private static void Section(
        Bundle<V> x, Bundle<V> y, int fromX, int toX, int fromY, int toY, bool isSoft, bool isBackward)
    {
        var count = Math.Min(toX - fromX, toY - fromY);
        for (var i = 0; i < count; i++)
        {
            var (iX, iY) = isBackward ? (toX - 1 - i, toY - 1 - i) : (fromX + i, fromY + i);
            Two(x, x.Links[iX], y, y.Links[iY], isSoft, isBackward);
        }

        if (isBackward)
        {
            Section(x, fromX, toX - count, isSoft, isBackward);
            Section(y, fromY, toY - count, isSoft, isBackward);
        }
        else
        {
            Section(x, fromX + count, toX, isSoft, isBackward);
            Section(y, fromY + count, toY, isSoft, isBackward);
        }
    }

    private static void Section(Bundle<V> bundle, int from, int to, bool isSoft, bool isBackward)
    {
        for (var i = from; i < to; i++)
        {
            var link = bundle.Links[isBackward ? from + to - 1 - i : i];
            var next = i + 1 < to ? bundle.Links[isBackward ? from + to - 2 - i : i + 1] : link;
            if (AreApart(link, next))
            {
                Two(bundle, link, bundle, next, isSoft, isBackward);
                i++;
            }
            else
            {
                One(bundle, link, 0, link.Points, isSoft, isBackward);
            }
        }
    }

    /// <summary>Of one kind and without a common body: their order does not matter.</summary>
    private static bool AreApart(in ContactLink a, in ContactLink b) =>
        a.B != b.B && (a.A < 0 ? b.A < 0 : b.A >= 0 && a.A != b.A && a.A != b.B && a.B != b.A);

    /// <summary>Two contacts of one kind side by side, as far as both have points.</summary>
    private static void Two(
        Bundle<V> x, in ContactLink linkX, Bundle<V> y, in ContactLink linkY, bool isSoft, bool isBackward)
    {
        var points = Math.Min(linkX.Points, linkY.Points);
        if (isBackward)
        {
            Rest(x, linkX, points, isSoft, isBackward);
            Rest(y, linkY, points, isSoft, isBackward);
        }

        WideContact<V>* contactX = x.Contact(linkX.Id), contactY = y.Contact(linkY.Id);
        if (linkX.A < 0)
        {
            OnGrounds(contactX, x.Body(linkX.B), contactY, y.Body(linkY.B), points, isSoft, isBackward);
        }
        else
        {
            OfPairs(contactX, x.Body(linkX.A), x.Body(linkX.B), contactY, y.Body(linkY.A), y.Body(linkY.B),
                points, isSoft, isBackward);
        }

        if (!isBackward)
        {
            Rest(x, linkX, points, isSoft, isBackward);
            Rest(y, linkY, points, isSoft, isBackward);
        }
    }

    private static void Rest(Bundle<V> bundle, in ContactLink link, int from, bool isSoft, bool isBackward)
    {
        if (from < link.Points)
        {
            One(bundle, link, from, link.Points - from, isSoft, isBackward);
        }
    }

    private static void One(
        Bundle<V> bundle, in ContactLink link, int from, int points, bool isSoft, bool isBackward)
    {
        var contact = bundle.Contact(link.Id);
        var first = WideContact<V>.Point(contact, from);
        if (link.A < 0)
        {
            OnGround(contact, bundle.Body(link.B), first, points, isSoft, isBackward);
        }
        else
        {
            OfPair(contact, bundle.Body(link.A), bundle.Body(link.B), first, points, isSoft, isBackward);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OnGround(
        WideContact<V>* contact, WideBody<V>* b, WidePoint<V>* first, int points, bool isSoft, bool isBackward) =>
        Run(new GroundRows<V>(contact, b), first, points, isSoft, isBackward);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OfPair(
        WideContact<V>* contact, WideBody<V>* a, WideBody<V>* b, WidePoint<V>* first, int points, bool isSoft,
        bool isBackward) =>
        Run(new PairRows<V>(contact, a, b), first, points, isSoft, isBackward);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OnGrounds(
        WideContact<V>* contactX, WideBody<V>* bX, WideContact<V>* contactY, WideBody<V>* bY, int points,
        bool isSoft, bool isBackward) =>
        Run(new GroundRows<V>(contactX, bX), WideContact<V>.Point(contactX, 0),
            new GroundRows<V>(contactY, bY), WideContact<V>.Point(contactY, 0), points, isSoft, isBackward);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OfPairs(
        WideContact<V>* contactX, WideBody<V>* aX, WideBody<V>* bX,
        WideContact<V>* contactY, WideBody<V>* aY, WideBody<V>* bY, int points, bool isSoft, bool isBackward) =>
        Run(new PairRows<V>(contactX, aX, bX), WideContact<V>.Point(contactX, 0),
            new PairRows<V>(contactY, aY, bY), WideContact<V>.Point(contactY, 0), points, isSoft, isBackward);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Run<TRows>(TRows rows, WidePoint<V>* first, int points, bool isSoft, bool isBackward)
        where TRows : struct, IContactRows<V>
    {
        var last = (2 * points) - 1;
        for (var i = 0; i <= last; i++)
        {
            // The way back mirrors the way there, so that the two passes make a symmetric sweep.
            var row = isBackward ? last - i : i;
            var p = first + (row >> 1);

            // 1. Friction.
            if ((row & 1) == 0)
            {
                rows.Friction(p);
                continue;
            }

            // 2. Bias.
            var bias = isSoft ? PointRows<V>.SoftBias(p, rows.Separation(p)) : p->Bias;
            bias = PointRows<V>.WithBounce(p, bias);

            // 3. Normal.
            rows.Normal(p, bias);
        }

        rows.Store();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Run<TRows>(
        TRows x, WidePoint<V>* firstX, TRows y, WidePoint<V>* firstY, int points, bool isSoft, bool isBackward)
        where TRows : struct, IContactRows<V>
    {
        var last = (2 * points) - 1;
        for (var i = 0; i <= last; i++)
        {
            var row = isBackward ? last - i : i;
            WidePoint<V>* pX = firstX + (row >> 1), pY = firstY + (row >> 1);
            if ((row & 1) == 0)
            {
                x.Friction(pX);
                y.Friction(pY);
                continue;
            }

            V biasX = pX->Bias, biasY = pY->Bias;
            if (isSoft)
            {
                biasX = PointRows<V>.SoftBias(pX, x.Separation(pX));
                biasY = PointRows<V>.SoftBias(pY, y.Separation(pY));
            }

            x.Normal(pX, PointRows<V>.WithBounce(pX, biasX));
            y.Normal(pY, PointRows<V>.WithBounce(pY, biasY));
        }

        x.Store();
        y.Store();
    }
}

/// <summary>The rows of a contact, with the motion of its bodies: of a pair, or of one body on the ground.</summary>
/// <remarks>
/// Structures whose methods are inlined: the solver's loop is compiled for each and keeps the motion in registers, as
/// long as fields are assigned one by one (tuples and structures in one go through memory).
/// </remarks>
internal unsafe interface IContactRows<V> where V : unmanaged, ILanes<V>
{
    /// <summary>Both friction rows of a point.</summary>
    void Friction(WidePoint<V>* p);

    /// <summary>Present separation of a point, m.</summary>
    V Separation(WidePoint<V>* p);

    /// <summary>The normal row of a point, with this bias.</summary>
    void Normal(WidePoint<V>* p, V bias);

    /// <summary>Writes the motion back.</summary>
    void Store();
}
