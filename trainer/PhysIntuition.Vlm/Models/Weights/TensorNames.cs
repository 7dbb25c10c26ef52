namespace PhysIntuition.Vlm.Models;

/// <summary>Official Qwen2.5-VL files use older names: visual.* and model.layers.*; both are understood.</summary>
internal static class TensorNames
{
    internal static string ToCurrent(string stored) =>
        stored.StartsWith("visual.", StringComparison.Ordinal) ? "model." + stored
        : IsOlderText(stored) ? "model.language_model." + stored["model.".Length..]
        : stored;

    private static bool IsOlderText(string stored) =>
        stored.StartsWith("model.", StringComparison.Ordinal)
        && !stored.StartsWith("model.language_model.", StringComparison.Ordinal)
        && !stored.StartsWith("model.visual.", StringComparison.Ordinal);
}
