using PhysIntuition.Vlm.Images;

namespace PhysIntuition.Vlm.Models;

/// <summary>Qwen2.5-VL's windows: the order in which merged cells are taken, and the rows of each window.</summary>
internal sealed class WindowOrder
{
    private WindowOrder(int[] cells, int[] lengths)
    {
        Cells = cells;
        Lengths = lengths;
    }

    /// <summary>For every place in window order, the merged cell that goes there.</summary>
    internal int[] Cells { get; }

    /// <summary>Patches in each window, in order.</summary>
    internal int[] Lengths { get; }

    internal static WindowOrder Of(IReadOnlyList<PatchGrid> grids, VisionConfig config)
    {
        var side = config.WindowSize / config.SpatialMergeSize / config.PatchSize;   // merged cells along a window
        var cells = new List<int>();
        var lengths = new List<int>();
        var first = 0;
        foreach (var grid in grids)
        {
            for (var frame = 0; frame < grid.Time; frame++)
            {
                AddFrame(grid, config, side, first, cells, lengths);
                first += grid.FrameArea() / config.MergeArea;
            }
        }

        return new WindowOrder([.. cells], [.. lengths]);
    }

    /// <summary>For every merged cell, its place in window order.</summary>
    internal int[] Inverse()
    {
        var inverse = new int[Cells.Length];
        for (var place = 0; place < Cells.Length; place++)
        {
            inverse[Cells[place]] = place;
        }

        return inverse;
    }

    private static void AddFrame(
        PatchGrid grid, VisionConfig config, int side, int first, List<int> cells, List<int> lengths)
    {
        var height = grid.Height / config.SpatialMergeSize;
        var width = grid.Width / config.SpatialMergeSize;
        for (var top = 0; top < height; top += side)
        {
            for (var left = 0; left < width; left += side)
            {
                var before = cells.Count;
                for (var row = top; row < Math.Min(top + side, height); row++)
                {
                    for (var column = left; column < Math.Min(left + side, width); column++)
                    {
                        cells.Add(first + (row * width) + column);
                    }
                }

                lengths.Add((cells.Count - before) * config.MergeArea);
            }
        }
    }
}
