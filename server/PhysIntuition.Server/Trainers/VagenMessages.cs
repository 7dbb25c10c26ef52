using System.ComponentModel;
using System.Text.Json.Serialization;

namespace PhysIntuition.Server.Trainers;

/// <summary>What is wanted of one environment.</summary>
internal sealed record VagenConfig
{
    [JsonPropertyName("env_name"), Description("Id of a task, such as OffsetRetry-v1.")]
    public required string EnvName { get; init; }

    [JsonPropertyName("env_config"), Description("How the task is played and shown; absent: as usual.")]
    public JsonObject? EnvConfig { get; init; }

    [JsonPropertyName("seed"), Description("The client's note; reset names the scene.")]
    public ulong? Seed { get; init; }
}

/// <summary>How a task is played and shown.</summary>
internal sealed record VagenEnvConfig : SceneChoice
{
    [JsonPropertyName("image_placeholder"), Description("Where the picture goes in obs_str; absent: <image>.")]
    public string? ImagePlaceholder { get; init; }
}

/// <summary>What /environments takes.</summary>
internal sealed record VagenCreate(
    [property: JsonPropertyName("ids2configs"), Description("A configuration for each id: env_name, env_config.")]
    JsonObject Ids2Configs);

/// <summary>What /batch/reset takes.</summary>
internal sealed record VagenReset(
    [property: JsonPropertyName("ids2seeds"), Description("A seed for each id; null: any scene.")]
    JsonObject Ids2Seeds);

/// <summary>What /batch/step takes.</summary>
internal sealed record VagenStep(
    [property: JsonPropertyName("ids2actions"), Description("What the model said, for each id.")]
    JsonObject Ids2Actions);

/// <summary>What the other calls of a batch take.</summary>
internal sealed record VagenIds(
    [property: JsonPropertyName("env_ids"), Description("Ids as /environments was given them.")] string[] EnvIds);

/// <summary>Whether environments were made.</summary>
internal sealed record VagenCreated([property: JsonPropertyName("success")] bool Success);

/// <summary>What resets and steps answer.</summary>
internal sealed record VagenResults(
    [property: JsonPropertyName("results"), Description(
        "For each id [observation, info], after a step [observation, reward, done, info]; an observation has obs_str " +
        "and multi_modal_data, pictures as {\"__pil_image__\": base64 of a PNG file}.")]
    JsonObject Results);

/// <summary>What remains to be paid at the end: nothing, every reward came with its step.</summary>
internal sealed record VagenRewards([property: JsonPropertyName("rewards")] JsonObject Rewards);

/// <summary>System turns.</summary>
internal sealed record VagenPrompts([property: JsonPropertyName("system_prompts")] JsonObject SystemPrompts);

/// <summary>How closing went, or whether the server takes work.</summary>
internal sealed record VagenStatus([property: JsonPropertyName("status")] string Status);
