using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Keys and values of all layers: one copy per prompt, which all completions of that prompt share.</summary>
/// <remarks>
/// The first run of the decoder stores the prompts. Every later run extends the completions: its batch is
/// [prompts * completions], completions of one prompt side by side. With capacity, completions are written into
/// memory taken once; without, the run's own keys are used as they are, and gradients pass through everything.
/// </remarks>
public sealed class KvCache : IDisposable
{
    private readonly LayerCache[] _layers;
    private readonly Tensor? _promptMask;

    /// <summary>An empty cache.</summary>
    /// <param name="layers">The decoder's layers.</param>
    /// <param name="promptMask">Added to scores on prompt keys [prompts, 1, 1, tokens]; null: no padding.</param>
    /// <param name="completions">Completions per prompt.</param>
    /// <param name="capacity">Tokens that a completion may have; 0: one run only, nothing is copied.</param>
    internal KvCache(int layers, Tensor? promptMask, int completions, long capacity)
    {
        _promptMask = promptMask?.alias().DetachFromDisposeScope();
        Completions = completions;
        _layers = [.. Enumerable.Range(0, layers).Select(_ => new LayerCache(completions, capacity))];
    }

    /// <summary>Completions per prompt.</summary>
    public int Completions { get; }

    /// <summary>Tokens of the completions so far.</summary>
    public long Length => _layers[0].Length;

    /// <summary>Releases all keys and values.</summary>
    public void Dispose()
    {
        _promptMask?.Dispose();
        foreach (var layer in _layers)
        {
            layer.Dispose();
        }
    }

    /// <summary>Stores or extends one layer's keys and values, and attends over all of them.</summary>
    internal Tensor Attend(int layer, Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        var cache = _layers[layer];
        if (!cache.HasPrompt)
        {
            cache.StorePrompt(k, v);
            return Attention.Run(q, k, v, mask, isCausal: mask is null && q.size(2) == k.size(2));
        }

        var (keys, values) = cache.Extend(k, v);
        return SharedAttention.Run(q, cache.PromptKeys, cache.PromptValues, keys, values, _promptMask);
    }
}
