using PhysIntuition.Vlm.Images;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Pixels to tokens: patch embedding, positions, blocks, merger, and deepstack mergers on the way.</summary>
public sealed class VisionTower : Part
{
    private readonly VisionConfig _config;
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
            var place = _config.DeepstackVisualIndexes.IndexOf(index);
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
            return x + Positions(plan);
        }

        var (grid, neighbours, weights) = plan.Corners[0];
        var frame = _positions!.Forward(neighbours, weights);              // [patches of a frame, width]
        return (x.view(-1, grid.FrameArea(), _config.HiddenSize) + frame).view(-1, _config.HiddenSize);
    }

    private Tensor RunBlock(int index, Tensor x, VisionPlan plan)
    {
        var block = _blocks[index];
        var seesFrame = _config.FullattBlockIndexes?.Contains(index) ?? true;
        var segments = seesFrame ? plan.Frames : plan.Windows!;
        return UsesCheckpointing
            ? Checkpoint.Run(block, input => block.Forward(input, plan.Rotary, segments), x)
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
