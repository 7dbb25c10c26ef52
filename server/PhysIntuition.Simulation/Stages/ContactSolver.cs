using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>Sequential impulses over all contacts: a soft pass before the bodies move, a rigid one after.</summary>
/// <remarks>
/// <para>Layout: contacts in list order, upwards, and back: loads travel both ways in a symmetric sweep.</para>
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
    public static void Soft(Bundle<V> bundle) => Pass(bundle, isSoft: true, isBackward: false);

    /// <summary>Without bias: takes back the velocity that undoing penetration cost.</summary>
    public static void Rigid(Bundle<V> bundle) => Pass(bundle, isSoft: false, isBackward: true);

    /// <summary>One pass over all contacts.</summary>
    public static void Pass(Bundle<V> bundle, bool isSoft, bool isBackward)
    {
        for (var i = 0; i < bundle.LinkCount; i++)
        {
            var link = bundle.Links[isBackward ? bundle.LinkCount - 1 - i : i];
            var contact = bundle.Contact(link.Id);
            var b = bundle.Body(link.B);
            if (link.A < 0)
            {
                OnGround(contact, b, link.Points, isSoft, isBackward);
            }
            else
            {
                OfPair(contact, bundle.Body(link.A), b, link.Points, isSoft, isBackward);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OnGround(
        WideContact<V>* contact, WideBody<V>* b, int points, bool isSoft, bool isBackward) =>
        Run(new GroundRows<V>(b), contact, points, isSoft, isBackward);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OfPair(
        WideContact<V>* contact, WideBody<V>* a, WideBody<V>* b, int points, bool isSoft, bool isBackward) =>
        Run(new PairRows<V>(contact, a, b), contact, points, isSoft, isBackward);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Run<TRows>(
        TRows rows, WideContact<V>* contact, int points, bool isSoft, bool isBackward)
        where TRows : struct, IContactRows<V>
    {
        var mu = contact->Friction;
        var last = (2 * points) - 1;
        for (var i = 0; i <= last; i++)
        {
            // The way back mirrors the way there, so that the two passes make a symmetric sweep.
            var row = isBackward ? last - i : i;
            var p = WideContact<V>.Point(contact, row >> 1);

            // 1. Friction.
            if ((row & 1) == 0)
            {
                rows.Friction(p, mu);
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
}

/// <summary>The rows of a contact, with the motion of its bodies: of a pair, or of one body on the ground.</summary>
/// <remarks>
/// Structures whose methods are inlined: the solver's loop is compiled for each and keeps the motion in registers, as
/// long as fields are assigned one by one (tuples and structures in one go through memory).
/// </remarks>
internal unsafe interface IContactRows<V> where V : unmanaged, ILanes<V>
{
    /// <summary>Both friction rows of a point, with this coefficient.</summary>
    void Friction(WidePoint<V>* p, V mu);

    /// <summary>Present separation of a point, m.</summary>
    V Separation(WidePoint<V>* p);

    /// <summary>The normal row of a point, with this bias.</summary>
    void Normal(WidePoint<V>* p, V bias);

    /// <summary>Writes the motion back.</summary>
    void Store();
}
