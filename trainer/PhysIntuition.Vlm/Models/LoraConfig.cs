using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace PhysIntuition.Vlm.Models;

/// <summary>What adapters look like and where they sit; adapter_config.json of PEFT.</summary>
public sealed record LoraConfig
{
    private const string AllLinear = "all-linear";
    private const string OutputHead = "lm_head";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Always LORA.</summary>
    [JsonPropertyName("peft_type")]
    public string PeftType { get; init; } = "LORA";

    /// <summary>What the base model does; PEFT's name for a generator of text.</summary>
    [JsonPropertyName("task_type")]
    public string? TaskType { get; init; } = "CAUSAL_LM";

    /// <summary>Width of the narrow middle.</summary>
    [JsonPropertyName("r")]
    public int Rank { get; init; } = 16;

    /// <summary>Numerator of the scale.</summary>
    [JsonPropertyName("lora_alpha")]
    public double Alpha { get; init; } = 32;

    /// <summary>Share of inputs dropped in training.</summary>
    [JsonPropertyName("lora_dropout")]
    public double Dropout { get; init; }

    /// <summary>Names of layers, each matching as a whole or as the end of a path after a dot.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> TargetModules { get; init; } =
        ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>Instead of names a regular expression that whole paths match, or "all-linear"; null: names.</summary>
    [JsonIgnore]
    public string? TargetPattern { get; init; }

    // One field of the file: a list of names, or a text.
    [JsonInclude]
    [JsonPropertyName("target_modules")]
    internal JsonNode StoredTargets
    {
        get => TargetPattern is { } pattern
            ? pattern
            : new JsonArray([.. TargetModules.Select(name => (JsonNode)name)]);
        init
        {
            if (value is JsonArray names)
            {
                TargetModules = [.. names.Select(name => name!.GetValue<string>())];
            }
            else
            {
                (TargetModules, TargetPattern) = ([], value.GetValue<string>());
            }
        }
    }

    /// <summary>Divides by the root of the rank instead of the rank.</summary>
    [JsonPropertyName("use_rslora")]
    public bool UsesRankStabilisation { get; init; }

    /// <summary>Biases that learn; only none is supported.</summary>
    [JsonPropertyName("bias")]
    public string Bias { get; init; } = "none";

    /// <summary>Weight-decomposed adapters; not supported.</summary>
    [JsonPropertyName("use_dora")]
    public bool UsesDecomposition { get; init; }

    /// <summary>Weights stored transposed; not supported.</summary>
    [JsonPropertyName("fan_in_fan_out")]
    public bool IsTransposed { get; init; }

    /// <summary>The base model's folder or name.</summary>
    [JsonPropertyName("base_model_name_or_path")]
    public string? BaseModel { get; init; }

    /// <summary>What B A x is multiplied by.</summary>
    [JsonIgnore]
    public double Scale => Alpha / (UsesRankStabilisation ? Math.Sqrt(Rank) : Rank);

    /// <summary>Reads adapter_config.json.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">A field has a value that is not supported.</exception>
    public static LoraConfig Load(string path)
    {
        var config = JsonSerializer.Deserialize<LoraConfig>(File.ReadAllBytes(path))
            ?? throw new InvalidDataException($"{path} is empty.");
        config.Check(path);
        return config;
    }

    /// <summary>Writes adapter_config.json.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(this, s_indented));

    /// <summary>The targets for messages.</summary>
    internal string Described =>
        TargetPattern is { } pattern ? $"'{pattern}'" : $"[{string.Join(", ", TargetModules)}]";

    internal bool Targets(string layerPath) => TargetPattern switch
    {
        null => TargetModules.Any(name =>
            layerPath == name || layerPath.EndsWith("." + name, StringComparison.Ordinal)),
        AllLinear => layerPath != OutputHead,
        var pattern => Matches(pattern, layerPath),
    };

    // Python's re.fullmatch.
    private static bool Matches(string pattern, string path) => Regex.IsMatch(
        path, $"\\A(?:{pattern})\\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    internal void Check(string source)
    {
        Require(PeftType == "LORA", "peft_type", PeftType, "LORA");
        Require(Rank > 0, "r", Rank, "a positive integer");
        Require(Dropout is >= 0 and < 1, "lora_dropout", Dropout, "in [0, 1)");
        Require(Bias == "none", "bias", Bias, "none");
        Require(!UsesDecomposition, "use_dora", UsesDecomposition, "false");
        Require(IsPattern(TargetPattern), "target_modules", TargetPattern!, "a regular expression that .NET reads too");
        Require(!IsTransposed, "fan_in_fan_out", IsTransposed, "false");

        static bool IsPattern(string? pattern)
        {
            try
            {
                _ = pattern is not null && Matches(pattern, "");
                return true;
            }
            catch (ArgumentException)
            {
                return false;
            }
        }

        void Require(bool holds, string field, object value, string rule)
        {
            if (!holds)
            {
                throw new InvalidDataException($"{source}: {field} is {value}; must be {rule}.");
            }
        }
    }
}
