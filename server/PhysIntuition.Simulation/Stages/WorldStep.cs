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

    /// <summary>Everything else, up to the new poses; of a second bundle in flight, too.</summary>
    public static void End(Bundle<V> x, Bundle<V>? y)
    {
        Collide(x);
        if (y is not null)
        {
            Collide(y);
        }

        for (var substep = 0; substep < EngineConstants.Substeps; substep++)
        {
            var impactsX = Accelerate(x);
            var impactsY = y is null ? V.Zero : Accelerate(y);
            ContactSolver<V>.Soft(x, y);
            Move(x, impactsX);
            if (y is not null)
            {
                Move(y, impactsY);
            }

            ContactSolver<V>.Rigid(x, y);
            ShockStage<V>.Run(x, V.Not(impactsX), y, V.Not(impactsY));
            BounceStage<V>.Clear(x, impactsX);
            if (y is not null)
            {
                BounceStage<V>.Clear(y, impactsY);
            }
        }

        BodyStage<V>.End(x);
        if (y is not null)
        {
            BodyStage<V>.End(y);
        }
    }

    private static void Collide(Bundle<V> bundle)
    {
        CollisionStage<V>.Run(bundle);
        ColdStart<V>.Run(bundle);
    }

    private static V Accelerate(Bundle<V> bundle)
    {
        BodyStage<V>.Accelerate(bundle);
        return BounceStage<V>.Find(bundle);
    }

    private static void Move(Bundle<V> bundle, V impacts)
    {
        BounceStage<V>.Level(bundle, impacts);
        BodyStage<V>.Move(bundle);
    }
}
