using PhysIntuition.Vlm.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Losses;

/// <summary>Every knob of PPO's two losses; defaults are TRL's.</summary>
public sealed record ProximalLossOptions
{
    /// <summary>How far the policy ratio may leave 1.</summary>
    public double PolicyClip { get; init; } = 0.2;

    /// <summary>How far a value may leave the one it had when the data was collected.</summary>
    public double ValueClip { get; init; } = 0.2;

    /// <summary>Weight of the value loss.</summary>
    public double ValueWeight { get; init; } = 0.1;
}

/// <summary>What PPO learns from, all tensors [completion, token].</summary>
/// <param name="OldLogProbs">Log-probabilities when the data was collected.</param>
/// <param name="OldValues">The value head's estimates then.</param>
/// <param name="Advantages">Whitened over the batch.</param>
/// <param name="Returns">What the value head should have said.</param>
/// <param name="Mask">1 for tokens that count, else 0.</param>
public sealed record ProximalBatch(
    Tensor OldLogProbs, Tensor OldValues, Tensor Advantages, Tensor Returns, Tensor Mask);

/// <summary>The clipped policy and value losses of PPO (Schulman et al., 2017).</summary>
public static class ProximalLoss
{
    /// <summary>Masked mean of the clipped policy term plus the weighted, clipped value term.</summary>
    /// <param name="logProbs">[completion, token], carries the gradient.</param>
    /// <param name="values">[completion, token], the value head's; carries the gradient.</param>
    /// <param name="batch">What was collected.</param>
    /// <param name="options">The knobs.</param>
    public static Tensor Compute(Tensor logProbs, Tensor values, ProximalBatch batch, ProximalLossOptions options)
    {
        using var scope = NewDisposeScope();
        var mask = batch.Mask.to(ScalarType.Float64);
        var ratio = (logProbs.to(ScalarType.Float64) - batch.OldLogProbs.to(ScalarType.Float64)).exp();
        var gain = batch.Advantages.to(ScalarType.Float64);
        var policy = maximum(
            -gain * ratio, -gain * ratio.Within(1 - options.PolicyClip, 1 + options.PolicyClip));

        var value = values.to(ScalarType.Float64);
        var (before, goal) = (batch.OldValues.to(ScalarType.Float64), batch.Returns.to(ScalarType.Float64));
        var near = before.Plus((value - before).Within(-options.ValueClip, options.ValueClip));
        var error = maximum((value - goal).square(), (near - goal).square()).Times(0.5);

        var loss = (policy.Plus(error.Times(options.ValueWeight)) * mask).sum()
            .Over(Math.Max(mask.sum().ToDouble(), 1));
        return loss.MoveToOuterDisposeScope();
    }
}
