using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

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
        for (var pass = 0; pass < bundle.Settings.ColdPasses; pass++)
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
        var h = V.Splat(bundle.Settings.Substep);
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            var o = bundle.Body(i);
            for (var k = 0; k < 6; k++)
            {
                var velocity = o[BodyField.Velocity + k];
                o[BodyField.Saved + k] = velocity;
                o[BodyField.Velocity + k] =
                    V.Fma(o[BodyField.Push + k], h, velocity) + (velocity - o[BodyField.FreeVelocity + k]);
            }
        }
    }

    [MethodImpl(Stage)]
    private static void End(Bundle<V> bundle, V lanes)
    {
        var h = V.Splat(bundle.Settings.Substep);
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            var o = bundle.Body(i);
            for (var k = 0; k < 6; k++)
            {
                var saved = o[BodyField.Saved + k];
                var fromContacts = o[BodyField.Velocity + k] - V.Fma(o[BodyField.Push + k], h, saved);
                o[BodyField.FreeVelocity + k] = V.Select(lanes, saved - fromContacts, o[BodyField.FreeVelocity + k]);
                o[BodyField.Velocity + k] = saved;
            }
        }
    }

    /// <summary>Also sets the bias that rigid passes respect: gaps stay free to close.</summary>
    [MethodImpl(Stage)]
    private static void SaveImpulses(Bundle<V> bundle)
    {
        var rate = V.Splat(bundle.Soft.InverseSubstep);
        for (var i = 0; i < bundle.LinkCount; i++)
        {
            for (var k = 0; k < bundle.Links[i].Points; k++)
            {
                var p = bundle.Point(bundle.Links[i], k);
                p[ContactField.Bias] = V.Max(p[ContactField.Separation], V.Zero) * rate;
                for (var j = 0; j < 3; j++)
                {
                    p[ContactField.Saved + j] = p[ContactField.NormalImpulse + j];
                }
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
                for (var j = 0; j < 3; j++)
                {
                    p[ContactField.NormalImpulse + j] =
                        V.Select(lanes, p[ContactField.Saved + j], p[ContactField.NormalImpulse + j]);
                }
            }
        }
    }
}
