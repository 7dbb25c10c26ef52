using PhysIntuition.Environments.Observations;

namespace PhysIntuition.Server.Trainers;

/// <summary>VAGEN's environment server: batches of environments under ids that the client chooses.</summary>
/// <remarks>
/// As read in vagen/server of commit d2b8b30. A batch is checked as a whole before anything of it is carried out.
/// Beside the root everything is under /vagen too, whose /health says "ok", as VAGEN's client waits for.
/// </remarks>
internal static class VagenEndpoints
{
    /// <summary>What these paths are called in the API's description.</summary>
    public const string Tag = "VAGEN";

    private const string UsualPlaceholder = "<image>";

    /// <summary>Maps the paths.</summary>
    public static void Map(WebApplication app)
    {
        MapBelow(app, "");
        MapBelow(app, "/vagen");
        app.MapGet("/vagen/health", Health).WithTags(Tag).WithMetadata(NeededScopeAttribute.NoToken)
            .Produces<VagenStatus>().WithSummary("Whether the server takes work, as VAGEN asks.");
    }

    private static void MapBelow(WebApplication app, string prefix)
    {
        var paths = app.MapGroup(prefix).WithTags(Tag);
        paths.MapPost("/environments", (Delegate)CreateAsync).WithMetadata(ApiBody.Of<VagenCreate>())
            .Produces<VagenCreated>().WithSummary("Make environments.");
        paths.MapPost("/batch/reset", (Delegate)ResetAsync).WithMetadata(ApiBody.Of<VagenReset>())
            .Produces<VagenResults>().WithSummary("Start an episode in each.");
        paths.MapPost("/batch/step", (Delegate)StepAsync).WithMetadata(ApiBody.Of<VagenStep>())
            .Produces<VagenResults>().WithSummary("Answer in each.");
        paths.MapPost("/batch/reward", (Delegate)RewardAsync).WithMetadata(ApiBody.Of<VagenIds>())
            .Produces<VagenRewards>().WithSummary("What remains to be paid at the end.");
        paths.MapPost("/batch/system_prompt", (Delegate)PromptAsync).WithMetadata(ApiBody.Of<VagenIds>())
            .Produces<VagenPrompts>().WithSummary("Each one's system turn.");
        paths.MapPost("/batch/close", (Delegate)CloseAsync).WithMetadata(ApiBody.Of<VagenIds>())
            .Produces<VagenStatus>().WithSummary("Close environments.");
    }

    private static IResult Health(Drain drain)
    {
        drain.ThrowIfStarted();
        return TrainerBody.Answer(new VagenStatus("ok"));
    }

    private static async Task<IResult> CreateAsync(HttpContext http)
    {
        var wanted = TrainerBody.Map(await TrainerBody.ReadAsync(http), "ids2configs").Select(
            entry => (entry.Key, Config: ReadConfig(entry.Key, entry.Value))).ToList();
        foreach (var (id, (task, config)) in wanted)
        {
            Episodes(http).Open(http.Caller(), id, task, config);
        }

        return TrainerBody.Answer(new VagenCreated(true));
    }

    private static async Task<IResult> ResetAsync(HttpContext http)
    {
        var seeds = TrainerBody.Map(await TrainerBody.ReadAsync(http), "ids2seeds").Select(entry => (
            Environment: Episodes(http).Find(http.Caller(), entry.Key),
            Seed: TrainerBody.Seed(entry.Value, $"ids2seeds.{entry.Key}"))).ToList();
        return await AllAsync(seeds, entry => entry.Environment, async entry =>
        {
            var (environment, seed) = entry;
            var reply = await environment.Episode.ResetAsync(
                environment.Config.ToReset(seed), http.RequestAborted);
            (environment.Return, environment.IsRunning) = (0, true);
            return [ToObservation(environment, reply, reply.Observation.Prompt), new JsonObject()];
        });
    }

    private static async Task<IResult> StepAsync(HttpContext http)
    {
        var answers = TrainerBody.Map(await TrainerBody.ReadAsync(http), "ids2actions").Select(entry => (
            Environment: Running(Episodes(http).Find(http.Caller(), entry.Key)),
            Text: TrainerBody.Text(entry.Value, $"ids2actions.{entry.Key}"))).ToList();
        return await AllAsync(answers, entry => entry.Environment, async entry =>
        {
            var (environment, text) = entry;
            var reply = await environment.Episode.StepAsync(text, http.RequestAborted);
            environment.Return += reply.Reward!.Value;
            environment.IsRunning = !reply.Done;
            var told = ChatMessages.Outcome(
                reply.Metadata.Verdict, reply.Metadata.ParseError, reply.Done ? null : reply.Observation.Prompt);
            return [ToObservation(environment, reply, told), reply.Reward.Value, reply.Done,
                ToInfo(environment, reply, text)];
        });
    }

