namespace PhysIntuition.Trainer.Optimisers;

/// <summary>Updates what learns from its gradients.</summary>
internal interface IOptimiser : IDisposable
{
    /// <summary>Updates every parameter that has a gradient, and clears the gradients.</summary>
    void Step(double learningRate);

    /// <summary>Writes everything that the next step depends on, but for the parameters.</summary>
    void Save(string path);

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    void Load(string path);
}
