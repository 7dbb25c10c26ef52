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
    private static void Run(V* contact, V* a, V* b, int points, V lanes)
    {
        V vx = b[0], vy = b[1], vz = b[2], sx = b[3], sy = b[4], sz = b[5], w = b[BodyField.InverseMass];
        for (var k = 0; k < points; k++)
        {
            var p = contact + ContactField.Header + (k * ContactField.PointCount);
            var v = V.Fma(contact[0], vx, V.Fma(contact[1], vy, V.Fma(contact[2], vz, p[ContactField.Bias])))
                + V.Fma(p[3], sx, V.Fma(p[4], sy, p[5] * sz));
            if (a != null)
            {
                v -= V.Fma(contact[0], a[0], V.Fma(contact[1], a[1], contact[2] * a[2]))
                    + V.Fma(p[0], a[3], V.Fma(p[1], a[4], p[2] * a[5]));
            }

            // May take back at most the impulse that acts: the contact still never pulls.
            var j = V.Max(-(p[ContactField.FirmMass] * v), -(p[ContactField.NormalImpulse] * w));
            j = V.Select(V.And(lanes, V.Greater(p[ContactField.FirmMass], V.Zero)), j, V.Zero);
            vx = V.Fma(contact[0], j, vx);
            vy = V.Fma(contact[1], j, vy);
            vz = V.Fma(contact[2], j, vz);
            sx = V.Fma(p[3], j, sx);
            sy = V.Fma(p[4], j, sy);
            sz = V.Fma(p[5], j, sz);
        }

        Put(b, 0, vx);
        Put(b, 1, vy);
        Put(b, 2, vz);
        Put(b, 3, sx);
        Put(b, 4, sy);
        Put(b, 5, sz);
    }

    /// <summary>The free velocity moves along, so that the next warm start does not repeat the change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(V* b, int k, V value)
    {
        b[BodyField.FreeVelocity + k] += value - b[k];
        b[k] = value;
    }
}
