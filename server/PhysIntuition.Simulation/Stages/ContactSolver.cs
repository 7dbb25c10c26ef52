using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>Sequential impulses over all contacts: a soft pass before the bodies move, a rigid one after.</summary>
/// <remarks>
/// <para>Layout: contacts in list order, upwards, and back: loads travel both ways in a symmetric sweep.</para>
/// <para>Stages: <see cref="PairSolver{V}"/> and <see cref="GroundSolver{V}"/> per contact.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>Source: sub-stepped sequential impulses with a relaxing pass; see docs/physics.md.</para>
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
        var links = bundle.Links;
        for (var i = 0; i < bundle.LinkCount; i++)
        {
            Run(bundle, links[isBackward ? bundle.LinkCount - 1 - i : i], isSoft, isBackward);
        }
    }

    private static void Run(Bundle<V> bundle, in ContactLink link, bool isSoft, bool isBackward)
    {
        var contact = bundle.Contact(link.Id);
        var b = bundle.Body(link.B);
        if (link.A < 0)
        {
            GroundSolver<V>.Run(contact, b, link.Points, isSoft, isBackward, bundle.Soft);
        }
        else
        {
            PairSolver<V>.Run(contact, bundle.Body(link.A), b, link.Points, isSoft, isBackward, bundle.Soft);
        }
    }
}
