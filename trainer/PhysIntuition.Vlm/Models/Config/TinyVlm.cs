namespace PhysIntuition.Vlm.Models;

/// <summary>A model of the Qwen3-VL family with a few million parameters, to train on a CPU.</summary>
public static class TinyVlm
{
    /// <summary>Pixels along the side of the pictures that it is made for: 96 gives 36 patches, 9 tokens.</summary>
    public const int PictureSize = 96;

    /// <summary>The shape: a tower of 4 blocks and a decoder of 4 layers, both 192 wide.</summary>
    /// <param name="vocabSize">Tokens of the tokenizer that goes with it.</param>
    /// <param name="imageTokenId">The tokenizer's picture token.</param>
    /// <param name="videoTokenId">The tokenizer's video token; may be one that never occurs.</param>
    public static VlmConfig Config(int vocabSize, int imageTokenId, int videoTokenId) => new()
    {
        Family = VlmFamily.Qwen3Vl,
        ImageTokenId = imageTokenId,
        VideoTokenId = videoTokenId,
        TieWordEmbeddings = false,
        Text = new TextConfig
        {
            HiddenSize = 192,
            IntermediateSize = 512,
            NumHiddenLayers = 4,
            NumAttentionHeads = 6,
            NumKeyValueHeads = 3,
            HeadDim = 32,
            VocabSize = vocabSize,
            RopeTheta = 10_000,
            MropeSection = [6, 5, 5],
        },
        Vision = new VisionConfig
        {
            Depth = 4,
            HiddenSize = 192,
            IntermediateSize = 768,
            NumHeads = 6,
            PatchSize = 16,

            // One frame per patch: a still picture repeated in time would double the first layer for nothing.
            TemporalPatchSize = 1,
            OutHiddenSize = 192,
            NumPositionEmbeddings = 36,
            DeepstackVisualIndexes = [1, 2],
        },
    };
}
