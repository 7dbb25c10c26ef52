using System.Text.Json.Nodes;

namespace PhysIntuition.Vlm.Models;

/// <summary>config.json as both families publish it, and what is said where a field is missing or wrong.</summary>
public sealed class VlmConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_Qwen3WithoutOptionalFields_HasTheFamilysDefaults()
    {
        var config = Load(Qwen3());

        Assert.Equal(VlmFamily.Qwen3Vl, config.Family);
        Assert.Equal((151655, 151656, false), (config.ImageTokenId, config.VideoTokenId, config.TieWordEmbeddings));
        Assert.Equal((64, 128, 5e6), (config.Text.HiddenSize, config.Text.HeadDim, config.Text.RopeTheta));
        Assert.Equal([24, 20, 20], config.Text.MropeSection);
        Assert.True(config.Text is { MropeInterleaved: true, QkNorm: true, AttentionBias: false });
        Assert.Equal((27, 1152, 16, 2304), (config.Vision.Depth, config.Vision.HiddenSize, config.Vision.PatchSize,
            config.Vision.NumPositionEmbeddings));
        Assert.Equal([8, 16, 24], config.Vision.DeepstackVisualIndexes);
        Assert.Null(config.Vision.FullattBlockIndexes);
        Assert.Equal(64, config.Vision.OutHiddenSize);
        Assert.Equal((1536, 72, 4), (config.Vision.PatchWidth, config.Vision.HeadDim, config.Vision.MergeArea));
    }

    [Fact]
    public void Load_Qwen25WithTheDecoderAtTheTop_IsReadTheSame()
    {
        var text = new JsonObject
        {
            ["hidden_size"] = 512, ["intermediate_size"] = 128, ["num_hidden_layers"] = 2, ["num_attention_heads"] = 4,
            ["num_key_value_heads"] = 2,
        };
        var nested = new JsonObject
        {
            ["model_type"] = "qwen2_5_vl", ["text_config"] = text.DeepClone(), ["vision_config"] = new JsonObject(),
        };
        var flat = text;
        (flat["model_type"], flat["vision_config"]) = ("qwen2_5_vl", new JsonObject());

        var (first, second) = (Load(nested), Load(flat));

        Assert.Equal((first.Text.HiddenSize, first.Text.HeadDim), (second.Text.HiddenSize, second.Text.HeadDim));
        Assert.Equal((VlmFamily.Qwen25Vl, 128, 1e6), (second.Family, second.Text.HeadDim, second.Text.RopeTheta));
        Assert.Equal([16, 24, 24], second.Text.MropeSection);
        Assert.True(second.Text is { MropeInterleaved: false, QkNorm: false, AttentionBias: true });
        Assert.Equal((32, 14, 0), (
            second.Vision.Depth, second.Vision.PatchSize, second.Vision.NumPositionEmbeddings));
        Assert.Equal([7, 15, 23, 31], second.Vision.FullattBlockIndexes!);
    }

    [Fact]
    public void Load_RotaryParametersUnderEitherName_AreFound()
    {
        foreach (var name in new[] { "rope_parameters", "rope_scaling" })
        {
            var json = Qwen3();
            json["text_config"]![name] = new JsonObject
            {
                ["rope_theta"] = 1234.0, ["mrope_section"] = new JsonArray(30, 20, 14),
            };

            var text = Load(json).Text;

            Assert.Equal(1234, text.RopeTheta);
            Assert.Equal([30, 20, 14], text.MropeSection);
        }
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(null, true, true)]
    [InlineData(false, true, false)]   // the top says it for the whole model
    [InlineData(null, null, false)]
    public void Load_TiedEmbeddings_TheTopGoesBeforeTheDecoder(bool? top, bool? text, bool expected)
    {
        var json = Qwen3();
        if (top is { } above)
        {
            json["tie_word_embeddings"] = above;
        }

        if (text is { } within)
        {
            json["text_config"]!["tie_word_embeddings"] = within;
        }

        Assert.Equal(expected, Load(json).TieWordEmbeddings);
    }

    [Theory]
    [InlineData("model_type", "\"llama\"", "model_type is 'llama'; must be qwen3_vl or qwen2_5_vl")]
    [InlineData("vision_config", "null", "vision_config is missing")]
    [InlineData("text_config.hidden_size", "null", "text_config.hidden_size is missing")]
    [InlineData("text_config.hidden_size", "0", "text_config.hidden_size 0 must be a positive integer")]
    [InlineData("text_config.num_hidden_layers", "2.5", "num_hidden_layers 2.5 must be a positive integer")]
    [InlineData("text_config.intermediate_size", "\"128\"", "intermediate_size 128 must be of kind Number")]
    [InlineData("text_config.num_key_value_heads", "3", "num_key_value_heads 3 must divide num_attention_heads, 4")]
    [InlineData("text_config.head_dim", "96", "mrope_section [24, 20, 20] must be three numbers that add up to half a"
        + " head, 48")]
    [InlineData("vision_config.num_heads", "15", "vision_config.hidden_size 1152 over num_heads, 15, must give a")]
    [InlineData("vision_config.out_hidden_size", "65", "out_hidden_size 65 must be the decoder's hidden_size, 64")]
    public void Load_FieldThatIsWrong_NamesFileFieldAndRule(string field, string value, string says)
    {
        var json = Qwen3();
        var at = (JsonNode)json;
        var path = field.Split('.');
        foreach (var name in path[..^1])
        {
            at = at[name]!;
        }

        at[path[^1]] = JsonNode.Parse(value);

        var wrong = Assert.Throws<InvalidDataException>(() => Load(json));

        Assert.StartsWith(_folder.At("config.json"), wrong.Message, StringComparison.Ordinal);
        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Config_OfTheTinyModel_FitsItsOwnPictures()
    {
        var config = TinyVlm.Config(vocabSize: 700, imageTokenId: 698, videoTokenId: 699);
        var patches = TinyVlm.PictureSize / config.Vision.PatchSize;

        Assert.Equal(config.Vision.NumPositionEmbeddings, patches * patches);
        Assert.Equal(config.Text.HeadDim / 2, config.Text.MropeSection.Sum());
        Assert.Equal(config.Text.HiddenSize, config.Vision.OutHiddenSize);
        Assert.All(config.Vision.DeepstackVisualIndexes, block => Assert.InRange(block, 0, config.Vision.Depth - 1));
        Assert.True(config.Vision.DeepstackVisualIndexes.Count <= config.Text.NumHiddenLayers);
    }

    private VlmConfig Load(JsonObject json)
    {
        File.WriteAllText(_folder.At("config.json"), json.ToJsonString());
        return VlmConfig.Load(_folder.Root);
    }

    private static JsonObject Qwen3() => new()
    {
        ["model_type"] = "qwen3_vl",
        ["text_config"] = new JsonObject
        {
            ["hidden_size"] = 64, ["intermediate_size"] = 128, ["num_hidden_layers"] = 2, ["num_attention_heads"] = 4,
        },
        ["vision_config"] = new JsonObject(),
    };
}
