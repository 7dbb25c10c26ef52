namespace PhysIntuition.Vlm.Models;

/// <summary>Everything that fixes a model's shape, as config.json gives it.</summary>
public sealed record VlmConfig
{
    /// <summary>Which family's layers are built.</summary>
    public required VlmFamily Family { get; init; }

    /// <summary>The decoder.</summary>
    public required TextConfig Text { get; init; }

    /// <summary>The vision tower.</summary>
    public required VisionConfig Vision { get; init; }

    /// <summary>The token that stands for one merged cell of a picture.</summary>
    public int ImageTokenId { get; init; } = 151655;

    /// <summary>The token that stands for one merged cell of a video, which no sequence has.</summary>
    public int VideoTokenId { get; init; } = 151656;

    /// <summary>Whether the output head is the embedding itself.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Reads config.json of a model folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InvalidDataException">A field is missing or wrong; the message names it.</exception>
    public static VlmConfig Load(string folder) => VlmConfigReader.Read(Path.Combine(folder, "config.json"));
}

/// <summary>The two families of vision-language models that are understood.</summary>
public enum VlmFamily
{
    /// <summary>Learned positions and deepstack in the tower; q/k norm and interleaved M-RoPE in the decoder.</summary>
    Qwen3Vl,

    /// <summary>Windowed attention in the tower; biased q, k, v and chunked M-RoPE in the decoder.</summary>
    Qwen25Vl,
}

/// <summary>The decoder's dimensions; names as in config.json.</summary>
public sealed record TextConfig
{
    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the gated MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of layers.</summary>
    public required int NumHiddenLayers { get; init; }

    /// <summary>Query heads.</summary>
    public required int NumAttentionHeads { get; init; }

    /// <summary>Key and value heads; divides the query heads.</summary>
    public required int NumKeyValueHeads { get; init; }

    /// <summary>Width of one head; need not be the hidden size over the heads.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Rows of the embedding; may exceed the tokenizer's vocabulary.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Added to the mean square in every RMS norm.</summary>
    public double RmsNormEps { get; init; } = 1e-6;

    /// <summary>Base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 5_000_000;

    /// <summary>Frequencies that follow time, row, and column; their sum is half a head.</summary>
    public IReadOnlyList<int> MropeSection { get; init; } = [24, 20, 20];

    /// <summary>Time, row, and column alternate over the frequencies (true) or follow each other (false).</summary>
    public bool MropeInterleaved { get; init; } = true;

    /// <summary>Whether q, k, and v have biases.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether every q and k head is RMS-normalised before its rotation.</summary>
    public bool QkNorm { get; init; } = true;
}

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

    /// <summary>Width of one row of pixel values: channel, frame, row, column.</summary>
    public int PatchWidth => InChannels * TemporalPatchSize * PatchSize * PatchSize;

    /// <summary>Width of one head.</summary>
    public int HeadDim => HiddenSize / NumHeads;

    /// <summary>Patches in one token.</summary>
    public int MergeArea => SpatialMergeSize * SpatialMergeSize;
}

/// <summary>A model of the Qwen3-VL family with a few million parameters, to train on a CPU.</summary>
public static class TinyVlm
{
    /// <summary>Pixels along the side of the pictures that it is made for: 96 gives 36 patches, 9 tokens.</summary>
    public const int PictureSize = 96;

    /// <summary>The shape at about 3 million parameters: 4 blocks and 4 layers, both 192 wide.</summary>
    /// <param name="vocabSize">Tokens of the tokenizer that goes with it.</param>
    /// <param name="imageTokenId">The tokenizer's picture token.</param>
    /// <param name="videoTokenId">The tokenizer's video token; may be one that never occurs.</param>
    public static VlmConfig Config(int vocabSize, int imageTokenId, int videoTokenId) =>
        Config(vocabSize, imageTokenId, videoTokenId, heads: 6, depth: 4);

    /// <summary>Another size of the same shape: 3 heads are about 1 million parameters, 10 with 5 layers 10.</summary>
    /// <param name="vocabSize">Tokens of the tokenizer that goes with it.</param>
    /// <param name="imageTokenId">The tokenizer's picture token.</param>
    /// <param name="videoTokenId">The tokenizer's video token; may be one that never occurs.</param>
    /// <param name="heads">Heads of 32; the width is 32 times as much.</param>
    /// <param name="depth">Blocks of the tower, and layers of the decoder.</param>
    public static VlmConfig Config(int vocabSize, int imageTokenId, int videoTokenId, int heads, int depth) => new()
    {
        Family = VlmFamily.Qwen3Vl,
        ImageTokenId = imageTokenId,
        VideoTokenId = videoTokenId,
        TieWordEmbeddings = false,
        Text = new TextConfig
        {
            HiddenSize = 32 * heads,
            IntermediateSize = heads * 256 / 3 / 16 * 16,
            NumHiddenLayers = depth,
            NumAttentionHeads = heads,
            NumKeyValueHeads = heads % 2 == 0 ? heads / 2 : heads,
            HeadDim = 32,
            VocabSize = vocabSize,
            RopeTheta = 10_000,
            MropeSection = [6, 5, 5],
        },
        Vision = new VisionConfig
        {
            Depth = depth,
            HiddenSize = 32 * heads,
            IntermediateSize = 128 * heads,
            NumHeads = heads,
            PatchSize = 16,

            // One frame per patch: a still picture repeated in time would double the first layer for nothing.
            TemporalPatchSize = 1,
            OutHiddenSize = 32 * heads,
            NumPositionEmbeddings = 36,
            DeepstackVisualIndexes = [1, 2],
        },
    };
}

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
        };
        vision.Require(config.HiddenSize % config.NumHeads == 0 && config.HeadDim % 4 == 0, "hidden_size",
            $"{config.HiddenSize} over num_heads, {config.NumHeads}, must give a multiple of 4");
        vision.Require(config.OutHiddenSize == textHidden, "out_hidden_size",
            $"{config.OutHiddenSize} must be the decoder's hidden_size, {textHidden}");
        return config;
    }
}

/// <summary>One object of a config file; reads fields and names them when they are wrong.</summary>
internal sealed class ConfigSection(JsonElement json, string path, string prefix)
{
    internal ConfigSection? Section(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? new ConfigSection(value, path, $"{prefix}{name}.")
            : null;

    internal string? Text(string name) => Find(name, JsonValueKind.String)?.GetString();

    internal bool? Flag(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : null;

    internal int Int(string name, int? otherwise = null) =>
        Find(name, JsonValueKind.Number) is { } value
            ? value.TryGetInt32(out var number) && number > 0
                ? number
                : throw Fault(name, $"{value} must be a positive integer")
            : otherwise ?? throw Fault(name, "is missing");

    internal double Real(string name, double otherwise) => Real(name) ?? otherwise;

    internal double? Real(string name) => Find(name, JsonValueKind.Number)?.GetDouble();

    internal int[]? Ints(string name) =>
        Find(name, JsonValueKind.Array)?.EnumerateArray().Select(item => item.GetInt32()).ToArray();

    internal void Require(bool holds, string name, string rule)
    {
        if (!holds)
        {
            throw Fault(name, rule);
        }
    }

    private JsonElement? Find(string name, JsonValueKind kind)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == kind ? value : throw Fault(name, $"{value} must be of kind {kind}");
    }

    private InvalidDataException Fault(string name, string rule) => new($"{path}: {prefix}{name} {rule}.");
}
