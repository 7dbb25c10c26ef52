using System.ComponentModel;
using System.Text.Json.Serialization;
using PhysIntuition.Environments.Observations;

namespace PhysIntuition.Server.Trainers;

/// <summary>How a task is played and shown, whoever's request says it.</summary>
internal abstract record SceneChoice
{
    [JsonPropertyName("split"), Description("train, val, test, ...; absent: train.")]
    public string? Split { get; init; }

    [JsonPropertyName("options"), Description("The task's options; absent: defaults.")]
    public JsonObject? Options { get; init; }

    [JsonPropertyName("width"), Description("Of the picture, pixels; absent: 224.")]
    public uint? Width { get; init; }

    [JsonPropertyName("height"), Description("Of the picture, pixels; absent: 224.")]
    public uint? Height { get; init; }

    /// <summary>The reset that shows it so.</summary>
    /// <param name="seed">Which scene; null: any.</param>
    public OpenEnvReset ToReset(ulong? seed) => new()
    {
        Seed = seed, Split = Split, Options = Options, Width = Width, Height = Height,
    };
}

/// <summary>What reset takes.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record OpenEnvReset : SceneChoice
{
    [JsonPropertyName("seed"), Description("Which scene; absent: any.")]
    public ulong? Seed { get; init; }

    [JsonPropertyName("episode_id"), Description("The client's name for the episode.")]
    public string? EpisodeId { get; init; }

    [JsonPropertyName("messages"), Description(
        "Show also the turns of a chat: new, those since the last answer, all of the episode, or a number: the " +
        "system's and so many of the user's last ones with the answers between; absent: none.")]
    public string? Messages { get; init; }
}

/// <summary>An answer.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record OpenEnvAction
{
    [JsonPropertyName("answer"), Description("The reply, with the answer between <answer> and </answer>.")]
    public required string Answer { get; init; }

    [JsonPropertyName("metadata"), Description("The client's own notes; nothing here reads them.")]
    public JsonObject? Metadata { get; init; }
}

/// <summary>The body of a step.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record OpenEnvStep
{
    [JsonPropertyName("action"), Description("What the task's action schema describes.")]
    public required JsonObject Action { get; init; }

    [JsonPropertyName("timeout_s"), Description("Seconds that the client waits; a step that waits longer is given up.")]
    public double? TimeoutSeconds { get; init; }

    [JsonPropertyName("request_id"), Description("The client's name for the request.")]
    public string? RequestId { get; init; }
}

/// <summary>What reset and step answer.</summary>
/// <param name="Observation">What the player sees.</param>
/// <param name="Reward">Of the step; null after a reset.</param>
/// <param name="Done">The episode has ended.</param>
/// <param name="Metadata">What is known about the step.</param>
internal sealed record OpenEnvReply(
    [property: JsonPropertyName("observation")] OpenEnvObservation Observation,
    [property: JsonPropertyName("reward")] float? Reward,
    [property: JsonPropertyName("done")] bool Done,
    [property: JsonPropertyName("metadata")] SlotInfo Metadata);

/// <summary>What the player sees.</summary>
internal sealed record OpenEnvObservation(
    [property: JsonPropertyName("prompt"), Description("The question, with the answer's form.")] string Prompt,
    [property: JsonPropertyName("image"), Description("Base64 of a PNG file.")] byte[] Image,
    [property: JsonPropertyName("terminated"), Description("The task reached its own end.")] bool Terminated,
    [property: JsonPropertyName("truncated"), Description("A limit outside the task ended the episode.")]
    bool Truncated)
{
    [JsonPropertyName("messages"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description(
        "Turns of a chat as OpenAI's API takes them, pictures as PNG data URIs; where reset asked for them.")]
    public JsonArray? Messages { get; init; }
}

/// <summary>Where an episode stands.</summary>
internal sealed record OpenEnvState(
    [property: JsonPropertyName("episode_id"), Description("As reset was given it, or chosen by the server.")]
    string EpisodeId,
    [property: JsonPropertyName("step_count"), Description("Steps taken in the episode.")] int StepCount);

/// <summary>Whether the server takes work.</summary>
internal sealed record OpenEnvHealth([property: JsonPropertyName("status")] string Status);

/// <summary>What a task is.</summary>
internal sealed record OpenEnvMetadata(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("description")] string Description,
    [property: JsonPropertyName("readme_content")] string ReadmeContent,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("author")] string Author,
    [property: JsonPropertyName("documentation_url")] string? DocumentationUrl);

/// <summary>JSON Schemas of what a task exchanges.</summary>
internal sealed record OpenEnvSchema(
    [property: JsonPropertyName("action")] JsonObject Action,
    [property: JsonPropertyName("observation")] JsonObject Observation,
    [property: JsonPropertyName("state")] JsonObject State);

/// <summary>A request in JSON-RPC.</summary>
internal sealed record McpRequest
{
    [JsonPropertyName("jsonrpc")]
    public required string JsonRpc { get; init; }

    [JsonPropertyName("id")]
    public JsonNode? Id { get; init; }

    [JsonPropertyName("method")]
    public required string Method { get; init; }

    [JsonPropertyName("params")]
    public JsonObject? Params { get; init; }
}

/// <summary>A reply in JSON-RPC: a result or an error.</summary>
internal sealed record McpReply
{
    [JsonPropertyName("jsonrpc")]
    public required string JsonRpc { get; init; }

    [JsonPropertyName("id")]
    public JsonNode? Id { get; init; }

    [JsonPropertyName("result")]
    public JsonObject? Result { get; init; }

    [JsonPropertyName("error")]
    public JsonObject? Error { get; init; }
}
