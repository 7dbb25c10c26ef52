using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>What the rows of a contact point have in common, whatever stands on the other side.</summary>
/// <remarks>Inlined into both solvers, so that velocities stay in registers; each gives a change of impulse.</remarks>
internal static unsafe class PointRows<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Friction against slips v1 and v2 along the tangents, then back into the cone.</summary>
    [MethodImpl(Inline)]
    public static void Friction(V* p, V mu, V v1, V v2, out V change1, out V change2)
    {
        var f1 = p[ContactField.TangentImpulse1];
        var f2 = p[ContactField.TangentImpulse2];
        var mass = p[ContactField.TangentMass];
        var j1 = V.Fma(-mass, v1, f1);
        var j2 = V.Fma(-mass, v2, f2);
        var squared = V.Fma(j1, j1, j2 * j2);
        var limit = mu * p[ContactField.NormalImpulse];
        var slips = V.Greater(squared, limit * limit);
        if (V.Any(slips))
        {
            var scale = V.Select(slips, limit / V.Sqrt(squared), V.Splat(1f));
            j1 *= scale;
            j2 *= scale;
        }

        p[ContactField.TangentImpulse1] = j1;
        p[ContactField.TangentImpulse2] = j2;
        change1 = j1 - f1;
        change2 = j2 - f2;
    }

    /// <summary>Bias of the soft pass: a gap may close, penetration is undone softly.</summary>
    [MethodImpl(Inline)]
    public static V SoftBias(V* p, V separation, in SoftContact soft)
    {
        var closing = separation * V.Splat(soft.InverseSubstep);
        p[ContactField.Bias] = V.Max(closing, V.Zero);
        var undone = V.Max(
            V.Min(separation + V.Splat(soft.Slop), V.Zero) * V.Splat(soft.BiasRate), V.Splat(-soft.MaxPushOut));
        return V.Select(V.Greater(separation, V.Zero), closing, undone);
    }

    /// <summary>The bias, or what an impact asks for in its place.</summary>
    [MethodImpl(Inline)]
    public static V WithBounce(V* p, V bias)
    {
        var bounce = p[ContactField.Bounce];
        return V.Select(V.Greater(bounce, V.Zero), -bounce, bias);
    }

    /// <summary>Normal row against the biased speed v; it never pulls.</summary>
    [MethodImpl(Inline)]
    public static V Normal(V* p, V v)
    {
        var before = p[ContactField.NormalImpulse];
        var after = V.Max(V.Fma(-p[ContactField.NormalMass], v, before), V.Zero);
        p[ContactField.NormalImpulse] = after;
        return after - before;
    }
}
