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

    /// <summary>Everything else, up to the new poses.</summary>
    public static void End(Bundle<V> bundle)
    {
        CollisionStage<V>.Run(bundle);
        ColdStart<V>.Run(bundle);
        for (var substep = 0; substep < EngineConstants.Substeps; substep++)
        {
            BodyStage<V>.Accelerate(bundle);
            var impacts = BounceStage<V>.Find(bundle);
            ContactSolver<V>.Soft(bundle);
            BounceStage<V>.Level(bundle, impacts);
            BodyStage<V>.Move(bundle);
            ContactSolver<V>.Rigid(bundle);
            ShockStage<V>.Run(bundle, V.Not(impacts));
            BounceStage<V>.Clear(bundle, impacts);
        }

        BodyStage<V>.End(bundle);
    }
}
