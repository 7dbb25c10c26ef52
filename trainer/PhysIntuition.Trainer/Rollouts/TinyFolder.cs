namespace PhysIntuition.Trainer.Rollouts;

/// <summary>A model folder of the published layout for the tiny model, without weights.</summary>
public static class TinyFolder
{
    private const int Merges = 400;   // enough to make every word of the tasks' prompts one token

    private static readonly Dictionary<string, (int Heads, int Depth)> s_shapes = new()
    {
        ["tiny"] = (6, 4), ["tiny-1"] = (3, 4), ["tiny-10"] = (10, 5),
    };

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>The sizes: tiny has about 3 million parameters, tiny-1 about 1, tiny-10 about 10.</summary>
    public static IReadOnlyCollection<string> Names => s_shapes.Keys;

    /// <summary>Writes config.json, tokenizer.json and preprocessor_config.json.</summary>
    /// <param name="folder">Created if absent.</param>
    /// <param name="texts">Typical prompts and answers; the vocabulary is learned from them.</param>
    /// <param name="model">One of <see cref="Names"/>.</param>
    public static void Write(string folder, IEnumerable<string> texts, string model = "tiny")
    {
        Directory.CreateDirectory(folder);
        var tokenizerPath = Path.Combine(folder, Tokenizer.FileName);
        BytePairLearner.Write(tokenizerPath, texts, Merges);
        var tokenizer = Tokenizer.Load(tokenizerPath);
        var (heads, depth) = s_shapes[model];
        var config = TinyVlm.Config(tokenizer.Size, tokenizer.IdOf("<|image_pad|>")!.Value,
            tokenizer.IdOf("<|video_pad|>")!.Value, heads, depth);
        WriteJson(Path.Combine(folder, "config.json"), Describe(config));
        WriteJson(Path.Combine(folder, ImageOptions.FileName), DescribeImages(config.Vision));
    }

    private static void WriteJson(string path, object value) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, value, s_indented));

    private static object Describe(VlmConfig config) => new
    {
        model_type = "qwen3_vl",
        architectures = new[] { "Qwen3VLForConditionalGeneration" },
        image_token_id = config.ImageTokenId,
        video_token_id = config.VideoTokenId,
        tie_word_embeddings = config.TieWordEmbeddings,
        text_config = new
        {
            hidden_size = config.Text.HiddenSize,
            intermediate_size = config.Text.IntermediateSize,
            num_hidden_layers = config.Text.NumHiddenLayers,
            num_attention_heads = config.Text.NumAttentionHeads,
            num_key_value_heads = config.Text.NumKeyValueHeads,
            head_dim = config.Text.HeadDim,
            vocab_size = config.Text.VocabSize,
            rms_norm_eps = config.Text.RmsNormEps,
            rope_theta = config.Text.RopeTheta,
            rope_scaling = new
            {
                rope_type = "default", mrope_interleaved = true, mrope_section = config.Text.MropeSection,
            },
        },
        vision_config = new
        {
            depth = config.Vision.Depth,
            hidden_size = config.Vision.HiddenSize,
            intermediate_size = config.Vision.IntermediateSize,
            num_heads = config.Vision.NumHeads,
            patch_size = config.Vision.PatchSize,
            temporal_patch_size = config.Vision.TemporalPatchSize,
            spatial_merge_size = config.Vision.SpatialMergeSize,
            out_hidden_size = config.Vision.OutHiddenSize,
            num_position_embeddings = config.Vision.NumPositionEmbeddings,
            deepstack_visual_indexes = config.Vision.DeepstackVisualIndexes,
        },
    };

    private static object DescribeImages(VisionConfig vision) => new
    {
        patch_size = vision.PatchSize,
        temporal_patch_size = vision.TemporalPatchSize,
        merge_size = vision.SpatialMergeSize,
        min_pixels = 1024,
        max_pixels = TinyVlm.PictureSize * TinyVlm.PictureSize,
        image_mean = new[] { 0.5, 0.5, 0.5 },
        image_std = new[] { 0.5, 0.5, 0.5 },
    };
}
