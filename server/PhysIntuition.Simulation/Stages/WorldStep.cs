using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>One step of a bundle, as a table of contents.</summary>
internal static unsafe class WorldStep<V> where V : unmanaged, ILanes<V>
{
    /// <summary>Frames and bounding boxes; afterwards forces may be added.</summary>
    public static void Begin(Bundle<V> bundle)
    {
        bundle.Stamp++;
        BodyStage<V>.Begin(bundle);
    }

    public static void End(Bundle<V> bundle)
    {
        CollisionStage<V>.Run(bundle);
        if (bundle.FreshLanes != 0 && bundle.Settings.ColdPasses > 0)
        {
            ColdStart<V>.Run(bundle, V.FromBits(bundle.FreshLanes));
        }

        bundle.FreshLanes = 0;
        for (var substep = 0; substep < bundle.Settings.Substeps; substep++)
        {
            BodyStage<V>.Accelerate(bundle);
            var impacts = bundle.HasBounces ? BounceStage<V>.Find(bundle) : V.Zero;
            var hasImpacts = bundle.HasBounces && V.Any(impacts);
            for (var q = 0; q < bundle.Settings.SoftPasses; q++)
            {
                ContactSolver<V>.Soft(bundle, (q & 1) != 0);
            }
            if (hasImpacts)
            {
                BounceStage<V>.Settle(bundle, impacts);
            }

            BodyStage<V>.Move(bundle);
            for (var q = 0; q < bundle.Settings.RigidPasses; q++)
            {
                ContactSolver<V>.Rigid(bundle, ((q + bundle.Settings.SoftPasses) & 1) != 0);
            }
            ShockStage<V>.Run(bundle, V.Not(impacts));
            if (hasImpacts)
            {
                BounceStage<V>.Forget(bundle, impacts);
            }
        }

        BodyStage<V>.End(bundle);
    }
}
