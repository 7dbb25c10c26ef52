using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Causal attention with shared key heads, optional q/k norm, and M-RoPE.</summary>
internal sealed class TextAttention : Part
{
    private readonly TextConfig _config;
    private readonly LinearLayer _q;
    private readonly LinearLayer _k;
    private readonly LinearLayer _v;
    private readonly LinearLayer _output;
    private readonly RmsNorm? _qNorm;
    private readonly RmsNorm? _kNorm;

    internal TextAttention(WeightScope weights, TextConfig config, double outputScale)
        : base(nameof(TextAttention))
    {
        _config = config;
        long hidden = config.HiddenSize;
        var queries = (long)config.NumAttentionHeads * config.HeadDim;
        var keys = (long)config.NumKeyValueHeads * config.HeadDim;
        _q = Add("q_proj", new LinearLayer(weights.Child("q_proj"), hidden, queries, config.AttentionBias));
        _k = Add("k_proj", new LinearLayer(weights.Child("k_proj"), hidden, keys, config.AttentionBias));
        _v = Add("v_proj", new LinearLayer(weights.Child("v_proj"), hidden, keys, config.AttentionBias));
        _output = Add("o_proj", new LinearLayer(weights.Child("o_proj"), queries, hidden, hasBias: false, outputScale));
        if (config.QkNorm)
        {
            _qNorm = Add("q_norm", new RmsNorm(weights.Child("q_norm"), config.HeadDim, config.RmsNormEps));
            _kNorm = Add("k_norm", new RmsNorm(weights.Child("k_norm"), config.HeadDim, config.RmsNormEps));
        }
    }

    /// <summary>Maps [batch, tokens, hidden] to the same shape, or to [batch, 1, hidden] of the last tokens.</summary>
    internal Tensor Forward(Tensor x, DecoderPass pass, int layer, bool isLastOnly = false)
    {
        var k = Rotated(_k.Forward(x), _config.NumKeyValueHeads, _kNorm, pass.Rotary);    // [batch, key heads, ...]
        var v = Heads(_v.Forward(x), _config.NumKeyValueHeads).transpose(1, 2);           // [batch, key heads, ...]
        if (isLastOnly)
        {
            (x, pass) = (x.narrow(1, x.size(1) - 1, 1), pass.OfLast());
        }

        var q = Rotated(_q.Forward(x), _config.NumAttentionHeads, _qNorm, pass.Rotary);   // [batch, heads, tokens, d]
        var attended = pass.Cache is { } cache                                            // [batch, heads, tokens, d]
            ? cache.Attend(layer, q, k, v, pass.Mask)
            : Attention.Run(q, k, v, pass.Mask, isCausal: pass.Mask is null && !isLastOnly);
        var joined = attended.transpose(1, 2)
            .reshape(x.size(0), x.size(1), (long)_config.NumAttentionHeads * _config.HeadDim);
        return _output.Forward(joined);
    }

    private Tensor Rotated(Tensor projected, int heads, RmsNorm? norm, Rotary rotary)
    {
        var split = Heads(projected, heads);                                               // [batch, tokens, heads, d]
        return rotary.Apply(norm?.Forward(split) ?? split).transpose(1, 2);
    }

    private Tensor Heads(Tensor projected, int heads) =>
        projected.view(projected.size(0), projected.size(1), heads, _config.HeadDim);
}
