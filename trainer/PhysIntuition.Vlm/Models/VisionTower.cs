namespace PhysIntuition.Vlm.Models;

/// <summary>Pixels to tokens: patch embedding, positions, blocks, merger, and deepstack mergers on the way.</summary>
public sealed class VisionTower : Part
{
    private readonly VisionConfig _config;
    private readonly int[] _deepstackBlocks;
    private readonly Device _device;
    private readonly PatchEmbedding _patches;
    private readonly PositionTable? _positions;
    private readonly ModuleList<VisionBlock> _blocks;
    private readonly PatchMerger _merger;
    private readonly ModuleList<PatchMerger>? _deepstackMergers;
    private VisionPlan? _plan;

    internal VisionTower(WeightScope weights, VlmFamily family, VisionConfig config)
        : base(nameof(VisionTower))
    {
        _config = config;
        _deepstackBlocks = [.. config.DeepstackVisualIndexes];
        _device = weights.Source.Placement.Device;
        _patches = Add("patch_embed", new PatchEmbedding(weights.Child("patch_embed"), config));
        _positions = config.NumPositionEmbeddings > 0
            ? Add("pos_embed", new PositionTable(weights.Child("pos_embed"), config))
            : null;
        _blocks = Add("blocks", new ModuleList<VisionBlock>([.. Enumerable.Range(0, config.Depth)
            .Select(index => new VisionBlock(weights.Child("blocks", index), family, config))]));
        _merger = Add("merger", family == VlmFamily.Qwen3Vl
            ? PatchMerger.Qwen3(weights.Child("merger"), config, isDeepstack: false)
            : PatchMerger.Qwen25(weights.Child("merger"), config));
        if (config.DeepstackVisualIndexes.Count > 0)
        {
            _deepstackMergers = Add("deepstack_merger_list", new ModuleList<PatchMerger>(
            [.. config.DeepstackVisualIndexes.Select((_, index) => PatchMerger.Qwen3(
                weights.Child("deepstack_merger_list", index), config, isDeepstack: true))]));
        }
    }

    internal ScalarType? ComputeType { get; set; }

    internal bool UsesCheckpointing { get; set; }

    /// <summary>Sees every block's output [patches, width], in the order in which blocks see patches.</summary>
    internal Action<int, Tensor>? BlockObserver { get; set; }

    /// <summary>Runs the tower.</summary>
    /// <param name="pixels">Pixel values [patches of all grids, channel frame row column].</param>
    /// <param name="grids">The pictures, in the order of their rows.</param>
    public VisionOutput Forward(Tensor pixels, IReadOnlyList<PatchGrid> grids)
    {
        CheckInput(pixels, grids);
        var plan = Plan(grids);
        var x = Embed(pixels, plan);                                       // [patches, width]
        var deepstack = new List<Tensor>();
        for (var index = 0; index < _blocks.Count; index++)
        {
            x = RunBlock(index, x, plan);
            BlockObserver?.Invoke(index, x);
            var place = Array.IndexOf(_deepstackBlocks, index);
            if (place >= 0)
            {
                deepstack.Add(_deepstackMergers![place].Forward(x));       // [tokens, decoder width]
            }
        }

        var tokens = _merger.Forward(x);                                   // [tokens, decoder width]
        return new VisionOutput(plan.Inverse is { } back ? tokens.index_select(0, back) : tokens, deepstack);
    }

    /// <summary>Patch embeddings plus positions [patches, width], in the order in which blocks see them.</summary>
    internal Tensor Embed(Tensor pixels, VisionPlan plan)
    {
        var x = _patches.Forward(pixels, ComputeType);
        if (_positions is not null)
        {
            x = AddPositions(x, plan);
        }

        return plan.Order is { } order
            ? x.view(-1, _config.MergeArea, _config.HiddenSize).index_select(0, order).view(-1, _config.HiddenSize)
            : x;
    }

    /// <summary>The plan of these grids; the last one is kept, for batches of equal grids follow another.</summary>
    internal VisionPlan Plan(IReadOnlyList<PatchGrid> grids)
    {
        if (_plan is null || !_plan.Grids.AsSpan().SequenceEqual([.. grids]))
        {
            _plan?.Dispose();
            _plan = new VisionPlan(grids, _config, _positions, _device);
        }

        return _plan;
    }

