namespace PhysIntuition.Vlm.Models;

/// <summary>The decoder's dimensions; names as in config.json.</summary>
public sealed record TextConfig
{
    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the gated MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of layers.</summary>
    public required int NumHiddenLayers { get; init; }

    /// <summary>Query heads.</summary>
    public required int NumAttentionHeads { get; init; }

    /// <summary>Key and value heads; divides the query heads.</summary>
    public required int NumKeyValueHeads { get; init; }

    /// <summary>Width of one head; need not be the hidden size over the heads.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Rows of the embedding; may exceed the tokenizer's vocabulary.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Added to the mean square in every RMS norm.</summary>
    public double RmsNormEps { get; init; } = 1e-6;

    /// <summary>Base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 5_000_000;

    /// <summary>Frequencies that follow time, row, and column; their sum is half a head.</summary>
    public IReadOnlyList<int> MropeSection { get; init; } = [24, 20, 20];

    /// <summary>Time, row, and column alternate over the frequencies (true) or follow each other (false).</summary>
    public bool MropeInterleaved { get; init; } = true;

    /// <summary>Whether q, k, and v have biases.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether every q and k head is RMS-normalised before its rotation.</summary>
    public bool QkNorm { get; init; } = true;
}
