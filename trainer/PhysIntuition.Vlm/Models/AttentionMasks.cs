using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Masks that are added to scores: zero where a token may look, hugely negative where not.</summary>
internal static class AttentionMasks
{
    /// <summary>Causal, and no padding is looked at [batch, 1, tokens, tokens]; null where nothing is padded.</summary>
    internal static Tensor? Causal(Tensor? isToken, ScalarType type)
    {
        if (isToken is null)
        {
            return null;
        }

        var tokens = isToken.size(1);
        var future = ones([tokens, tokens], ScalarType.Bool, isToken.device).triu(1);
        var hidden = future.logical_or(isToken.logical_not().unsqueeze(1)).unsqueeze(1);   // [batch, 1, tokens, tokens]
        return zeros(hidden.shape, type, isToken.device).masked_fill(hidden, Attention.Hidden);
    }

    /// <summary>Hides padding among keys [batch, 1, 1, tokens]; null where nothing is padded.</summary>
    internal static Tensor? Keys(Tensor? isToken, ScalarType type)
    {
        if (isToken is null)
        {
            return null;
        }

        var hidden = isToken.logical_not().unsqueeze(1).unsqueeze(1);
        return zeros(hidden.shape, type, isToken.device).masked_fill(hidden, Attention.Hidden);
    }
}
