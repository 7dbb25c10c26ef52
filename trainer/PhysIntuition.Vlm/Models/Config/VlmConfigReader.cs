using System.Text.Json;

namespace PhysIntuition.Vlm.Models;

/// <summary>Reads config.json as transformers 4 and 5 write it, nested or flat.</summary>
internal static class VlmConfigReader
{
    private const int Qwen3Positions = 2304;   // a table of 48 x 48, the class default

    internal static VlmConfig Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return Read(document.RootElement, path);
    }

    private static VlmConfig Read(JsonElement json, string path)
    {
        var root = new ConfigSection(json, path, "");
        var family = root.Text("model_type") switch
        {
            "qwen3_vl" => VlmFamily.Qwen3Vl,
            "qwen2_5_vl" => VlmFamily.Qwen25Vl,
            var other => throw new InvalidDataException(
                $"{path}: model_type is '{other}'; must be qwen3_vl or qwen2_5_vl."),
        };

        // Official Qwen2.5-VL configurations are flat: the decoder's fields stand at the top.
        var text = root.Section("text_config") ?? root;
        var vision = root.Section("vision_config")
            ?? throw new InvalidDataException($"{path}: vision_config is missing.");
        return new VlmConfig
        {
            Family = family,
            Text = ReadText(text, family),
            Vision = ReadVision(vision, family, text.Int("hidden_size")),
            ImageTokenId = root.Int("image_token_id", 151655),
            VideoTokenId = root.Int("video_token_id", 151656),
            TieWordEmbeddings = root.Flag("tie_word_embeddings") ?? text.Flag("tie_word_embeddings") ?? false,
        };
    }

    private static TextConfig ReadText(ConfigSection text, VlmFamily family)
    {
        var isQwen3 = family == VlmFamily.Qwen3Vl;
        var heads = text.Int("num_attention_heads");
        var rope = text.Section("rope_parameters") ?? text.Section("rope_scaling");
        var config = new TextConfig
        {
            HiddenSize = text.Int("hidden_size"),
            IntermediateSize = text.Int("intermediate_size"),
            NumHiddenLayers = text.Int("num_hidden_layers"),
            NumAttentionHeads = heads,
            NumKeyValueHeads = text.Int("num_key_value_heads", heads),
            HeadDim = text.Int("head_dim", isQwen3 ? 128 : text.Int("hidden_size") / heads),
            VocabSize = text.Int("vocab_size", 151936),
            RmsNormEps = text.Real("rms_norm_eps", 1e-6),
            RopeTheta = rope?.Real("rope_theta") ?? text.Real("rope_theta", isQwen3 ? 5e6 : 1e6),
            MropeSection = rope?.Ints("mrope_section") ?? (isQwen3 ? [24, 20, 20] : [16, 24, 24]),
            MropeInterleaved = isQwen3,
            AttentionBias = isQwen3 ? text.Flag("attention_bias") ?? false : true,
            QkNorm = isQwen3,
        };
        CheckText(text, config);
        return config;
    }

    private static void CheckText(ConfigSection text, TextConfig config)
    {
        text.Require(config.NumAttentionHeads % config.NumKeyValueHeads == 0, "num_key_value_heads",
            $"{config.NumKeyValueHeads} must divide num_attention_heads, {config.NumAttentionHeads}");
        text.Require(config.MropeSection.Count == 3 && config.MropeSection.Sum() == config.HeadDim / 2, "mrope_section",
            $"[{string.Join(", ", config.MropeSection)}] must be three numbers that add up to half a head, "
            + $"{config.HeadDim / 2}");
    }

    private static VisionConfig ReadVision(ConfigSection vision, VlmFamily family, int textHidden)
    {
        var isQwen3 = family == VlmFamily.Qwen3Vl;
        var config = new VisionConfig
        {
            Depth = vision.Int("depth", isQwen3 ? 27 : 32),
            HiddenSize = vision.Int("hidden_size", isQwen3 ? 1152 : 1280),
            IntermediateSize = vision.Int("intermediate_size", isQwen3 ? 4304 : 3420),
            NumHeads = vision.Int("num_heads", 16),
            InChannels = vision.Int("in_channels", vision.Int("in_chans", 3)),
            PatchSize = vision.Int("patch_size", isQwen3 ? 16 : 14),
            TemporalPatchSize = vision.Int("temporal_patch_size", 2),
            SpatialMergeSize = vision.Int("spatial_merge_size", 2),
            OutHiddenSize = vision.Int("out_hidden_size", textHidden),
            NumPositionEmbeddings = isQwen3 ? vision.Int("num_position_embeddings", Qwen3Positions) : 0,
            DeepstackVisualIndexes = isQwen3 ? vision.Ints("deepstack_visual_indexes") ?? [8, 16, 24] : [],
            FullattBlockIndexes = isQwen3 ? null : vision.Ints("fullatt_block_indexes") ?? [7, 15, 23, 31],
            WindowSize = vision.Int("window_size", 112),
            TokensPerSecond = vision.Real("tokens_per_second", isQwen3 ? 2 : 4),
        };
        vision.Require(config.HiddenSize % config.NumHeads == 0 && config.HeadDim % 4 == 0, "hidden_size",
            $"{config.HiddenSize} over num_heads, {config.NumHeads}, must give a multiple of 4");
        vision.Require(config.OutHiddenSize == textHidden, "out_hidden_size",
            $"{config.OutHiddenSize} must be the decoder's hidden_size, {textHidden}");
        return config;
    }
}
