using System.Text.Json.Nodes;

namespace PhysIntuition.Vlm.Models;

/// <summary>adapter_config.json: PEFT's fields there and back, its ways to name layers, its ranges.</summary>
public sealed class LoraConfigTests : IDisposable
{
    private const string Layer = "model.language_model.layers.3.self_attn.q_proj";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(16, 32, false, 2)]
    [InlineData(16, 32, true, 8)]    // alpha over the root of the rank: Kalajdzievski 2023
    [InlineData(1, 8, true, 8)]
    [InlineData(64, 16, false, 0.25)]
    public void Scale_OfRankAndAlpha_IsPefts(int rank, double alpha, bool isStabilised, double scale) => Assert.Equal(
        scale, new LoraConfig { Rank = rank, Alpha = alpha, UsesRankStabilisation = isStabilised }.Scale);

    [Fact]
    public void Save_ThenLoad_IsTheSameUnderPeftsNames()
    {
        var config = new LoraConfig
        {
            Rank = 4, Alpha = 12.5, Dropout = 0.1, TargetModules = ["q_proj", "v_proj"], UsesRankStabilisation = true,
            BaseModel = "base",
        };
        config.Save(_folder.At("adapter_config.json"));

        var json = JsonNode.Parse(File.ReadAllText(_folder.At("adapter_config.json")))!;
        var read = LoraConfig.Load(_folder.At("adapter_config.json"));

        Assert.Equal(("LORA", "CAUSAL_LM", 4, 12.5, 0.1), ((string?)json["peft_type"], (string?)json["task_type"],
            (int)json["r"]!, (double)json["lora_alpha"]!, (double)json["lora_dropout"]!));
        Assert.Equal("""["q_proj","v_proj"]""", json["target_modules"]!.ToJsonString());
        Assert.True((bool)json["use_rslora"]!);
        Assert.Equal(config.TargetModules, read.TargetModules);
        Assert.Equal(config with { TargetModules = read.TargetModules }, read);
    }

    [Fact]
    public void Save_PatternInPlaceOfNames_IsOneTextInTheFile()
    {
        new LoraConfig { TargetModules = [], TargetPattern = "all-linear" }.Save(_folder.At("adapter_config.json"));

        var read = LoraConfig.Load(_folder.At("adapter_config.json"));

        Assert.Contains("\"all-linear\"", File.ReadAllText(_folder.At("adapter_config.json")));
        Assert.Equal(("all-linear", 0), (read.TargetPattern, read.TargetModules.Count));
        Assert.True(read.Targets(Layer));
        Assert.False(read.Targets("lm_head"));   // as PEFT: the output head is no target of all-linear
    }

    [Theory]
    [InlineData("q_proj", true)]
    [InlineData("self_attn.q_proj", true)]
    [InlineData(Layer, true)]
    [InlineData("proj", false)]               // an end only after a dot
    [InlineData("attn.q_proj", false)]
    [InlineData("layers.3", false)]
    public void Targets_NameOfAModule_MatchesWholePathsEnds(string name, bool isTarget) =>
        Assert.Equal(isTarget, new LoraConfig { TargetModules = [name] }.Targets(Layer));

    [Theory]
    [InlineData(@".*language_model.*\.(q|v)_proj", true)]
    [InlineData(@"(q|v)_proj", false)]          // fullmatch: the whole path
    [InlineData(@".*visual.*", false)]
    [InlineData(@"model|.*q_proj", true)]       // both sides of the bar are whole matches
    public void Targets_Pattern_MatchesWholePaths(string pattern, bool isTarget) => Assert.Equal(
        isTarget, new LoraConfig { TargetModules = [], TargetPattern = pattern }.Targets(Layer));

    [Theory]
    [InlineData("peft_type", "\"IA3\"", "peft_type is IA3; must be LORA")]
    [InlineData("r", "0", "r is 0; must be a positive integer")]
    [InlineData("lora_dropout", "1", "lora_dropout is 1; must be in [0, 1)")]
    [InlineData("lora_dropout", "-0.1", "lora_dropout is -0.1")]
    [InlineData("bias", "\"all\"", "bias is all; must be none")]
    [InlineData("use_dora", "true", "use_dora is True; must be false")]
    [InlineData("fan_in_fan_out", "true", "fan_in_fan_out is True")]
    [InlineData("target_modules", "\"(q\"", "target_modules is (q; must be a regular expression")]
    public void Load_FieldThatIsNotSupported_NamesFileFieldAndRule(string field, string value, string says)
    {
        var file = _folder.At("adapter_config.json");
        new LoraConfig().Save(file);
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        json[field] = JsonNode.Parse(value);
        File.WriteAllText(file, json.ToJsonString());

        var wrong = Assert.Throws<InvalidDataException>(() => LoraConfig.Load(file));

        Assert.StartsWith(file, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
    }
}
