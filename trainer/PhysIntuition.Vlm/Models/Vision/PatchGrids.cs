using PhysIntuition.Vlm.Images;

namespace PhysIntuition.Vlm.Models;

/// <summary>Counts of patches and tokens.</summary>
internal static class PatchGrids
{
    /// <summary>Patches in one frame.</summary>
    internal static int FrameArea(this PatchGrid grid) => grid.Height * grid.Width;

    /// <summary>Tokens after merging squares of patches.</summary>
    internal static int Tokens(this PatchGrid grid, int mergeSize) => grid.Count / (mergeSize * mergeSize);
}
