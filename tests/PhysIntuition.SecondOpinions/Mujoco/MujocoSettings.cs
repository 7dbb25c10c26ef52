namespace PhysIntuition.SecondOpinions.Mujoco;

/// <summary>How MuJoCo is run. Its contacts are springs; the reference runs make them stiff.</summary>
/// <param name="Step">s.</param>
/// <param name="Damping">Of a contact, over critical; 1 gives back 13 % of an impact's speed, 2 gives back 5 %.</param>
/// <param name="IsCone">Round friction cone; else MuJoCo's default, a pyramid: faster, not isotropic.</param>
public sealed record MujocoSettings(double Step, double Damping, bool IsCone)
{
    /// <summary>As fast as it is right about towers.</summary>
    public static MujocoSettings Fast { get; } = new(Step: 0.002, Damping: 1, IsCone: false);

    /// <summary>The same with a round cone.</summary>
    public static MujocoSettings Round { get; } = Fast with { IsCone = true };

    /// <summary>For what slides: the step must be short beside the contacts' 5 ms; docs/physics.md says why.</summary>
    public static MujocoSettings Converged { get; } = new(Step: 0.0001, Damping: 2, IsCone: true);
}
