namespace PhysIntuition.Simulation.Bundles;

/// <summary>The engine's constants of method. Changing one changes every golden hash.</summary>
internal static class EngineConstants
{
    /// <summary>Collision steps per simulated second.</summary>
    public const int StepsPerSecond = 240;

    /// <summary>Solver substeps per step.</summary>
    public const int Substeps = 4;

    /// <summary>Seconds per step.</summary>
    public const float Step = 1f / StepsPerSecond;

    /// <summary>Seconds per substep.</summary>
    public const float Substep = 1f / (StepsPerSecond * Substeps);

    /// <summary>Substeps per second.</summary>
    public const float InverseSubstep = StepsPerSecond * Substeps;

    /// <summary>Gaps below this count as closed, m: rounding must not open the contacts of flush faces.</summary>
    public const float Skin = 2e-5f;

    /// <summary>Contacts are prepared when bodies are closer than this plus what they may move in a step, m.</summary>
    public const float ContactMargin = 0.002f;

    /// <summary>Passes that find a fresh world's impulses.</summary>
    public const int ColdPasses = 8;

    /// <summary>Share of the penetration that is undone per second: 5 % in a substep.</summary>
    public const float BiasRate = 0.05f * InverseSubstep;

    /// <summary>Penetration that is left alone, m.</summary>
    public const float Slop = 2e-4f;

    /// <summary>Fastest speed at which penetration is undone, m/s.</summary>
    public const float MaxPushOut = 1f;

    /// <summary>Impacts slower than this do not rebound, m/s; it ends the endless small bounces.</summary>
    public const float BounceThreshold = 0.05f;

    /// <summary>Inelastic impacts faster than this also get the extra passes, m/s.</summary>
    public const float BlowThreshold = 0.5f;

    /// <summary>Extra solver passes in a substep with an impact, so that a flat landing stays flat.</summary>
    public const int BouncePasses = 12;

    /// <summary>Slower than this counts as resting, m/s; spin counts as radius of gyration times rad/s.</summary>
    public const float RestSpeed = 1e-4f;

    /// <summary>Steps that all must rest before a world has settled: 0.1 s.</summary>
    public const int RestSteps = StepsPerSecond / 10;
}
