using PhysIntuition.Vlm.Images;

namespace PhysIntuition.Vlm.Models;

/// <summary>The order of patches in pixel values: merge squares row-major, inside a square row-major.</summary>
internal static class PatchOrder
{
    /// <summary>Row and column of every patch of one frame, in order.</summary>
    internal static (int[] Rows, int[] Columns) Of(PatchGrid grid, int merge)
    {
        var rows = new int[grid.FrameArea()];
        var columns = new int[grid.FrameArea()];
        var next = 0;
        for (var squareRow = 0; squareRow < grid.Height; squareRow += merge)
        {
            for (var squareColumn = 0; squareColumn < grid.Width; squareColumn += merge)
            {
                for (var inside = 0; inside < merge * merge; inside++)
                {
                    rows[next] = squareRow + (inside / merge);
                    columns[next++] = squareColumn + (inside % merge);
                }
            }
        }

        return (rows, columns);
    }
}
