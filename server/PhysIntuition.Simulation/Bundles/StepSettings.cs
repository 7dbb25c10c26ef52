namespace PhysIntuition.Simulation.Bundles;

/// <summary>The engine's constants of method. Changing one changes every golden hash.</summary>
internal sealed record StepSettings
{
    public static StepSettings Default { get; } = new();

    /// <summary>Collision steps per simulated second.</summary>
    public int StepsPerSecond { get; init; } = 240;

    /// <summary>Solver substeps per step.</summary>
    public int Substeps { get; init; } = 4;

    /// <summary>Gaps below this count as closed, m: rounding must not open the contacts of flush faces.</summary>
    public float Skin { get; init; } = 2e-5f;

    /// <summary>Passes that find a fresh world's impulses.</summary>
    public int ColdPasses { get; init; } = 8;

    /// <summary>Share of the penetration that one substep undoes.</summary>
    public float Beta { get; init; } = 0.05f;

    /// <summary>Penetration that is left alone, m.</summary>
    public float Slop { get; init; } = 2e-4f;

    /// <summary>Fastest speed at which penetration is undone, m/s.</summary>
    public float MaxPushOut { get; init; } = 1f;

    /// <summary>Contacts are prepared when bodies are closer than this plus what they may move in a step, m.</summary>
    public float ContactMargin { get; init; } = 0.002f;

    /// <summary>Impacts slower than this do not rebound, m/s; it ends the endless small bounces.</summary>
    public float BounceThreshold { get; init; } = 0.05f;

    /// <summary>Inelastic impacts faster than this also get the extra passes, m/s.</summary>
    public float BlowThreshold { get; init; } = 0.5f;

    /// <summary>Extra solver passes in a substep with an impact, so that a flat landing stays flat.</summary>
    public int BouncePasses { get; init; } = 12;

    /// <summary>Slower than this counts as resting, m/s; spin counts as radius of gyration times rad/s.</summary>
    public float RestSpeed { get; init; } = 1e-4f;

    /// <summary>How long all must rest before a world has settled, s.</summary>
    public float RestTime { get; init; } = 0.1f;

    /// <summary>Seconds per step.</summary>
    public float Step => 1f / StepsPerSecond;

    /// <summary>Seconds per substep.</summary>
    public float Substep => 1f / (StepsPerSecond * Substeps);
}
