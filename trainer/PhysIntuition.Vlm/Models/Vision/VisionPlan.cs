using PhysIntuition.Vlm.Images;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>What follows from the grids of a batch alone: angles, segments, windows, position corners.</summary>
internal sealed class VisionPlan : IDisposable
{
    private const double RotaryBase = 10_000;

    internal VisionPlan(IReadOnlyList<PatchGrid> grids, VisionConfig config, PositionTable? positions, Device device)
    {
        Grids = [.. grids];
        Frames = Segment.Join(grids.SelectMany(grid => Enumerable.Repeat(grid.FrameArea(), grid.Time)));
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
