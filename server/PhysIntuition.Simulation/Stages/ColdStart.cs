namespace PhysIntuition.Simulation.Stages;

/// <summary>Finds a fresh world's contact impulses before its first substep, as if it had long stood there.</summary>
/// <remarks>
/// <para>Layout: all lanes are solved, only the given ones keep the result.</para>
/// <para>Stages: 1 guess by <see cref="LoadPath{V}"/>, 2 polish by rigid passes, 3 keep what was found.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>Source: own; without it a tower sinks and sways while the load finds its way down pass by pass.</para>
/// </remarks>
internal static unsafe class ColdStart<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;

    public static void Run(Bundle<V> bundle)
    {
        if (bundle.FreshLanes == 0)
        {
            return;
        }

        var lanes = V.FromBits(bundle.FreshLanes);
        bundle.FreshLanes = 0;
        SaveImpulses(bundle);
        LoadPath<V>.Run(bundle, lanes);
        Begin(bundle);
        for (var pass = 0; pass < EngineConstants.ColdPasses; pass++)
        {
            ContactSolver<V>.Pass(bundle, isSoft: false, isBackward: (pass & 1) != 0);
        }

        End(bundle, lanes);
        RestoreImpulses(bundle, V.Not(lanes));
    }

    /// <summary>Velocities as after the first substep's forces and impulses.</summary>
    [MethodImpl(Stage)]
    private static void Begin(Bundle<V> bundle)
    {
        var h = V.Splat(EngineConstants.Substep);
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            var o = bundle.Body(i);
            o->Saved = o->Motion;
            V* motion = Twist<V>.Parts(&o->Motion), free = Twist<V>.Parts(&o->FreeMotion),
                push = Twist<V>.Parts(&o->Push);
            for (var k = 0; k < Twist<V>.Count; k++)
            {
                motion[k] = V.Fma(push[k], h, motion[k]) + (motion[k] - free[k]);
            }
        }
    }

    [MethodImpl(Stage)]
    private static void End(Bundle<V> bundle, V lanes)
    {
        var h = V.Splat(EngineConstants.Substep);
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            var o = bundle.Body(i);
            V* motion = Twist<V>.Parts(&o->Motion), free = Twist<V>.Parts(&o->FreeMotion),
                push = Twist<V>.Parts(&o->Push), saved = Twist<V>.Parts(&o->Saved);
            for (var k = 0; k < Twist<V>.Count; k++)
            {
                var fromContacts = motion[k] - V.Fma(push[k], h, saved[k]);
                free[k] = V.Select(lanes, saved[k] - fromContacts, free[k]);
            }

            o->Motion = o->Saved;
        }
    }

    /// <summary>Also sets the bias that rigid passes respect: gaps stay free to close.</summary>
    [MethodImpl(Stage)]
    private static void SaveImpulses(Bundle<V> bundle)
    {
        var rate = V.Splat(EngineConstants.InverseSubstep);
        for (var i = 0; i < bundle.LinkCount; i++)
        {
            for (var k = 0; k < bundle.Links[i].Points; k++)
            {
                var p = bundle.Point(bundle.Links[i], k);
                p->Bias = V.Max(p->Separation, V.Zero) * rate;
                p->Saved = p->Impulse;
            }
        }
    }

    [MethodImpl(Stage)]
    private static void RestoreImpulses(Bundle<V> bundle, V lanes)
    {
        for (var i = 0; i < bundle.LinkCount; i++)
        {
            for (var k = 0; k < bundle.Links[i].Points; k++)
            {
                var p = bundle.Point(bundle.Links[i], k);
                p->Impulse = RowImpulses<V>.Select(lanes, p->Saved, p->Impulse);
            }
        }
    }
}
