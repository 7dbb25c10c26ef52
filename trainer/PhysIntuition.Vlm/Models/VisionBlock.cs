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
        x = x.Plus(_attention.Forward(_norm1.Forward(x), rotary, segments));
        return x.Plus(_mlp.Forward(_norm2.Forward(x)));
    }

    private static Mlp CreateMlp(WeightScope weights, VlmFamily family, VisionConfig config, double outputScale) =>
        family == VlmFamily.Qwen3Vl
            ? new PlainMlp(weights, config.HiddenSize, config.IntermediateSize, outputScale)
            : new GatedMlp(weights, config.HiddenSize, config.IntermediateSize, hasBias: true, outputScale);
}

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

/// <summary>fc2(gelu(fc1(x))) with the tanh form of GELU; the Qwen3-VL tower's MLP.</summary>
internal sealed class PlainMlp : Mlp
{
    private readonly LinearLayer _fc1;
    private readonly LinearLayer _fc2;

    internal PlainMlp(WeightScope weights, long width, long inner, double outputScale)
        : base(nameof(PlainMlp))
    {
        _fc1 = Add("linear_fc1", new LinearLayer(weights.Child("linear_fc1"), width, inner, hasBias: true));
        _fc2 = Add("linear_fc2", new LinearLayer(
            weights.Child("linear_fc2"), inner, width, hasBias: true, outputScale));
    }

    internal override Tensor Forward(Tensor x) =>
        _fc2.Forward(nn.functional.gelu(_fc1.Forward(x), GELU.Approximate.tanh));
}

/// <summary>The tower's norm: layer norm in Qwen3-VL, RMS norm in Qwen2.5-VL.</summary>
internal static class VisionNorm
{
    private const double Epsilon = 1e-6;

    internal static Normalisation Create(WeightScope weights, VlmFamily family, long width) =>
        family == VlmFamily.Qwen3Vl
            ? new LayerNormalisation(weights, width)
            : new RmsNorm(weights, width, Epsilon);
}

/// <summary>Joins a square of patches into one token of the decoder's width.</summary>
internal sealed class PatchMerger : Part
{
    private readonly Normalisation _norm;
    private readonly LinearLayer _fc1;
    private readonly LinearLayer _fc2;
    private readonly long _joined;
    private readonly bool _normalisesJoined;

    private PatchMerger(
        Normalisation norm, string normName, WeightScope first, WeightScope second, VisionConfig config, bool joined)
        : base(nameof(PatchMerger))
    {
        _joined = (long)config.HiddenSize * config.MergeArea;
        _normalisesJoined = joined;
        _norm = Add(normName, norm);
        _fc1 = new LinearLayer(first, _joined, _joined, hasBias: true);
        _fc2 = new LinearLayer(second, _joined, config.OutHiddenSize, hasBias: true);
    }

    /// <summary>Qwen3-VL's merger. Deepstack mergers normalise the joined vector, the last one each patch.</summary>
    internal static PatchMerger Qwen3(WeightScope weights, VisionConfig config, bool isDeepstack)
    {
        var width = isDeepstack ? (long)config.HiddenSize * config.MergeArea : config.HiddenSize;
        var merger = new PatchMerger(
            new LayerNormalisation(weights.Child("norm"), width), "norm",
            weights.Child("linear_fc1"), weights.Child("linear_fc2"), config, isDeepstack);
        merger.Add("linear_fc1", merger._fc1);
        merger.Add("linear_fc2", merger._fc2);
        return merger;
    }

    /// <summary>Qwen2.5-VL's merger, whose linear layers are the first and third of a sequence.</summary>
    internal static PatchMerger Qwen25(WeightScope weights, VisionConfig config)
    {
        var norm = VisionNorm.Create(weights.Child("ln_q"), VlmFamily.Qwen25Vl, config.HiddenSize);
        var merger = new PatchMerger(
            norm, "ln_q", weights.Child("mlp", 0), weights.Child("mlp", 2), config, joined: false);
        merger.Add("mlp", new Sequence(merger._fc1, merger._fc2));
        return merger;
    }

    /// <summary>Maps [patches, width] to [tokens, decoder width].</summary>
    internal Tensor Forward(Tensor x)
    {
        var joined = _normalisesJoined
            ? _norm.Forward(x.view(-1, _joined))                  // [tokens, patches of a square * width]
            : _norm.Forward(x).view(-1, _joined);
        return _fc2.Forward(nn.functional.gelu(_fc1.Forward(joined)));
    }

    private sealed class Sequence : Part
    {
        internal Sequence(LinearLayer first, LinearLayer third)
            : base(nameof(Sequence))
        {
            Add("0", first);
            Add("2", third);
        }
    }
}
