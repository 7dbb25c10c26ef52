using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Losses;

/// <summary>Completions of one micro batch, right-padded; tensors are [completion, token] if not said.</summary>
/// <param name="LogProbs">Log-probabilities of the tokens under the model that learns; carries the gradient.</param>
/// <param name="Mask">1 for tokens up to and including the end token, else 0.</param>
/// <param name="Advantages">[completion].</param>
public sealed record PolicyBatch(Tensor LogProbs, Tensor Mask, Tensor Advantages)
{
    /// <summary>Under the model that generated; null where that is the learning model itself: the ratio is 1.</summary>
    public Tensor? OldLogProbs { get; init; }

    /// <summary>Under another engine that generated, where its numbers differ; null: the learning model did.</summary>
    public Tensor? SamplerLogProbs { get; init; }

    /// <summary>Under the frozen reference model; needed where beta is not 0.</summary>
    public Tensor? ReferenceLogProbs { get; init; }

    /// <summary>Entropy of each token's distribution; needed for the entropy bonus and the entropy share.</summary>
    public Tensor? Entropies { get; init; }

    /// <summary>Tokens of the whole generation, which Dapo, Cispo and Vespo divide by; null: this batch's.</summary>
    public double? TokensInGeneration { get; init; }

    /// <summary>Micro batches of one optimiser step.</summary>
    public int AccumulationSteps { get; init; } = 1;
}

/// <summary>A loss to call backward on, and what is worth charting.</summary>
/// <param name="Loss">A float64 scalar; belongs to the caller's dispose scope.</param>
/// <param name="Metrics">Named as TRL names them.</param>
public sealed record PolicyLossResult(Tensor Loss, IReadOnlyDictionary<string, double> Metrics);
