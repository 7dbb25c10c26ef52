namespace PhysIntuition.Vlm.Models;

/// <summary>The vision tower's dimensions; names as in config.json.</summary>
public sealed record VisionConfig
{
    /// <summary>Number of blocks.</summary>
    public int Depth { get; init; } = 27;

    /// <summary>Width of a patch's vector.</summary>
    public int HiddenSize { get; init; } = 1152;

    /// <summary>Width inside the block's MLP.</summary>
    public int IntermediateSize { get; init; } = 4304;

    /// <summary>Attention heads.</summary>
    public int NumHeads { get; init; } = 16;

    /// <summary>Colour channels.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>Pixels along a patch's side.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>Frames in one patch.</summary>
    public int TemporalPatchSize { get; init; } = 2;

    /// <summary>Patches along the side of the square that becomes one token.</summary>
    public int SpatialMergeSize { get; init; } = 2;

    /// <summary>Width of a token, which is the decoder's hidden size.</summary>
    public required int OutHiddenSize { get; init; }

    /// <summary>Rows of the learned position table, a square; 0 where there is none.</summary>
    public int NumPositionEmbeddings { get; init; }

    /// <summary>Blocks whose output also enters the decoder's first layers, in order.</summary>
    public IReadOnlyList<int> DeepstackVisualIndexes { get; init; } = [];

    /// <summary>Blocks that attend over a whole frame; the others see one window. Null: all see the frame.</summary>
    public IReadOnlyList<int>? FullattBlockIndexes { get; init; }

    /// <summary>Pixels along a window's side.</summary>
    public int WindowSize { get; init; } = 112;

    /// <summary>Time positions in a second of video.</summary>
    public double TokensPerSecond { get; init; } = 2;

    /// <summary>Width of one row of pixel values: channel, frame, row, column.</summary>
    public int PatchWidth => InChannels * TemporalPatchSize * PatchSize * PatchSize;

    /// <summary>Width of one head.</summary>
    public int HeadDim => HiddenSize / NumHeads;

    /// <summary>Patches in one token.</summary>
    public int MergeArea => SpatialMergeSize * SpatialMergeSize;
}
