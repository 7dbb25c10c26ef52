namespace PhysIntuition.Vlm.Models;

/// <summary>Token embeddings, decoder layers, and the last norm.</summary>
public sealed class TextDecoder : Part
{
    private readonly ModuleList<TextLayer> _layers;
    private readonly RmsNorm _norm;
    private readonly TextRotary _rotary;

    internal TextDecoder(WeightScope weights, TextConfig config)
        : base(nameof(TextDecoder))
    {
        Config = config;
        Embedding = Add("embed_tokens", new TokenEmbedding(
            weights.Child("embed_tokens"), config.VocabSize, config.HiddenSize));
        _layers = Add("layers", new ModuleList<TextLayer>([.. Enumerable.Range(0, config.NumHiddenLayers)
            .Select(index => new TextLayer(weights.Child("layers", index), config))]));
        _norm = Add("norm", new RmsNorm(weights.Child("norm"), config.HiddenSize, config.RmsNormEps));
        _rotary = new TextRotary(config, weights.Source.Placement.Device);
    }

    /// <summary>The decoder's dimensions.</summary>
    public TextConfig Config { get; }

    internal TokenEmbedding Embedding { get; }

    internal bool UsesCheckpointing { get; set; }

    /// <summary>Sees every layer's output [batch, tokens, hidden] before deepstack tokens are added.</summary>
    public Action<int, Tensor>? LayerObserver { get; set; }

    /// <summary>Runs the layers.</summary>
    /// <param name="x">Embeddings with pictures in their places [batch, tokens, hidden].</param>
    /// <param name="positions">Time, row, column [3, batch, tokens].</param>
    /// <param name="mask">Added to scores [batch, 1, tokens, tokens]; null: causal.</param>
    /// <param name="cache">Keys and values of earlier tokens, extended by these; null: none.</param>
    /// <param name="deepstack">What is added to picture tokens after the first layers.</param>
    /// <param name="isLastOnly">The last layer gives the other tokens keys and values, and no more.</param>
    /// <returns>Normalised states [batch, tokens, hidden], or [batch, 1, hidden] of the last tokens.</returns>
    internal Tensor Forward(
        Tensor x, Tensor positions, Tensor? mask = null, IKeyValueCache? cache = null, DeepstackInput? deepstack = null,
        bool isLastOnly = false)
    {
        var pass = new DecoderPass(_rotary.At(positions, x.dtype), mask, cache);
        var narrows = isLastOnly && (deepstack?.Levels.Count ?? 0) < _layers.Count;
        for (var index = 0; index < _layers.Count; index++)
        {
            x = RunLayer(index, x, pass, narrows && index == _layers.Count - 1);
            LayerObserver?.Invoke(index, x);
            x = deepstack?.AddTo(x, index) ?? x;
        }

        return _norm.Forward(isLastOnly ? x.narrow(1, x.size(1) - 1, 1) : x);
    }

    /// <summary>Prompts and their completions, layer by layer: each layer's keys live only while it runs.</summary>
    /// <remarks>
    /// Both go through a layer as one tensor [1, tokens of all, hidden], prompts first, so that a checkpoint has one
    /// input and one output, and picture tokens keep their rows.
    /// </remarks>
    /// <param name="prompts">Embeddings [prompts, tokens, hidden], their positions and mask as in Forward.</param>
    /// <param name="completions">Embeddings [prompts * completions, tokens, hidden] and their positions.</param>
    /// <param name="promptKeys">Added to scores on prompt keys [prompts, 1, 1, tokens]; null: no padding.</param>
    /// <param name="deepstack">As in Forward.</param>
    /// <returns>Normalised states of both, shaped like the embeddings.</returns>
    internal (Tensor Prompts, Tensor Completions) ForwardShared(
        (Tensor X, Tensor Positions, Tensor? Mask) prompts, (Tensor X, Tensor Positions) completions,
        Tensor? promptKeys, DeepstackInput? deepstack)
    {
        var (p, c) = (prompts.X, completions.X);
        var (hidden, split) = (p.size(2), p.size(0) * p.size(1));
        var first = _rotary.At(prompts.Positions, p.dtype);
        var second = _rotary.At(completions.Positions, c.dtype);
        var x = cat([p.reshape(1, -1, hidden), c.reshape(1, -1, hidden)], 1);
        for (var index = 0; index < _layers.Count; index++)
        {
            var layer = _layers[index];
            x = GradientCheckpoint.Run(layer, both => Run(layer, both), x);
            x = deepstack?.AddTo(x, index) ?? x;
        }

        x = _norm.Forward(x);
        return (Prompts(x), Completions(x));

        Tensor Prompts(Tensor both) => both.narrow(1, 0, split).view(p.shape);
        Tensor Completions(Tensor both) => both.narrow(1, split, both.size(1) - split).view(c.shape);

        Tensor Run(TextLayer layer, Tensor both)
        {
            using var cache = new KvCache(1, promptKeys, (int)(c.size(0) / p.size(0)), capacity: 0);
            var before = layer.Forward(Prompts(both), new DecoderPass(first, prompts.Mask, cache), 0);
            var after = layer.Forward(Completions(both), new DecoderPass(second, null, cache), 0);
            return cat([before.reshape(1, -1, hidden), after.reshape(1, -1, hidden)], 1);
        }
    }

