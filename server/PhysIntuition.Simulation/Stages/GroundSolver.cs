using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>Solves a body's points on the ground: <see cref="PairSolver{V}"/> with normal y, tangents x, z.</summary>
/// <remarks>
/// <para>Layout: the body's velocity stays in registers while the points are gone through.</para>
/// <para>Stages: per point 1 friction, 2 bias, 3 normal.</para>
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
            var normalImpulse = p[ContactField.NormalImpulse];

            // 1. Friction along x and z.
            if ((row & 1) == 0)
            {
                var v1 = V.Fma(p[12], sx, vx) + V.Fma(p[13], sy, p[14] * sz);
                var v2 = V.Fma(p[15], sx, vz) + V.Fma(p[16], sy, p[17] * sz);
                var f1 = p[ContactField.TangentImpulse1];
                var f2 = p[ContactField.TangentImpulse2];
                var j1 = V.Fma(-p[ContactField.TangentMass], v1, f1);
                var j2 = V.Fma(-p[ContactField.TangentMass], v2, f2);
                var squared = V.Fma(j1, j1, j2 * j2);
                var limit = mu * normalImpulse;
                var slips = V.Greater(squared, limit * limit);
                if (V.Any(slips))
                {
                    var scale = V.Select(slips, limit / V.Sqrt(squared), V.Splat(1f));
                    j1 *= scale;
                    j2 *= scale;
                }

                p[ContactField.TangentImpulse1] = j1;
                p[ContactField.TangentImpulse2] = j2;
                j1 = (j1 - f1) * w;
                j2 = (j2 - f2) * w;
                vx += j1;
                vz += j2;
                sx = V.Fma(p[12], j1, V.Fma(p[15], j2, sx));
                sy = V.Fma(p[13], j1, V.Fma(p[16], j2, sy));
                sz = V.Fma(p[14], j1, V.Fma(p[17], j2, sz));
                continue;
            }

            // 2. Bias: a gap may close, penetration is undone softly.
            V bias;
            if (isSoft)
            {
                var s = b[8] + p[ContactField.Separation];
                s = V.Fma(p[3], b[10], V.Fma(p[4], b[11], V.Fma(p[5], b[12], s)));
                var isOpen = V.Greater(s, V.Zero);
                var closing = s * V.Splat(soft.InverseSubstep);
                bias = V.Select(isOpen, closing, 
                    V.Max(V.Min(s + V.Splat(soft.Slop), V.Zero) * V.Splat(soft.BiasRate), V.Splat(-soft.MaxPushOut)));
                p[ContactField.Bias] = V.Max(closing, V.Zero);
            }
            else
            {
                bias = p[ContactField.Bias];
            }

            var bounce = p[ContactField.Bounce];
            bias = V.Select(V.Greater(bounce, V.Zero), -bounce, bias);

            // 3. Normal: never pulls.
            {
                var v = V.Fma(p[3], sx, vy + bias) + V.Fma(p[4], sy, p[5] * sz);
                var j = V.Max(V.Fma(-p[ContactField.NormalMass], v, normalImpulse), V.Zero);
                p[ContactField.NormalImpulse] = j;
                j = (j - normalImpulse) * w;
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
