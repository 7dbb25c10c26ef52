namespace PhysIntuition.Simulation.Bundles;

/// <summary>Coefficients of the soft pass for a given substep; docs/physics.md derives them.</summary>
internal readonly struct SoftContact
{
    public SoftContact(StepSettings settings)
    {
        InverseSubstep = settings.StepsPerSecond * settings.Substeps;
        BiasRate = settings.Beta * InverseSubstep;
        Slop = settings.Slop;
        MaxPushOut = settings.MaxPushOut;
    }

    /// <summary>1/s.</summary>
    public float InverseSubstep { get; }

    /// <summary>Share of the penetration undone per second, 1/s.</summary>
    public float BiasRate { get; }

    /// <summary>Penetration that is left alone, m.</summary>
    public float Slop { get; }

    /// <summary>m/s.</summary>
    public float MaxPushOut { get; }
}
