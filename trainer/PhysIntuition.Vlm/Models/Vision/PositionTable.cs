using PhysIntuition.Vlm.Images;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Learned positions on a square table, interpolated to a picture's grid; corners meet corners.</summary>
internal sealed class PositionTable : Part
{
    private readonly Parameter _table;
    private readonly int _side;
    private readonly int _merge;

    internal PositionTable(WeightScope weights, VisionConfig config)
        : base(nameof(PositionTable))
    {
        _side = (int)Math.Sqrt(config.NumPositionEmbeddings);
        _merge = config.SpatialMergeSize;
        _table = Add("weight", weights.TakeParameter(
            "weight", [config.NumPositionEmbeddings, config.HiddenSize], Initial.Normal(0.2)));
    }

    /// <summary>The four neighbours of every patch of one frame and their weights, in patch order.</summary>
    internal (Tensor Neighbours, Tensor Weights) Plan(PatchGrid grid, Device device)
    {
        var (rows, columns) = PatchOrder.Of(grid, _merge);
        var count = rows.Length;
        var neighbours = new long[4 * count];
        var weights = new float[4 * count];
        for (var i = 0; i < count; i++)
        {
            var (top, bottom, down) = Between(rows[i], grid.Height);
            var (left, right, across) = Between(columns[i], grid.Width);
            Set(0, i, top, left, (1 - down) * (1 - across));
            Set(1, i, top, right, (1 - down) * across);
            Set(2, i, bottom, left, down * (1 - across));
            Set(3, i, bottom, right, down * across);
        }

        return (tensor(neighbours, [4L * count], device: device), tensor(weights, [4, count, 1], device: device));

        void Set(int corner, int patch, int row, int column, float weight)
        {
            neighbours[(corner * count) + patch] = (row * _side) + column;
            weights[(corner * count) + patch] = weight;
        }
    }

    /// <summary>Positions [patches of a frame, width] for a plan of one frame.</summary>
    internal Tensor Forward(Tensor neighbours, Tensor weights)
    {
        var rows = _table.index_select(0, neighbours).view(4, weights.size(1), _table.size(1));
        return (rows * weights.to(rows.dtype)).sum(0L);
    }

    private (int Low, int High, float Fraction) Between(int index, int count)
    {
        // linspace(0, side - 1, count) in float32, as the reference computes it.
        var place = count == 1 ? 0f : Linspace(index, count);
        var low = (int)place;
        return (low, Math.Min(low + 1, _side - 1), place - low);
    }

    private float Linspace(int index, int count)
    {
        var step = (_side - 1) / (float)(count - 1);
        return index < count / 2 ? step * index : _side - 1 - (step * (count - 1 - index));
    }
}