    private static async Task<IResult> RewardAsync(HttpContext http)
    {
        var rewards = new JsonObject();
        foreach (var id in TrainerBody.Names(await TrainerBody.ReadAsync(http), "env_ids"))
        {
            rewards[Episodes(http).Find(http.Caller(), id).Id] = 0.0;
        }

        return TrainerBody.Answer(new VagenRewards(rewards));
    }

    private static async Task<IResult> PromptAsync(HttpContext http)
    {
        var prompts = new JsonObject();
        foreach (var id in TrainerBody.Names(await TrainerBody.ReadAsync(http), "env_ids"))
        {
            prompts[Episodes(http).Find(http.Caller(), id).Id] = ChatMessages.System;
        }

        return TrainerBody.Answer(new VagenPrompts(prompts));
    }

    private static async Task<IResult> CloseAsync(HttpContext http)
    {
        foreach (var id in TrainerBody.Names(await TrainerBody.ReadAsync(http), "env_ids"))
        {
            Episodes(http).Close(http.Caller(), id);
        }

        return TrainerBody.Answer(new VagenStatus("success"));
    }

    // All at once: the scheduler simulates what waits together.
    private static async Task<IResult> AllAsync<T>(
        List<T> entries, Func<T, VagenEpisode> environmentOf, Func<T, Task<JsonArray>> carryOut)
    {
        var replies = await Task.WhenAll(entries.Select(carryOut));
        var results = new JsonObject();
        foreach (var (entry, reply) in entries.Zip(replies))
        {
            results[environmentOf(entry).Id] = reply;
        }

        return TrainerBody.Answer(new VagenResults(results));
    }

    private static (ITask Task, VagenEnvConfig Config) ReadConfig(string id, JsonNode? value)
    {
        var field = $"ids2configs.{id}";
        if (value is not JsonObject some)
        {
            throw OpenEnvFault.Invalid(field, $"'{field}' is no object; it must have env_name. Send one.");
        }

        var wanted = JsonFields.Read<VagenConfig>(some, field);
        var task = TaskCatalog.Find(wanted.EnvName);
        var config = JsonFields.Read<VagenEnvConfig>(wanted.EnvConfig ?? [], $"{field}.env_config");
        TrainerBody.ThrowIfWithheld(config, task.Spec);
        return (task, config);
    }

    private static VagenEpisode Running(VagenEpisode environment)
    {
        if (!environment.IsRunning)
        {
            Throw.OutOfOrder($"ids2actions.{environment.Id}", "OUT_OF_ORDER",
                $"Environment '{environment.Id}' has no episode that goes on. Reset it first; nothing was done.");
        }

        return environment;
    }

    private static JsonObject ToObservation(VagenEpisode environment, OpenEnvReply reply, string text)
    {
        var placeholder = environment.Config.ImagePlaceholder ?? UsualPlaceholder;
        return new JsonObject
        {
            ["obs_str"] = $"{placeholder}\n{text}",
            ["multi_modal_data"] = new JsonObject
            {
                [placeholder] = new JsonArray(new JsonObject
                {
                    ["__pil_image__"] = Convert.ToBase64String(reply.Observation.Image),
                }),
            },
        };
    }

    private static JsonObject ToInfo(VagenEpisode environment, OpenEnvReply reply, string text) => new()
    {
        ["metrics"] = new JsonObject
        {
            ["turn_metrics"] = new JsonObject { ["action_is_valid"] = reply.Metadata.ParseError is null },
            ["traj_metrics"] = new JsonObject { ["return"] = environment.Return },
        },
        ["llm_raw_response"] = text,
        ["llm_response"] = text,
        ["verdict"] = reply.Metadata.Verdict,
        ["parse_error"] = reply.Metadata.ParseError,
    };

    private static VagenEpisodes Episodes(HttpContext http) =>
        http.RequestServices.GetRequiredService<VagenEpisodes>();
}
