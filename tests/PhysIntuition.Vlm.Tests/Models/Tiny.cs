using PhysIntuition.Vlm.Weights;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Models small enough for every test, in need of no file.</summary>
internal static class Tiny
{
    public const int ImageToken = 90;
    public const int VideoToken = 91;

    /// <summary>A Qwen3-VL with two layers, or a Qwen2.5-VL with two.</summary>
    public static VisionLanguageModel Model(
        VlmFamily family = VlmFamily.Qwen3Vl, bool isTied = false, WeightPlacement? placement = null)
    {
        NativeTorch.Require();
        return VisionLanguageModel.Create(Config(family, isTied), seed: 7, placement);
    }

    public static VlmConfig Config(VlmFamily family, bool isTied = false)
    {
        var isQwen3 = family == VlmFamily.Qwen3Vl;
        return new VlmConfig
        {
            Family = family,
            ImageTokenId = ImageToken,
            VideoTokenId = VideoToken,
            TieWordEmbeddings = isTied,
            Text = new TextConfig
            {
                HiddenSize = 32, IntermediateSize = 48, NumHiddenLayers = 3, NumAttentionHeads = 4,
                NumKeyValueHeads = 2, HeadDim = 8, VocabSize = 92, RopeTheta = 10_000,
                MropeSection = isQwen3 ? [2, 1, 1] : [1, 1, 2],
                MropeInterleaved = isQwen3, AttentionBias = !isQwen3, QkNorm = isQwen3,
            },
            Vision = new VisionConfig
            {
                Depth = 2, HiddenSize = 16, IntermediateSize = 24, NumHeads = 2, PatchSize = 4, OutHiddenSize = 32,
                WindowSize = 16,
                NumPositionEmbeddings = isQwen3 ? 16 : 0,
                DeepstackVisualIndexes = isQwen3 ? [0] : [],
                FullattBlockIndexes = isQwen3 ? null : [1],
            },
        };
    }

    /// <summary>Pixel values between -1 and 1.</summary>
    public static Tensor Pixels(VisionLanguageModel model, PatchGrid grid, long seed)
    {
        using var generator = new Generator((ulong)seed);
        return rand([grid.Count, model.Config.Vision.PatchWidth], generator: generator) * 2 - 1;
    }

    /// <summary>Text, a picture's tokens, text.</summary>
    public static VlmSequence Sequence(PatchGrid grid, int before, int after) => new(
        [
            .. Enumerable.Range(0, before).Select(i => 1 + (i * 7 % 80)),
            .. Enumerable.Repeat(ImageToken, grid.Tokens(2)),
            .. Enumerable.Range(0, after).Select(i => 2 + (i * 11 % 80)),
        ],
        grid);

    /// <summary>Two sequences of different lengths, each with a picture, padded on the left.</summary>
    public static VlmBatch Batch(VisionLanguageModel model, bool padsLeft = true)
    {
        PatchGrid small = new(1, 2, 4), large = new(1, 4, 6);
        var pixels = cat([Pixels(model, small, 1), Pixels(model, large, 2)]);
        return VlmBatch.Create(model, [Sequence(small, 3, 2), Sequence(large, 2, 5)], pixels, padsLeft);
    }
}
