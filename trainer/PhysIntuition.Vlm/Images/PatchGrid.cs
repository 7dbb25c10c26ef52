namespace PhysIntuition.Vlm.Images;

/// <summary>Patches of one picture or video along time, height and width, before merging.</summary>
/// <param name="Time">Temporal patches; 1 for a picture.</param>
/// <param name="Height">Patches from top to bottom.</param>
/// <param name="Width">Patches from left to right.</param>
public readonly record struct PatchGrid(int Time, int Height, int Width)
{
    /// <summary>Number of patches.</summary>
    public int Count => Time * Height * Width;
}

/// <summary>What the vision tower sees of one picture or video.</summary>
/// <param name="Values">
/// Normalised samples, [patch, channel x frame x row x column], row-major. Patches are ordered by time, then by merge
/// block (row-major), then inside the block (row-major), so that one token's patches are neighbours.
/// </param>
/// <param name="Grid">The patches' arrangement.</param>
public sealed record ImagePatches(float[] Values, PatchGrid Grid)
{
    /// <summary>Samples of one patch.</summary>
    public int RowLength => Values.Length / Grid.Count;
}
