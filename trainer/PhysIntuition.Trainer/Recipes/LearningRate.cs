namespace PhysIntuition.Trainer.Recipes;

/// <summary>How the learning rate falls after its warm-up.</summary>
public enum Decay
{
    /// <summary>Stays.</summary>
    Constant,

    /// <summary>To 0 in a straight line.</summary>
    Linear,

    /// <summary>To 0 along half a cosine.</summary>
    Cosine,
}

/// <summary>The learning rate of every step: a linear warm-up, then a decay.</summary>
/// <param name="Peak">The highest rate.</param>
/// <param name="Decay">How it falls.</param>
/// <param name="WarmupShare">Share of all steps that the warm-up takes, in [0, 1).</param>
/// <param name="Steps">All steps.</param>
public sealed record LearningRate(double Peak, Decay Decay, double WarmupShare, long Steps)
{
    /// <summary>The rate of a step.</summary>
    /// <param name="step">From 0 on.</param>
    public double At(long step)
    {
        var warmup = Math.Ceiling(Steps * WarmupShare);
        if (step < warmup)
        {
            return Peak * (step + 1) / (warmup + 1);
        }

        var done = (step - warmup) / Math.Max(1, Steps - warmup);
        return Decay switch
        {
            Decay.Linear => Peak * (1 - done),
            Decay.Cosine => Peak * (1 + Math.Cos(Math.PI * done)) / 2,
            _ => Peak,
        };
    }
}
