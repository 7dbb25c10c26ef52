using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

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

    /// <summary>In the given lanes; an impact's rebound must not be taken back.</summary>
    public static void Run(Bundle<V> bundle, V lanes)
    {
        for (var i = 0; i < bundle.LinkCount; i++)
        {
            var link = bundle.Links[i];
            var a = link.A < 0 ? null : bundle.Body(link.A);
            Run(bundle.Contact(link.Id), a, bundle.Body(link.B), link.Points, lanes);
        }
    }

    [MethodImpl(Stage)]
    private static void Run(WideContact<V>* contact, WideBody<V>* a, WideBody<V>* b, int points, V lanes)
    {
        var (vB, sB, wB) = (b->Motion.Velocity, b->Motion.Spin, b->InverseMass);
        var n = contact->Normal;
        for (var k = 0; k < points; k++)
        {
            var p = WideContact<V>.Point(contact, k);
            var v = Wide3<V>.Dot(n, vB, p->Bias) + Wide3<V>.Dot(p->Normal.ArmB, sB);
            if (a != null)
            {
                v -= Wide3<V>.Dot(n, a->Motion.Velocity) + Wide3<V>.Dot(p->Normal.ArmA, a->Motion.Spin);
            }

            // May take back at most the impulse that acts: the contact still never pulls.
            var j = V.Max(-(p->FirmMass * v), -(p->Impulse.Normal * wB));
            j = V.Select(V.And(lanes, V.Greater(p->FirmMass, V.Zero)), j, V.Zero);
            vB = Wide3<V>.Fma(n, j, vB);
            sB = Wide3<V>.Fma(p->Normal.ArmB, j, sB);
        }

        // The free motion moves along, so that the next warm start does not repeat the change.
        b->FreeMotion.Velocity += vB - b->Motion.Velocity;
        b->FreeMotion.Spin += sB - b->Motion.Spin;
        b->Motion.Velocity = vB;
        b->Motion.Spin = sB;
    }
}
