namespace PhysIntuition.Vlm.Models;

/// <summary>What follows from the grids of a batch alone: angles, segments, windows, position corners.</summary>
internal sealed class VisionPlan : IDisposable
{
    private const double RotaryBase = 10_000;

    internal VisionPlan(IReadOnlyList<PatchGrid> grids, VisionConfig config, PositionTable? positions, Device device)
    {
        Grids = [.. grids];
        Frames = Segment.Join(grids.SelectMany(grid => Enumerable.Repeat(grid.FrameArea, grid.Time)));
        var order = config.FullattBlockIndexes is null ? null : WindowOrder.Of(grids, config);
        using var scope = NewDisposeScope();
        if (order is not null)
        {
            Windows = Segment.Join(order.Lengths);
            Order = Keep(Indices(order.Cells, device));
            Inverse = Keep(Indices(order.Inverse(), device));
        }

        Rotary = Angles(config, order, device);
        if (positions is not null)
        {
            Corners = [.. grids.Distinct().Select(grid =>
            {
                var (neighbours, weights) = positions.Plan(grid, device);
                return (grid, Keep(neighbours), Keep(weights));
            })];
        }
    }

    internal PatchGrid[] Grids { get; }

    /// <summary>Runs of rows that are one frame.</summary>
    internal Segment[] Frames { get; }

    /// <summary>Runs of rows that are one window; null without windows.</summary>
    internal Segment[]? Windows { get; }

    /// <summary>Merged cells in window order; null without windows.</summary>
    internal Tensor? Order { get; }

    /// <summary>The way back from window order.</summary>
    internal Tensor? Inverse { get; }

    /// <summary>Angles [patches, 1, half a head], in window order if there is one.</summary>
    internal Rotary Rotary { get; }

    /// <summary>Position corners of every distinct grid.</summary>
    internal (PatchGrid Grid, Tensor Neighbours, Tensor Weights)[] Corners { get; } = [];

    public void Dispose()
    {
        Order?.Dispose();
        Inverse?.Dispose();
        Rotary.Cos.Dispose();
        Rotary.Sin.Dispose();
        foreach (var (_, neighbours, weights) in Corners)
        {
            neighbours.Dispose();
            weights.Dispose();
        }
    }

    private Rotary Angles(VisionConfig config, WindowOrder? order, Device device)
    {
        var quarter = config.HeadDim / 4;
        var inverse = new float[quarter];
        for (var k = 0; k < quarter; k++)
        {
            inverse[k] = (float)(1 / Math.Pow(RotaryBase, 4.0 * k / config.HeadDim));
        }

        var rows = new List<long>();
        var columns = new List<long>();
        foreach (var grid in Grids)
        {
            var (frameRows, frameColumns) = PatchOrder.Of(grid, config.SpatialMergeSize);
            for (var frame = 0; frame < grid.Time; frame++)
            {
                rows.AddRange(frameRows.Select(row => (long)row));
                columns.AddRange(frameColumns.Select(column => (long)column));
            }
        }

        using var scope = NewDisposeScope();
        var frequencies = tensor(inverse, [1, quarter]);
        var angles = cat([At(rows) * frequencies, At(columns) * frequencies], -1);   // [patches, half a head]
        if (order is not null)
        {
            angles = angles.view(-1, config.MergeArea, 2 * quarter)
                .index_select(0, Indices(order.Cells, CPU)).view(-1, 2 * quarter);
        }

        angles = angles.unsqueeze(1).to(device);                                     // [patches, 1, half a head]
        return new Rotary(Keep(angles.cos()), Keep(angles.sin()));
    }

    private static Tensor At(List<long> places) =>
        tensor([.. places], [places.Count, 1]).to(ScalarType.Float32);

    private static Tensor Indices(int[] values, Device device) =>
        tensor([.. values.Select(value => (long)value)], [values.Length], device: device);

    private static Tensor Keep(Tensor tensor) => tensor.DetachFromDisposeScope();
}

/// <summary>Consecutive runs of equally many rows; attention stays inside a run.</summary>
/// <param name="Start">First row.</param>
/// <param name="Count">Number of runs.</param>
/// <param name="Length">Rows in one run.</param>
internal readonly record struct Segment(long Start, long Count, long Length)
{
    /// <summary>Joins neighbouring runs of equal length, so that they become one batched product.</summary>
    internal static Segment[] Join(IEnumerable<int> lengths)
    {
        var result = new List<Segment>();
        long start = 0;
        foreach (var length in lengths)
        {
            if (result.Count > 0 && result[^1].Length == length)
            {
                result[^1] = result[^1] with { Count = result[^1].Count + 1 };
            }
            else
            {
                result.Add(new Segment(start, 1, length));
            }

            start += length;
        }

        return [.. result];
    }
}

/// <summary>Qwen2.5-VL's windows: the order in which merged cells are taken, and the rows of each window.</summary>
/// <param name="Cells">For every place in window order, the merged cell that goes there.</param>
/// <param name="Lengths">Patches in each window, in order.</param>
internal sealed record WindowOrder(int[] Cells, int[] Lengths)
{
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
                first += grid.FrameArea / config.MergeArea;
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