    private Tensor RunLayer(int index, Tensor x, DecoderPass pass, bool isLastOnly)
    {
        var layer = _layers[index];
        return UsesCheckpointing && pass.Cache is null
            ? GradientCheckpoint.Run(layer, input => layer.Forward(input, pass, index, isLastOnly), x)
            : Tidily(() => layer.Forward(x, pass, index, isLastOnly));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _rotary.Dispose();
        }

        base.Dispose(disposing);
    }
}

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
        x = (isLastOnly ? x.narrow(1, x.size(1) - 1, 1) : x).Plus(attended);
        return x.Plus(_mlp.Forward(_postNorm.Forward(x)));
    }
}

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

/// <summary>What every layer needs to know about one run of the decoder.</summary>
/// <param name="Rotary">The rotation of the tokens at hand.</param>
/// <param name="Mask">Added to scores [batch, 1, tokens, tokens]; null: causal and no padding.</param>
/// <param name="Cache">Keys and values of earlier tokens; null: none are kept.</param>
internal sealed record DecoderPass(Rotary Rotary, Tensor? Mask, IKeyValueCache? Cache)
{
    /// <summary>The same for queries of the last tokens alone; a null mask then hides nothing.</summary>
    internal DecoderPass OfLast()
    {
        var last = Rotary.Cos.size(1) - 1;                                                // [batch, tokens, 1, half]
        return this with
        {
            Rotary = new Rotary(Rotary.Cos.narrow(1, last, 1), Rotary.Sin.narrow(1, last, 1)),
            Mask = Mask?.narrow(2, last, 1),
        };
    }
}

/// <summary>The tower's intermediate tokens, which join the residual stream after the decoder's first layers.</summary>
/// <param name="Places">Rows of the flattened batch that are picture tokens.</param>
/// <param name="Levels">One tensor [picture tokens, hidden] per layer, from the first layer on.</param>
internal sealed record DeepstackInput(Tensor Places, IReadOnlyList<Tensor> Levels)
{
    // TorchSharp holds no scalar while the operator runs: one that nobody else holds may be freed before it is read.
    private static readonly TorchSharp.Scalar s_once = 1;

    /// <summary>The stream [batch, tokens, hidden] after one layer, with that layer's level added.</summary>
    internal Tensor AddTo(Tensor x, int layer)
    {
        if (layer >= Levels.Count)
        {
            return x;
        }

        var shape = x.shape;
        return x.view(-1, shape[2]).index_add(0, Places, Levels[layer].to(x.dtype), s_once).view(shape);
    }
}

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

/// <summary>M-RoPE: every frequency follows time, row, or column.</summary>
internal sealed class TextRotary : IDisposable
{
    private const int Axes = 3;

    private readonly Tensor _frequencies;   // [3, 1, 1, half a head]; zero where the axis is not followed

    internal TextRotary(TextConfig config, Device device)
    {
        var half = config.HeadDim / 2;
        var values = new float[Axes * half];
        for (var k = 0; k < half; k++)
        {
            values[(Axis(k, config) * half) + k] = (float)(1 / Math.Pow(config.RopeTheta, 2.0 * k / config.HeadDim));
        }

        _frequencies = tensor(values, [Axes, 1, 1, half], device: device).DetachFromDisposeScope();
    }

    /// <summary>The rotation of tokens at positions [3, batch, tokens], in a type; broadcasts over heads.</summary>
    internal Rotary At(Tensor positions, ScalarType type)
    {
        var angles = (positions.to(ScalarType.Float32).unsqueeze(-1) * _frequencies)   // [3, batch, tokens, half]
            .sum(0L).unsqueeze(2);                                                     // [batch, tokens, 1, half]
        return new Rotary(angles.cos().to(type), angles.sin().to(type));
    }

    public void Dispose() => _frequencies.Dispose();

    private static int Axis(int frequency, TextConfig config)
    {
        var section = config.MropeSection;
        if (!config.MropeInterleaved)
        {
            return frequency < section[0] ? 0 : frequency < section[0] + section[1] ? 1 : 2;
        }

        // 1, 4, 7, ... follow rows and 2, 5, 8, ... columns as far as their sections reach; the rest is time.
        var axis = frequency % Axes;
        return axis != 0 && frequency < Axes * section[axis] ? axis : 0;
    }
}
