using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Vlm.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Losses;

/// <summary>What is worth charting about one micro batch.</summary>
internal static class PolicyMetrics
{
    public static Dictionary<string, double> Of(PolicyLoss.Terms terms, GrpoOptions options, Tensor loss)
    {
        using var none = no_grad();
        var metrics = new Dictionary<string, double> { ["policy_loss"] = loss.ToDouble() };
        if (terms.Kl is not null)
        {
            metrics["kl"] = terms.MeanOf(terms.Kl).ToDouble();
        }

        if (terms.Entropies is not null)
        {
            metrics["entropy"] = terms.MeanOf(terms.Entropies).ToDouble();
        }

        if (terms.SamplerGap is { } gap)
        {
            var importance = gap.exp().masked_select(terms.Mask.IsAbove(0));
            metrics["sampling/sampling_logp_difference/mean"] = terms.MeanOf(gap.abs()).ToDouble();
            metrics["sampling/sampling_logp_difference/max"] = gap.abs().max().ToDouble();
            metrics["sampling/importance_sampling_ratio/mean"] = importance.mean().ToDouble();
            metrics["sampling/importance_sampling_ratio/min"] = importance.min().ToDouble();
            metrics["sampling/importance_sampling_ratio/max"] = importance.max().ToDouble();
        }

        switch (options.Objective)
        {
            case PolicyObjective.Cispo:
                var isCapped = terms.Ratio.IsAbove(options.EpsilonHigh).logical_and(terms.Advantages.IsAbove(0));
                metrics["cispo_clip_ratio"] = terms.MeanOf(isCapped.to(ScalarType.Float64)).ToDouble();
                break;
            case PolicyObjective.Vespo:
                metrics["vespo/phi_seq_mean"] = terms.SequenceWeight.mean().ToDouble();
                break;
            case PolicyObjective.Sapo:
                break;
            default:
                AddClipping(metrics, terms, options);
                break;
        }

        return metrics;
    }

    private static void AddClipping(
        Dictionary<string, double> metrics, PolicyLoss.Terms terms, GrpoOptions options)
    {
        var isLow = terms.Ratio.IsBelow(1 - options.EpsilonLow).logical_and(terms.Advantages.IsBelow(0));
        var isHigh = terms.Ratio.IsAbove(1 + options.EpsilonHigh).logical_and(terms.Advantages.IsAbove(0));
        var (low, high) = (isLow.to(ScalarType.Float64), isHigh.to(ScalarType.Float64));
        metrics["clip_ratio/low_mean"] = terms.MeanOf(low).ToDouble();
        metrics["clip_ratio/low_min"] = PerCompletion(low, terms).min().ToDouble();
        metrics["clip_ratio/high_mean"] = terms.MeanOf(high).ToDouble();
        metrics["clip_ratio/high_max"] = PerCompletion(high, terms).max().ToDouble();
        metrics["clip_ratio/region_mean"] = terms.MeanOf(low.Plus(high)).ToDouble();
    }

    private static Tensor PerCompletion(Tensor values, PolicyLoss.Terms terms) =>
        values.shape[1] == 1 ? values : terms.Masked(values).sum(1, keepdim: true) / terms.Lengths;
}
