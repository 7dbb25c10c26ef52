using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>A row of the table for every token.</summary>
/// <remarks>The package's Embedding_from_pretrained registers another tensor than the one it looks up.</remarks>
internal sealed class TokenEmbedding : Part
{
    private const double Deviation = 0.5;

    internal TokenEmbedding(WeightScope weights, long count, long width)
        : base(nameof(TokenEmbedding)) =>
        Weight = Add("weight", weights.TakeParameter("weight", [count, width], Initial.Normal(Deviation)));

    internal Parameter Weight { get; }

    internal Tensor Forward(Tensor tokens) =>
        Weight.index_select(0, tokens.reshape(-1)).view([.. tokens.shape, Weight.size(1)]);
}
