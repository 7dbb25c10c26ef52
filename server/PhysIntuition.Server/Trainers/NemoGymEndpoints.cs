using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using PhysIntuition.Environments.Observations;

namespace PhysIntuition.Server.Trainers;

/// <summary>A resources server of NeMo Gym: rows name task and seed, the model's reply or whole conversation is
/// scored.</summary>
/// <remarks>
/// As read in nemo_gym 0.5.1, base_resources_server.py. There is no state: equal seeds are equal scenes, so that a
/// group of rollouts is scored on the same one, by whichever replica.
/// </remarks>
internal static class NemoGymEndpoints
{
    /// <summary>What these paths are called in the API's description.</summary>
    public const string Tag = "NeMo Gym";

    private static readonly NeededScopeAttribute s_score = new(Scopes.Score);

    /// <summary>Maps the paths.</summary>
    public static void Map(WebApplication app)
    {
        var paths = app.MapGroup("").WithTags(Tag).WithMetadata(s_score);
        paths.MapPost("/seed_session", (Delegate)SeedAsync).WithMetadata(ApiBody.Of<NemoGymScene>())
            .Produces<NemoGymSeeded>().WithSummary("Begin a rollout of a row.");
        paths.MapPost("/verify", (Delegate)VerifyAsync).WithMetadata(ApiBody.Of<NemoGymScene>())
            .Produces<NemoGymVerified>().WithSummary("Score the model's reply to a row.");
        paths.MapPost("/aggregate_metrics", (Delegate)AggregateAsync)
            .WithMetadata(ApiBody.Of<NemoGymVerifications>())
            .Produces<NemoGymMetrics>().WithSummary("Sum up scores, by task and altogether.");
        paths.MapGet("/reverify_mode", () => TrainerBody.Json(JsonValue.Create("stateless")))
            .Produces<string>(contentType: "application/json").WithSummary("That replies can be scored again.");
    }

    private static async Task<IResult> SeedAsync(HttpContext http)
    {
        var scene = Read(await TrainerBody.ReadAsync(http));
        TrainerBody.ThrowIfWithheld(scene, TaskCatalog.Find(scene.Task).Spec);
        if (scene.Question?["input"] is JsonArray { Count: > 0 } or JsonValue)
        {
            return TrainerBody.Answer(new NemoGymSeeded(null));
        }

        var sessions = http.RequestServices.GetRequiredService<OpenEnvSessions>();
        var episode = sessions.OpenByHandle(http.Caller(), scene.Task);
        try
        {
            var reply = await sessions.BeginAsync(episode, scene.ToReset(scene.Seed), http.RequestAborted);
            return TrainerBody.Answer(new NemoGymSeeded(ToQuestion(reply.Observation)));
        }
        finally
        {
            sessions.Close(episode);
        }
    }

    private static async Task<IResult> VerifyAsync(HttpContext http)
    {
        var body = await TrainerBody.ReadAsync(http);
        var scene = Read(body);
        var output = scene.Response?["output"] as JsonArray ?? throw OpenEnvFault.Invalid("response.output",
            "'response.output' is absent; verify wants the list of what the model said. Send the whole response.");
        using var place = http.Caller().Quota.TakeRequest();
        var calls = http.RequestServices.GetRequiredService<EnvironmentCalls>();
        var request = new ScoreRequest
        {
            Task = scene.Task,
            Split = scene.Split ?? "",
            OptionsJson = scene.Options?.ToJsonString() ?? "",
            Seeds = { scene.Seed },
            Texts = new TextActions(),
            Observe = new ObservationRequest { Names = { "info" } },
        };
        var said = SaidIn(scene.Question?["input"] as JsonArray, "responses_create_params.input", [])
            .Concat(SaidIn(output, "response.output", [null])).ToList();
        var task = TaskCatalog.Find(scene.Task).Spec;
        if (AttemptRule.MaxSteps(task, OptionsReader.Read(task, request.OptionsJson)) > 1)
        {
            request.Texts.Answers.Add(said);
            request.Turns.Add((uint)said.Count);
        }
        else
        {
            // What a model thought, or asked of tools, before its last message is no answer.
            request.Texts.Answers.Add(said is [.., var last] ? last : "");
        }

        var reply = await calls.ScoreAsync(http.Caller(), http.Caller().Share, request, http.RequestAborted);
        var info = JsonSerializer.Deserialize(
            reply.Observations[0].Texts.Values[0], SlotInfo.Json.SlotInfo)!;
        var scored = JsonFields.Write(new NemoGymVerified(
            MemoryMarshal.Cast<byte, float>(reply.Rewards.Span)[0], info.ParseError, info.Verdict, info.Distance));
        foreach (var (name, value) in scored)
        {
            body[name] = value?.DeepClone();
        }

        return TrainerBody.Json(body);
    }

    private static async Task<IResult> AggregateAsync(HttpContext http)
    {
        var body = await TrainerBody.ReadAsync(http);
        var responses = body["verify_responses"] as JsonArray ?? throw OpenEnvFault.Invalid("verify_responses",
            "'verify_responses' is absent; aggregate_metrics wants what verify answered. Send a list.");
        return TrainerBody.Answer(NemoGymScores.Aggregate(responses));
    }

    // The row's own columns may be anything; those that name the scene are read as strictly as elsewhere.
    private static NemoGymScene Read(JsonObject body)
    {
        string[] known = ["task", "seed", "split", "options", "width", "height", "responses_create_params", "response"];
        var own = new JsonObject();
        foreach (var name in known.Where(body.ContainsKey))
        {
            own[name] = body[name]?.DeepClone();
        }

        return JsonFields.Read<NemoGymScene>(own, "a row");
    }

    private static JsonObject ToQuestion(OpenEnvObservation seen) => new()
    {
        ["input"] = new JsonArray(
            new JsonObject { ["role"] = "system", ["content"] = ChatMessages.System },
            new JsonObject
            {
                ["role"] = "user",
                ["content"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = "input_image",
                        ["image_url"] = $"data:image/png;base64,{Convert.ToBase64String(seen.Image)}",
                        ["detail"] = "auto",
                    },
                    new JsonObject { ["type"] = "input_text", ["text"] = seen.Prompt }),
            }),
    };

    // What the model said, message by message; a reply may leave the role out.
    private static IEnumerable<string> SaidIn(JsonArray? messages, string field, string?[] otherRoles)
    {
        foreach (var message in (messages ?? []).OfType<JsonObject>())
        {
            var role = (message["role"] as JsonValue)?.ToString();
            if ((role == "assistant" || otherRoles.Contains(role))
                && (message["type"] as JsonValue)?.ToString() is "message" or null)
            {
                yield return TextOf(message["content"], $"{field}.content");
            }
        }
    }

    private static string TextOf(JsonNode? content, string field) => content switch
    {
        JsonArray parts => string.Concat(parts.OfType<JsonObject>().Select(
            part => part["text"] is { } text ? TrainerBody.Text(text, $"{field}.text") : "")),
        null => "",
        var text => TrainerBody.Text(text, field),
    };
}

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
