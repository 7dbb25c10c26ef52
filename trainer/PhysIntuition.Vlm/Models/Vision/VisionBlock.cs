using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>x += attention(norm1(x)); x += mlp(norm2(x)).</summary>
internal sealed class VisionBlock : Part
{
    private readonly Normalisation _norm1;
    private readonly Normalisation _norm2;
    private readonly VisionAttention _attention;
    private readonly Mlp _mlp;

    internal VisionBlock(WeightScope weights, VlmFamily family, VisionConfig config)
        : base(nameof(VisionBlock))
    {
        // Two branches per block join the residual stream; their starting size shrinks with the depth.
        var outputScale = 1 / Math.Sqrt(2.0 * config.Depth);
        _norm1 = Add("norm1", VisionNorm.Create(weights.Child("norm1"), family, config.HiddenSize));
        _norm2 = Add("norm2", VisionNorm.Create(weights.Child("norm2"), family, config.HiddenSize));
        _attention = Add("attn", new VisionAttention(weights.Child("attn"), config, outputScale));
        _mlp = Add("mlp", CreateMlp(weights.Child("mlp"), family, config, outputScale));
    }

    /// <summary>Maps [patches, width] to the same shape.</summary>
    internal Tensor Forward(Tensor x, Rotary rotary, Segment[] segments)
    {
        x = x + _attention.Forward(_norm1.Forward(x), rotary, segments);
        return x + _mlp.Forward(_norm2.Forward(x));
    }

    private static Mlp CreateMlp(WeightScope weights, VlmFamily family, VisionConfig config, double outputScale) =>
        family == VlmFamily.Qwen3Vl
            ? new PlainMlp(weights, config.HiddenSize, config.IntermediateSize, outputScale)
            : new GatedMlp(weights, config.HiddenSize, config.IntermediateSize, hasBias: true, outputScale);
}
