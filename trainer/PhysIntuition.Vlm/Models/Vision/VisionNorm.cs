namespace PhysIntuition.Vlm.Models;

/// <summary>The tower's norm: layer norm in Qwen3-VL, RMS norm in Qwen2.5-VL.</summary>
internal static class VisionNorm
{
    private const double Epsilon = 1e-6;

    internal static Normalisation Create(WeightScope weights, VlmFamily family, long width) =>
        family == VlmFamily.Qwen3Vl
            ? new LayerNormalisation(weights, width)
            : new RmsNorm(weights, width, Epsilon);
}
