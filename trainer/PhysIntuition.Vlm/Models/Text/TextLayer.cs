using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>x += attention(norm(x)); x += mlp(norm(x)).</summary>
internal sealed class TextLayer : Part
{
    private readonly RmsNorm _inputNorm;
    private readonly RmsNorm _postNorm;
    private readonly TextAttention _attention;
    private readonly GatedMlp _mlp;

    internal TextLayer(WeightScope weights, TextConfig config)
        : base(nameof(TextLayer))
    {
        var outputScale = 1 / Math.Sqrt(2.0 * config.NumHiddenLayers);
        _inputNorm = Add("input_layernorm", Norm("input_layernorm"));
        _postNorm = Add("post_attention_layernorm", Norm("post_attention_layernorm"));
        _attention = Add("self_attn", new TextAttention(weights.Child("self_attn"), config, outputScale));
        _mlp = Add("mlp", new GatedMlp(
            weights.Child("mlp"), config.HiddenSize, config.IntermediateSize, hasBias: false, outputScale));

        RmsNorm Norm(string name) => new(weights.Child(name), config.HiddenSize, config.RmsNormEps);
    }

    /// <summary>Maps [batch, tokens, hidden] to the same shape, or to [batch, 1, hidden] of the last tokens.</summary>
    internal Tensor Forward(Tensor x, DecoderPass pass, int layer, bool isLastOnly = false)
    {
        var attended = _attention.Forward(_inputNorm.Forward(x), pass, layer, isLastOnly);
        x = (isLastOnly ? x.narrow(1, x.size(1) - 1, 1) : x) + attended;
        return x + _mlp.Forward(_postNorm.Forward(x));
    }
}
