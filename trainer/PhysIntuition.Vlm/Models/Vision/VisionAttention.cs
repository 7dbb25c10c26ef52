using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Attention among the patches of one frame or one window; 2-D rotary positions.</summary>
internal sealed class VisionAttention : Part
{
    private readonly LinearLayer _qkv;
    private readonly LinearLayer _projection;
    private readonly int _heads;
    private readonly int _headDim;

    internal VisionAttention(WeightScope weights, VisionConfig config, double outputScale)
        : base(nameof(VisionAttention))
    {
        long width = config.HiddenSize;
        _heads = config.NumHeads;
        _headDim = config.HeadDim;
        _qkv = Add("qkv", new LinearLayer(weights.Child("qkv"), width, 3 * width, hasBias: true));
        _projection = Add("proj", new LinearLayer(weights.Child("proj"), width, width, hasBias: true, outputScale));
    }

    /// <summary>Maps [patches, width] to the same shape.</summary>
    internal Tensor Forward(Tensor x, Rotary rotary, Segment[] segments)
    {
        var qkv = _qkv.Forward(x).view(-1, 3, _heads, _headDim);          // [patches, 3, heads, d]
        var rotated = Rotate(qkv.narrow(1, 0, 2), rotary);                // [patches, 2, heads, d]
        var q = rotated.select(1, 0);                                     // [patches, heads, d]
        var k = rotated.select(1, 1);
        var v = qkv.select(1, 2);
        var parts = segments.Select(segment => Within(segment, q, k, v)).ToArray();
        var attended = parts.Length == 1 ? parts[0] : cat(parts);         // [patches, width]
        return _projection.Forward(attended);
    }

    // Angles are float32, and so is the rotation, whatever the model's type.
    private static Tensor Rotate(Tensor heads, Rotary rotary)
    {
        var wide = new Rotary(rotary.Cos.unsqueeze(1), rotary.Sin.unsqueeze(1));
        return wide.Apply(heads.to(ScalarType.Float32)).to(heads.dtype);
    }

    private Tensor Within(Segment segment, Tensor q, Tensor k, Tensor v)
    {
        var attended = Attention.Run(Split(q), Split(k), Split(v), mask: null, isCausal: false);
        return attended.transpose(1, 2).reshape(segment.Count * segment.Length, _heads * _headDim);

        Tensor Split(Tensor rows) => rows.narrow(0, segment.Start, segment.Count * segment.Length)
            .view(segment.Count, segment.Length, _heads, _headDim)
            .transpose(1, 2);                                             // [runs, heads, length, d]
    }
}
