namespace PhysIntuition.Simulation.Stages;

/// <summary>What the rows of a contact point have in common, whatever stands on the other side.</summary>
/// <remarks>Inlined, so that velocities stay in registers; each gives what the impulse changes by.</remarks>
internal static unsafe class PointRows<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Friction against slips v1 and v2 along the tangents, then back into the cone.</summary>
    [MethodImpl(Inline)]
    public static void Friction(WidePoint<V>* p, V mu, V v1, V v2, out V j1, out V j2)
    {
        V before1 = p->Impulse.Tangent1, before2 = p->Impulse.Tangent2;
        var f1 = V.Fma(-p->TangentMass, v1, before1);
        var f2 = V.Fma(-p->TangentMass, v2, before2);
        var squared = V.Fma(f1, f1, f2 * f2);
        var limit = mu * p->Impulse.Normal;
        var slips = V.Greater(squared, limit * limit);
        if (V.Any(slips))
        {
            var scale = V.Select(slips, limit / V.Sqrt(squared), V.Splat(1f));
            f1 *= scale;
            f2 *= scale;
        }

        p->Impulse.Tangent1 = f1;
        p->Impulse.Tangent2 = f2;
        j1 = f1 - before1;
        j2 = f2 - before2;
    }

    /// <summary>Bias of the soft pass: a gap may close, penetration is undone softly.</summary>
    [MethodImpl(Inline)]
    public static V SoftBias(WidePoint<V>* p, V separation)
    {
        var closing = separation * V.Splat(EngineConstants.InverseSubstep);
        p->Bias = V.Max(closing, V.Zero);
        var undone = V.Min(separation + V.Splat(EngineConstants.Slop), V.Zero) * V.Splat(EngineConstants.BiasRate);
        undone = V.Max(undone, V.Splat(-EngineConstants.MaxPushOut));
        return V.Select(V.Greater(separation, V.Zero), closing, undone);
    }

    /// <summary>The bias, or what an impact asks for in its place.</summary>
    [MethodImpl(Inline)]
    public static V WithBounce(WidePoint<V>* p, V bias)
    {
        var bounce = p->Bounce;
        return V.Select(V.Greater(bounce, V.Zero), -bounce, bias);
    }

    /// <summary>Normal row against the biased speed v; it never pulls.</summary>
    [MethodImpl(Inline)]
    public static V Normal(WidePoint<V>* p, V v)
    {
        var before = p->Impulse.Normal;
        var after = V.Max(V.Fma(-p->NormalMass, v, before), V.Zero);
        p->Impulse.Normal = after;
        return after - before;
    }
}
