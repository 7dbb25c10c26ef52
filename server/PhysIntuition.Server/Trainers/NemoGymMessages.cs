using System.ComponentModel;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PhysIntuition.Server.OpenEnv;

namespace PhysIntuition.Server.Trainers;

/// <summary>The columns of a row that name its scene; whatever else stands in the row is left alone.</summary>
internal sealed record NemoGymScene : SceneChoice
{
    [JsonPropertyName("task"), Description("Id of the task, such as Stability-v1.")]
    public required string Task { get; init; }

    [JsonPropertyName("seed"), Description("Which scene.")]
    public required ulong Seed { get; init; }

    [JsonPropertyName("responses_create_params"), Description("What the model is or was asked, as Responses has it.")]
    public JsonObject? Question { get; init; }

    [JsonPropertyName("response"), Description("What the model replied, as Responses has it; verify wants it.")]
    public JsonObject? Response { get; init; }
}

/// <summary>What /seed_session answers.</summary>
internal sealed record NemoGymSeeded(
    [property: JsonPropertyName("responses_create_params"), Description(
        "The question with its picture as input_image, for agents whose row has none; null where it has one.")]
    JsonObject? Question);

/// <summary>What /verify adds to the row that it was sent.</summary>
internal sealed record NemoGymVerified(
    [property: JsonPropertyName("reward"), Description("Of the answer.")] float Reward,
    [property: JsonPropertyName("parse_error"), Description("Why the answer could not be read.")] string? ParseError,
    [property: JsonPropertyName("verdict"), Description("What came of the answer.")] string? Verdict,
    [property: JsonPropertyName("distance"), Description("How far off the answer was, m.")] double? Distance);

/// <summary>What /aggregate_metrics takes.</summary>
internal sealed record NemoGymVerifications(
    [property: JsonPropertyName("verify_responses"), Description("Answers of /verify, shortened as one likes.")]
    JsonArray VerifyResponses);

/// <summary>What /aggregate_metrics answers.</summary>
internal sealed record NemoGymMetrics(
    [property: JsonPropertyName("group_level_metrics")] JsonArray Groups,
    [property: JsonPropertyName("agent_metrics")] JsonObject Agent,
    [property: JsonPropertyName("key_metrics")] JsonObject Key);
