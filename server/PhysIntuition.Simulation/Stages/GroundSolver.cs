using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>Solves a body's points on the ground: <see cref="PairSolver{V}"/> with normal y, tangents x, z.</summary>
/// <remarks>
/// <para>Layout: the body's velocity stays in registers while the points are gone through.</para>
/// <para>Stages: per point 1 friction, 2 bias, 3 normal, each by <see cref="PointRows{V}"/>.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>Source: as for pairs.</para>
/// </remarks>
internal static unsafe class GroundSolver<V> where V : unmanaged, ILanes<V>
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Run(V* contact, V* b, int points, bool isSoft, bool isBackward, in SoftContact soft)
    {
        var w = b[BodyField.InverseMass];
        V vx = b[0], vy = b[1], vz = b[2], sx = b[3], sy = b[4], sz = b[5];
        var mu = contact[ContactField.Friction];
        var last = (2 * points) - 1;
        for (var i = 0; i <= last; i++)
        {
            // The way back mirrors the way there, so that the two passes make a symmetric sweep.
            var row = isBackward ? last - i : i;
            var p = contact + ContactField.Header + ((row >> 1) * ContactField.PointCount);

            // 1. Friction along x and z.
            if ((row & 1) == 0)
            {
                var v1 = V.Fma(p[12], sx, vx) + V.Fma(p[13], sy, p[14] * sz);
                var v2 = V.Fma(p[15], sx, vz) + V.Fma(p[16], sy, p[17] * sz);
                PointRows<V>.Friction(p, mu, v1, v2, out var j1, out var j2);
                j1 *= w;
                j2 *= w;
                vx += j1;
                vz += j2;
                sx = V.Fma(p[12], j1, V.Fma(p[15], j2, sx));
                sy = V.Fma(p[13], j1, V.Fma(p[16], j2, sy));
                sz = V.Fma(p[14], j1, V.Fma(p[17], j2, sz));
                continue;
            }

            // 2. Bias.
            var bias = p[ContactField.Bias];
            if (isSoft)
            {
                var s = b[8] + p[ContactField.Separation];
                s = V.Fma(p[3], b[10], V.Fma(p[4], b[11], V.Fma(p[5], b[12], s)));
                bias = PointRows<V>.SoftBias(p, s, soft);
            }

            bias = PointRows<V>.WithBounce(p, bias);

            // 3. Normal.
            {
                var v = V.Fma(p[3], sx, vy + bias) + V.Fma(p[4], sy, p[5] * sz);
                var j = PointRows<V>.Normal(p, v) * w;
                vy += j;
                sx = V.Fma(p[3], j, sx);
                sy = V.Fma(p[4], j, sy);
                sz = V.Fma(p[5], j, sz);
            }
        }

        b[0] = vx;
        b[1] = vy;
        b[2] = vz;
        b[3] = sx;
        b[4] = sy;
        b[5] = sz;
    }
}
