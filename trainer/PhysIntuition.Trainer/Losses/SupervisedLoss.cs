using PhysIntuition.Vlm.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Losses;

/// <summary>Next-token likelihood of given answers, the loss of supervised fine-tuning.</summary>
public static class SupervisedLoss
{
    /// <summary>Sum of negative log-probabilities over the trained tokens, by a token count.</summary>
    /// <param name="logProbs">[sequence, token]: log-probability of each token given those before it.</param>
    /// <param name="mask">[sequence, token]: 1 where a token is trained.</param>
    /// <param name="tokens">Trained tokens of all micro batches of a step, whose losses then add up.</param>
    /// <param name="isDynamic">Weights each token by its own probability (Wu et al., DFT, 2025).</param>
    public static Tensor Compute(Tensor logProbs, Tensor mask, double tokens, bool isDynamic = false)
    {
        using var scope = NewDisposeScope();
        var wide = logProbs.to(ScalarType.Float64);
        var weights = mask.to(ScalarType.Float64);
        weights = isDynamic ? weights * wide.detach().exp() : weights;
        return (-(wide * weights).sum()).Over(Math.Max(tokens, 1)).MoveToOuterDisposeScope();
    }
}
