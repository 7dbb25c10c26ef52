using TorchSharp.Modules;
using static TorchSharp.torch;

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
        Tensor x, Tensor positions, Tensor? mask = null, KvCache? cache = null, DeepstackInput? deepstack = null,
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
            x = Checkpoint.Run(layer, both => Run(layer, both), x);
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
            ? Checkpoint.Run(layer, input => layer.Forward(input, pass, index, isLastOnly), x)
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