    /// <summary>Interpolated positions [patches, width] in patch order.</summary>
    internal Tensor Positions(VisionPlan plan)
    {
        var frames = plan.Corners.ToDictionary(
            item => item.Grid, item => _positions!.Forward(item.Neighbours, item.Weights));
        return cat([.. plan.Grids.SelectMany(grid => Enumerable.Repeat(frames[grid], grid.Time))]);
    }

    private Tensor AddPositions(Tensor x, VisionPlan plan)
    {
        if (plan.Corners.Length > 1)
        {
            return x.Plus(Positions(plan));
        }

        var (grid, neighbours, weights) = plan.Corners[0];
        var frame = _positions!.Forward(neighbours, weights);              // [patches of a frame, width]
        return x.view(-1, grid.FrameArea, _config.HiddenSize).Plus(frame).view(-1, _config.HiddenSize);
    }

    private Tensor RunBlock(int index, Tensor x, VisionPlan plan)
    {
        var block = _blocks[index];
        var seesFrame = _config.FullattBlockIndexes?.Contains(index) ?? true;
        var segments = seesFrame ? plan.Frames : plan.Windows!;
        return UsesCheckpointing
            ? GradientCheckpoint.Run(block, input => block.Forward(input, plan.Rotary, segments), x)
            : Tidily(() => block.Forward(x, plan.Rotary, segments));
    }

    private void CheckInput(Tensor pixels, IReadOnlyList<PatchGrid> grids)
    {
        var merge = _config.SpatialMergeSize;
        foreach (var grid in grids)
        {
            if (grid.Time < 1 || grid.Height < merge || grid.Width < merge
                || grid.Height % merge != 0 || grid.Width % merge != 0)
            {
                throw new ArgumentException(
                    $"{grid} cannot be merged; height and width must be positive multiples of {merge}.", nameof(grids));
            }
        }

        long rows = grids.Sum(grid => (long)grid.Count);
        if (pixels.ndim != 2 || pixels.size(0) != rows || pixels.size(1) != _config.PatchWidth)
        {
            throw new ArgumentException(
                $"Pixel values have shape [{string.Join(", ", pixels.shape)}]; "
                + $"the grids need [{rows}, {_config.PatchWidth}].", nameof(pixels));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _plan?.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>What the tower gives the decoder.</summary>
/// <param name="Tokens">The pictures' tokens [tokens, decoder width].</param>
/// <param name="Deepstack">What is added after the decoder's first layers, each of the same shape.</param>
public sealed record VisionOutput(Tensor Tokens, IReadOnlyList<Tensor> Deepstack);

/// <summary>The convolution whose stride is its kernel: a linear layer on unfolded patches.</summary>
internal sealed class PatchEmbedding : Part
{
    private readonly Projection _projection;

    internal PatchEmbedding(WeightScope weights, VisionConfig config)
        : base(nameof(PatchEmbedding)) =>
        _projection = Add("proj", new Projection(weights.Child("proj"), config));

    /// <summary>Maps pixel values [patches, channel frame row column] to [patches, width].</summary>
    internal Tensor Forward(Tensor pixels, ScalarType? computeType) => _projection.Forward(pixels, computeType);

    private sealed class Projection : Part
    {
        private readonly Parameter _weight;
        private readonly Parameter? _bias;

        internal Projection(WeightScope weights, VisionConfig config)
            : base(nameof(Projection))
        {
            long[] shape =
            [
                config.HiddenSize, config.InChannels, config.TemporalPatchSize, config.PatchSize, config.PatchSize,
            ];
            _weight = Add("weight", weights.TakeParameter("weight", shape, Initial.FanIn(config.PatchWidth)));
            _bias = config.FullattBlockIndexes is null
                ? Add("bias", weights.TakeParameter("bias", [config.HiddenSize], Initial.Zeros))
                : null;
        }

        internal Tensor Forward(Tensor pixels, ScalarType? computeType)
        {
            var matrix = _weight.view(_weight.size(0), -1);   // [width, channel frame row column]
            if (computeType is not { } type || type == _weight.dtype)
            {
                return LinearProduct.Of(pixels.to(_weight.dtype), matrix, _bias);
            }

            var narrow = nn.functional.linear(pixels.to(type), matrix.to(type)).to(_weight.dtype);
            return _bias is null ? narrow : narrow.Plus(_bias);
        }
    }
}

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
