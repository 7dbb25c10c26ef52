using PhysIntuition.Vlm.Models;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Generation;

/// <summary>Caches for completions of a batch of prompts, and where the completions go on.</summary>
internal static class CompletionCache
{
    /// <summary>An empty cache; capacity 0 for one differentiable run over whole completions.</summary>
    internal static KvCache Create(VisionLanguageModel model, VlmBatch prompts, int completions, long capacity)
    {
        using var scope = NewDisposeScope();
        var type = model.Decoder.Embedding.Weight.dtype;
        var mask = AttentionMasks.Keys(prompts.AttentionMask, type);
        return new KvCache(model.Config.Text.NumHiddenLayers, mask, completions, capacity);
    }

    /// <summary>Position of the first completion token in all three axes [3, prompts * completions, 1].</summary>
    internal static Tensor FirstPositions(VlmBatch prompts, int completions, Device device)
    {
        long[] next = [.. prompts.NextPositions.SelectMany(place => Enumerable.Repeat((long)place, completions))];
        return tensor(next, [1, next.Length, 1], device: device).expand(3, next.Length, 1);
    }
}
