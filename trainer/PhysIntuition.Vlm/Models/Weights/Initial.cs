namespace PhysIntuition.Vlm.Models;

/// <summary>How a tensor starts when it is not read from a checkpoint: a constant plus normal noise.</summary>
/// <param name="Mean">The constant.</param>
/// <param name="Deviation">Standard deviation of the noise.</param>
internal readonly record struct Initial(double Mean, double Deviation)
{
    internal static Initial Zeros => new(0, 0);

    internal static Initial Ones => new(1, 0);

    internal static Initial Normal(double deviation) => new(0, deviation);

    /// <summary>Keeps the variance of a signal that passes through a linear layer.</summary>
    internal static Initial FanIn(long inputs, double scale = 1) => new(0, scale / Math.Sqrt(inputs));
}
