using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>softmax(q kᵀ / √d + mask) v on [batch, heads, tokens, d]; query heads may share key heads.</summary>
internal static class Attention
{
    /// <summary>What a masked score gets: finite in float32 and bfloat16, lest a row without keys is not.</summary>
    internal const float Hidden = -3e38f;

    /// <summary>Attention with an added mask, or causal where the mask is null and so asked.</summary>
    internal static Tensor Run(Tensor q, Tensor k, Tensor v, Tensor? mask, bool isCausal)
    {
        var groups = q.size(1) / k.size(1);
        return nn.functional.scaled_dot_product_attention(
            q, RepeatHeads(k, groups), RepeatHeads(v, groups), mask, 0.0, isCausal);
    }

    private static Tensor RepeatHeads(Tensor heads, long times)
    {
        if (times == 1)
        {
            return heads;
        }

        var shape = heads.shape;                                          // [batch, key heads, tokens, d]
        return heads.unsqueeze(2)
            .expand(shape[0], shape[1], times, shape[2], shape[3])
            .reshape(shape[0], shape[1] * times, shape[2], shape[3]);     // [batch, query heads, tokens, d]
    }
}
