using PhysIntuition.Vlm.Images;

namespace PhysIntuition.Vlm.Models;

/// <summary>One sequence: token ids with every picture token written out, and the pictures' grids.</summary>
/// <param name="TokenIds">Token ids.</param>
/// <param name="Images">Pictures in the order of their first token.</param>
/// <param name="Videos">Videos likewise.</param>
/// <param name="SecondsPerGrid">
/// Seconds between temporal patches of each video, for Qwen2.5-VL only; null: one second.
/// </param>
public sealed record VlmSequence(
    IReadOnlyList<int> TokenIds,
    IReadOnlyList<PatchGrid> Images,
    IReadOnlyList<PatchGrid> Videos,
    IReadOnlyList<double>? SecondsPerGrid = null)
{
    /// <summary>A sequence with pictures and no video.</summary>
    public VlmSequence(IReadOnlyList<int> tokenIds, params IReadOnlyList<PatchGrid> images)
        : this(tokenIds, images, [])
    {
    }
}
