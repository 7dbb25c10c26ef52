using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Token embeddings, decoder layers, and the last norm.</summary>
public sealed class TextDecoder : Part
{
    private const double EmbeddingDeviation = 0.5;

    private readonly ModuleList<TextLayer> _layers;
    private readonly RmsNorm _norm;
    private readonly TextRotary _rotary;

    internal TextDecoder(WeightScope weights, TextConfig config)
        : base(nameof(TextDecoder))
    {
        Config = config;
        Embedding = Add("embed_tokens", nn.Embedding_from_pretrained(
            weights.Child("embed_tokens").Take(
                "weight", [config.VocabSize, config.HiddenSize], Initial.Normal(EmbeddingDeviation)),
            freeze: !weights.Source.Placement.IsTrainable));
        _layers = Add("layers", new ModuleList<TextLayer>([.. Enumerable.Range(0, config.NumHiddenLayers)
            .Select(index => new TextLayer(weights.Child("layers", index), config))]));
        _norm = Add("norm", new RmsNorm(weights.Child("norm"), config.HiddenSize, config.RmsNormEps));
        _rotary = new TextRotary(config, weights.Source.Placement.Device);
    }

    /// <summary>The decoder's dimensions.</summary>
    public TextConfig Config { get; }

    internal Embedding Embedding { get; }

    internal bool UsesCheckpointing { get; set; }

    /// <summary>Sees every layer's output [batch, tokens, hidden] before deepstack tokens are added.</summary>
    public Action<int, Tensor>? LayerObserver { get; set; }

    /// <summary>Runs the layers.</summary>
    /// <param name="x">Embeddings with pictures in their places [batch, tokens, hidden].</param>
    /// <param name="positions">Time, row, column [3, batch, tokens].</param>
    /// <param name="mask">Added to scores [batch, 1, tokens, tokens]; null: causal.</param>
    /// <param name="cache">Keys and values of earlier tokens, extended by these; null: none.</param>
    /// <param name="deepstack">What is added to picture tokens after the first layers.</param>
    /// <returns>Normalised states [batch, tokens, hidden].</returns>
    internal Tensor Forward(
        Tensor x, Tensor positions, Tensor? mask = null, KvCache? cache = null, DeepstackInput? deepstack = null)
    {
        var pass = new DecoderPass(_rotary.At(positions, x.dtype), mask, cache);
        for (var index = 0; index < _layers.Count; index++)
        {
            x = RunLayer(index, x, pass);
            LayerObserver?.Invoke(index, x);
            x = deepstack?.AddTo(x, index) ?? x;
        }

        return _norm.Forward(x);
    }

    private Tensor RunLayer(int index, Tensor x, DecoderPass pass)
    {
        var layer = _layers[index];
        return UsesCheckpointing && pass.Cache is null
            ? Checkpoint.Run(layer, input => layer.Forward(input, pass, index), x)
            : Tidily(() => layer.Forward(x, pass, index));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _rotary.Dispose();
        base.Dispose(disposing);
    }
}
