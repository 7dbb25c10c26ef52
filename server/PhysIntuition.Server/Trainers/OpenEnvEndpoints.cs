using System.Net.WebSockets;

namespace PhysIntuition.Server.Trainers;

/// <summary>OpenEnv's paths, for the usual task at the root and for every task under its id.</summary>
internal static class OpenEnvEndpoints
{
    /// <summary>What these paths are called in the API's description.</summary>
    public const string Tag = "OpenEnv";

    /// <summary>The beginning of a task's own paths.</summary>
    public const string TaskPath = "/{task:regex(^[A-Za-z]+-v[0-9]+$)}";

    /// <summary>Maps all paths twice.</summary>
    public static void Map(WebApplication app)
    {
        MapTask(app, "");
        MapTask(app, TaskPath);
    }

    private static void MapTask(WebApplication app, string prefix)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("PhysIntuition.Server.OpenEnv");
        var paths = app.MapGroup(prefix).WithTags(Tag);
        paths.MapGet("/health", Health).WithMetadata(NeededScopeAttribute.NoToken).Produces<OpenEnvHealth>()
            .WithSummary("Whether the server takes work.");
        paths.MapGet("/metadata", (HttpContext http) => Json(OpenEnvSchemas.Metadata(Spec(http))))
            .Produces<OpenEnvMetadata>().WithSummary("What the task is.");
        paths.MapGet("/schema", (HttpContext http) => Json(OpenEnvSchemas.Schemas(Spec(http), Limits(http))))
            .Produces<OpenEnvSchema>().WithSummary("Schemas of action, observation and state.");
        paths.MapGet("/state", (HttpContext http) => Json(Find(http).State()))
            .Produces<OpenEnvState>().WithMetadata(ApiSession.Needed).WithSummary("Where the episode stands.");
        paths.MapPost("/reset", (Delegate)ResetAsync)
            .WithMetadata(ApiBody.Of<OpenEnvReset>(isRequired: false), ApiSession.Optional)
            .Produces<OpenEnvReply>().WithSummary("Start an episode.");
        paths.MapPost("/step", (Delegate)StepAsync).WithMetadata(ApiBody.Of<OpenEnvStep>(), ApiSession.Needed)
            .Produces<OpenEnvReply>().WithSummary("Answer.");
        paths.MapGet("/ws", (Func<HttpContext, Task>)(http => ServeSocketAsync(http, logger)))
            .Produces(StatusCodes.Status101SwitchingProtocols).Produces(StatusCodes.Status426UpgradeRequired)
            .WithSummary("A WebSocket: one session, one message of OpenEnv after another.");
    }

    private static IResult Json<T>(T reply) =>
        Results.Text(JsonSerializer.SerializeToUtf8Bytes(reply, JsonFields.Options), "application/json");

    private static IResult Health(Drain drain)
    {
        drain.ThrowIfStarted();
        return Json(new OpenEnvHealth("healthy"));
    }

    // Without a session's token, reset opens one and says so in its headers; with one, it goes on there.
    private static async Task<IResult> ResetAsync(HttpContext context)
    {
        var data = JsonFields.Read<OpenEnvReset>(await BodyAsync(context), "reset");
        if (context.Request.Headers.ContainsKey(SessionKey.TokenHeader))
        {
            return Json(await Find(context).ResetAsync(data, context.RequestAborted));
        }

        var (episode, token) = Sessions(context).Open(context, TaskOf(context));
        var reply = await Sessions(context).BeginAsync(episode, data, context.RequestAborted);
        context.Response.Headers[SessionKey.IdHeader] = episode.Session.Id;
        context.Response.Headers[SessionKey.TokenHeader] = token;
        return Json(reply);
    }

    private static async Task<IResult> StepAsync(HttpContext context)
    {
        var step = JsonFields.Read<OpenEnvStep>(await BodyAsync(context), "step");
        var action = JsonFields.Read<OpenEnvAction>(step.Action, "action");
        if (step.TimeoutSeconds is <= 0 or > 86_400 or double.NaN)
        {
            Throw.OutOfRange("timeout_s", step.TimeoutSeconds, "must be above 0 and at most 86400", "Leave it out.");
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (step.TimeoutSeconds is { } seconds)
        {
            end.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        try
        {
            // A step that waits for a worker is dropped when its turn comes; its client need not wait for that.
            return Json(await Find(context).StepAsync(action.Answer, end.Token).WaitAsync(end.Token));
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new PhysIntuitionException(Fault.Unavailable, "timeout_s",
                $"'timeout_s' is {step.TimeoutSeconds}, and the step was still waiting. Send it again, or allow more.");
        }
    }

    private static OpenEnvEpisode Find(HttpContext context) => Sessions(context).Find(
        context.Request.Headers[SessionKey.IdHeader], context.Request.Headers[SessionKey.TokenHeader]);

    private static async Task ServeSocketAsync(HttpContext context, ILogger logger)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var sessions = Sessions(context);
        OpenEnvEpisode episode;
        try
        {
            episode = sessions.OpenForSocket(context, TaskOf(context));
        }
        catch (Exception failure)
        {
            var error = FaultInterceptor.Describe(logger, failure, "OpenEnv");
            var text = OpenEnvSocket.Error(OpenEnvFault.CodeOf(failure), error.Message);
            await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes<JsonNode>(text), WebSocketMessageType.Text,
                endOfMessage: true, context.RequestAborted);
            await socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, null, context.RequestAborted);
            return;
        }

        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(
                context.RequestAborted, context.RequestServices.GetRequiredService<Drain>().Started);
            await new OpenEnvSocket(episode, socket, sessions, 4 * Limits(context).MaxTextBytes, logger)
                .RunAsync(end.Token);
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            // The client is gone, or the server is about to be.
        }
        finally
        {
            sessions.Close(episode);
        }
    }

    private static async Task<JsonObject> BodyAsync(HttpContext context) =>
        await JsonBody.ReadObjectAsync(context, 4 * Limits(context).MaxTextBytes) ?? [];

    private static string? TaskOf(HttpContext context) => context.Request.RouteValues["task"] as string;

    private static TaskSpec Spec(HttpContext context) =>
        TaskCatalog.Find(TaskOf(context) ?? OpenEnvSessions.UsualTask).Spec;

    private static LimitOptions Limits(HttpContext context) =>
        context.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value;

    private static OpenEnvSessions Sessions(HttpContext context) =>
        context.RequestServices.GetRequiredService<OpenEnvSessions>();
}

/// <summary>The documents about a task that OpenEnv clients read.</summary>
internal static class OpenEnvSchemas
{
    /// <summary>Name, description and version of a task.</summary>
    public static OpenEnvMetadata Metadata(TaskSpec task) => new(
        task.Id, task.Summary, TaskInfos.From(task, new LimitOptions()).Description, ServerDescription.Version,
        "PhysIntuition", DocumentationUrl: null);

    /// <summary>JSON Schemas of action, observation and state.</summary>
    public static OpenEnvSchema Schemas(TaskSpec task, LimitOptions limits)
    {
        var action = JsonNode.Parse(TaskInfos.From(task, limits).ActionSchemaJson)!;
        action["properties"]!["metadata"] =
            JsonFields.SchemaOf(typeof(OpenEnvAction))["properties"]!["metadata"]!.DeepClone();
        return new OpenEnvSchema(
            action.AsObject(), Object($"{task.Name}Observation", typeof(OpenEnvObservation)),
            Object($"{task.Name}State", typeof(OpenEnvState)));
    }

    private static JsonObject Object(string title, Type record)
    {
        var schema = JsonFields.SchemaOf(record);
        schema["title"] = title;
        schema["additionalProperties"] = false;
        return schema;
    }
}
