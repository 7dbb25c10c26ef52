namespace PhysIntuition.Vlm.Models;

/// <summary>A picture or a video counted in patches.</summary>
/// <param name="Time">Temporal patches; 1 for a picture.</param>
/// <param name="Height">Rows of patches; a multiple of the merge size.</param>
/// <param name="Width">Columns of patches; likewise.</param>
public readonly record struct PatchGrid(int Time, int Height, int Width)
{
    /// <summary>Patches in one frame.</summary>
    public int FrameArea => Height * Width;

    /// <summary>All patches, which is rows of pixel values.</summary>
    public int Area => Time * FrameArea;

    /// <summary>Tokens after merging squares of patches.</summary>
    /// <param name="mergeSize">Patches along the side of a square.</param>
    public int Tokens(int mergeSize) => Area / (mergeSize * mergeSize);
}
