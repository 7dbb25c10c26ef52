using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

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
