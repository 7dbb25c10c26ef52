using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>Solves the points of one contact between two bodies.</summary>
/// <remarks>
/// <para>Layout: both bodies' velocities stay in registers while the points are gone through.</para>
/// <para>Stages: per point 1 friction, 2 bias, 3 normal, each by <see cref="PointRows{V}"/>.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>
/// Source: sequential impulses. With row velocity v = d·(vB - vA) + armB·sB - armA·sA, impulse change j: vA -= wA j d,
/// sA -= wA j armA, and the same with plus for B; v and s are velocity and spin, w inverse masses, d the direction.
/// </para>
/// </remarks>
internal static unsafe class PairSolver<V> where V : unmanaged, ILanes<V>
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Run(V* contact, V* a, V* b, int points, bool isSoft, bool isBackward, in SoftContact soft)
    {
        var wA = a[BodyField.InverseMass];
        var wB = b[BodyField.InverseMass];
        V vAx = a[0], vAy = a[1], vAz = a[2], sAx = a[3], sAy = a[4], sAz = a[5];
        V vBx = b[0], vBy = b[1], vBz = b[2], sBx = b[3], sBy = b[4], sBz = b[5];
        var mu = contact[ContactField.Friction];
        var last = (2 * points) - 1;
        for (var i = 0; i <= last; i++)
        {
            // The way back mirrors the way there, so that the two passes make a symmetric sweep.
            var row = isBackward ? last - i : i;
            var p = contact + ContactField.Header + ((row >> 1) * ContactField.PointCount);

            // 1. Friction: both rows, then back into the cone. Sums are trees: latency, not work, is what limits here.
            if ((row & 1) == 0)
            {
                V dx = vBx - vAx, dy = vBy - vAy, dz = vBz - vAz;
                var v1 = V.Fma(contact[3], dx, V.Fma(contact[4], dy, contact[5] * dz))
                    + V.Fma(p[12], sBx, V.Fma(p[13], sBy, p[14] * sBz))
                    - V.Fma(p[6], sAx, V.Fma(p[7], sAy, p[8] * sAz));
                var v2 = V.Fma(contact[6], dx, V.Fma(contact[7], dy, contact[8] * dz))
                    + V.Fma(p[15], sBx, V.Fma(p[16], sBy, p[17] * sBz))
                    - V.Fma(p[9], sAx, V.Fma(p[10], sAy, p[11] * sAz));
                PointRows<V>.Friction(p, mu, v1, v2, out var j1, out var j2);
                V jA1 = j1 * -wA, jA2 = j2 * -wA, jB1 = j1 * wB, jB2 = j2 * wB;
                vAx = V.Fma(contact[3], jA1, V.Fma(contact[6], jA2, vAx));
                vAy = V.Fma(contact[4], jA1, V.Fma(contact[7], jA2, vAy));
                vAz = V.Fma(contact[5], jA1, V.Fma(contact[8], jA2, vAz));
                sAx = V.Fma(p[6], jA1, V.Fma(p[9], jA2, sAx));
                sAy = V.Fma(p[7], jA1, V.Fma(p[10], jA2, sAy));
                sAz = V.Fma(p[8], jA1, V.Fma(p[11], jA2, sAz));
                vBx = V.Fma(contact[3], jB1, V.Fma(contact[6], jB2, vBx));
                vBy = V.Fma(contact[4], jB1, V.Fma(contact[7], jB2, vBy));
                vBz = V.Fma(contact[5], jB1, V.Fma(contact[8], jB2, vBz));
                sBx = V.Fma(p[12], jB1, V.Fma(p[15], jB2, sBx));
                sBy = V.Fma(p[13], jB1, V.Fma(p[16], jB2, sBy));
                sBz = V.Fma(p[14], jB1, V.Fma(p[17], jB2, sBz));
                continue;
            }

            // 2. Bias.
            var bias = p[ContactField.Bias];
            if (isSoft)
            {
                var s = V.Fma(contact[0], b[7] - a[7], V.Fma(contact[1], b[8] - a[8],
                    V.Fma(contact[2], b[9] - a[9], p[ContactField.Separation])));
                s = V.Fma(p[3], b[10], V.Fma(p[4], b[11], V.Fma(p[5], b[12], s)));
                s -= V.Fma(p[0], a[10], V.Fma(p[1], a[11], p[2] * a[12]));
                bias = PointRows<V>.SoftBias(p, s, soft);
            }

            bias = PointRows<V>.WithBounce(p, bias);

            // 3. Normal.
            {
                V dx = vBx - vAx, dy = vBy - vAy, dz = vBz - vAz;
                var v = V.Fma(contact[0], dx, V.Fma(contact[1], dy, V.Fma(contact[2], dz, bias)))
                    + V.Fma(p[3], sBx, V.Fma(p[4], sBy, p[5] * sBz))
                    - V.Fma(p[0], sAx, V.Fma(p[1], sAy, p[2] * sAz));
                var j = PointRows<V>.Normal(p, v);
                V jA = j * -wA, jB = j * wB;
                vAx = V.Fma(contact[0], jA, vAx);
                vAy = V.Fma(contact[1], jA, vAy);
                vAz = V.Fma(contact[2], jA, vAz);
                sAx = V.Fma(p[0], jA, sAx);
                sAy = V.Fma(p[1], jA, sAy);
                sAz = V.Fma(p[2], jA, sAz);
                vBx = V.Fma(contact[0], jB, vBx);
                vBy = V.Fma(contact[1], jB, vBy);
                vBz = V.Fma(contact[2], jB, vBz);
                sBx = V.Fma(p[3], jB, sBx);
                sBy = V.Fma(p[4], jB, sBy);
                sBz = V.Fma(p[5], jB, sBz);
            }
        }

        a[0] = vAx;
        a[1] = vAy;
        a[2] = vAz;
        a[3] = sAx;
        a[4] = sAy;
        a[5] = sAz;
        b[0] = vBx;
        b[1] = vBy;
        b[2] = vBz;
        b[3] = sBx;
        b[4] = sBy;
        b[5] = sBz;
    }
}
