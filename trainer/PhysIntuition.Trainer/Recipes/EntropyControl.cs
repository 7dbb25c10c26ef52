namespace PhysIntuition.Trainer.Recipes;

/// <summary>An entropy bonus that comes and goes, so that answers stay about as uncertain as is wanted.</summary>
/// <remarks>
/// Its weight rises by a step while the entropy is below the target and falls while it is above, never below 0, and it
/// counts only below the target: adaptive entropy control (He et al., Skywork Open Reasoner 1 Technical Report, 2025,
/// arXiv 2505.22312). Here the entropy looked at is that of the step before, which is known before the loss is.
/// </remarks>
/// <param name="target">Nats a token; 0: the weight stays as it is.</param>
/// <param name="step">By how much the weight moves.</param>
/// <param name="start">The first weight.</param>
internal sealed class EntropyControl(double target, double step, double start)
{
    private const string FileName = "entropy.json";

    private EntropyState _state = new(start, null);

    /// <summary>Weight of the bonus now.</summary>
    public double Weight => target > 0 && _state.Entropy > target ? 0 : _state.Weight;

    /// <summary>Takes the entropy of a step.</summary>
    public void Add(double entropy)
    {
        if (target > 0)
        {
            _state = new(Math.Max(0, _state.Weight + (entropy < target ? step : -step)), entropy);
        }
    }

    /// <summary>Writes where it stands into a checkpoint.</summary>
    public void Save(string folder)
    {
        if (target > 0)
        {
            File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(_state, RecipeOptions.Format));
        }
    }

    /// <summary>Goes on from a checkpoint.</summary>
    public void Restore(string folder)
    {
        if (target > 0)
        {
            var text = File.ReadAllText(Path.Combine(folder, FileName));
            _state = JsonSerializer.Deserialize<EntropyState>(text, RecipeOptions.Format)!;
        }
    }

    private sealed record EntropyState(double Weight, double? Entropy);
}
