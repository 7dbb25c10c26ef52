using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Server.Access;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.Hosting;
using PhysIntuition.Server.Options;
using PhysIntuition.Server.Sessions;

namespace PhysIntuition.Server.OpenEnv;

/// <summary>OpenEnv's paths, for the usual task at the root and for every task under its id.</summary>
internal static class OpenEnvEndpoints
{
    /// <summary>Maps all paths twice.</summary>
    public static void Map(WebApplication app)
    {
        MapTask(app, "");
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("PhysIntuition.Server.Mcp");
        Task Answer(HttpContext context) => McpEndpoint.AnswerAsync(
            context, Sessions(context), 4 * Limits(context).MaxTextBytes, logger);
        app.MapPost("/mcp", (RequestDelegate)Answer);
        app.MapDelete("/mcp", (HttpContext context) => McpEndpoint.End(context, Sessions(context)))
            .AddEndpointFilter(async (call, next) =>
            {
                try
                {
                    return await next(call);
                }
                catch (PhysIntuition.Faults.PhysIntuitionException)
                {
                    return Results.NotFound(); // as the protocol has it for a session that is no more
                }
            });
        MapTask(app, "/{task:regex(^[A-Za-z]+-v[0-9]+$)}");
    }

    private static void MapTask(WebApplication app, string prefix)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("PhysIntuition.Server.OpenEnv");
        IEndpointConventionBuilder Get(string path, Func<HttpContext, JsonObject> answer) =>
            app.MapGet(prefix + path, Answering(logger, context => Task.FromResult(answer(context))));

        Get("/health", Health).WithMetadata(NeededScope.NoToken);
        Get("/metadata", context => OpenEnvSchemas.Metadata(Spec(context)));
        Get("/schema", context => OpenEnvSchemas.Schemas(Spec(context), Limits(context)));
        Get("/openapi.json", context => OpenEnvSchemas.OpenApi(Spec(context), Limits(context)));
        Get("/state", context => Find(context).State());
        app.MapPost(prefix + "/reset", Answering(logger, ResetAsync));
        app.MapPost(prefix + "/step", Answering(logger, StepAsync));
        app.Map(prefix + "/ws", context => ServeSocketAsync(context, logger));
    }

    private static RequestDelegate Answering(ILogger logger, Func<HttpContext, Task<JsonObject>> answer)
    {
        Task Answer(HttpContext context) => AnswerAsync(context, logger, answer);
        return Answer;
    }

    private static JsonObject Health(HttpContext context)
    {
        context.RequestServices.GetRequiredService<Drain>().ThrowIfStarted();
        return new JsonObject { ["status"] = "healthy" };
    }

    // Without a session's token, reset opens one and says so in its headers; with one, it goes on there.
    private static async Task<JsonObject> ResetAsync(HttpContext context)
    {
        var data = await BodyAsync(context);
        var episode = context.Request.Headers.ContainsKey(SessionKey.TokenHeader) ? Find(context) : Open(context);
        return await episode.ResetAsync(data, context.RequestAborted);
    }

    private static async Task<JsonObject> StepAsync(HttpContext context)
    {
        var data = await BodyAsync(context);
        if (data["action"] is not JsonObject action)
        {
            throw OpenEnvFault.Invalid("action",
                "'action' must be an object. Send {\"action\": {\"answer\": \"...\"}}.");
        }

        return await Find(context).StepAsync((JsonObject)action.DeepClone(), context.RequestAborted);
    }

    private static OpenEnvEpisode Open(HttpContext context)
    {
        var (episode, token) = Sessions(context).Open(context, TaskOf(context));
        context.Response.Headers[SessionKey.IdHeader] = episode.Session.Id;
        context.Response.Headers[SessionKey.TokenHeader] = token;
        return episode;
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
            (episode, _) = sessions.Open(context, TaskOf(context));
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
            await new OpenEnvSocket(episode, socket, 4 * Limits(context).MaxTextBytes, logger).RunAsync(end.Token);
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

    private static async Task AnswerAsync(
        HttpContext context, ILogger logger, Func<HttpContext, Task<JsonObject>> answer)
    {
        JsonObject body;
        try
        {
            body = await answer(context);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception failure)
        {
            var error = FaultInterceptor.Describe(logger, failure, context.Request.Path);
            context.Response.StatusCode = OpenEnvFault.StatusOf(failure);
            body = new JsonObject { ["detail"] = error.Message };
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private static async Task<JsonObject> BodyAsync(HttpContext context)
    {
        try
        {
            return await JsonBody.ReadAsync(context, 4 * Limits(context).MaxTextBytes) switch
            {
                null => [],
                JsonObject body => body,
                _ => throw new JsonException("it is another kind of value."),
            };
        }
        catch (JsonException wrong)
        {
            throw OpenEnvFault.Invalid("body", $"The body is not a JSON object: {wrong.Message}");
        }
    }

    private static string? TaskOf(HttpContext context) => context.Request.RouteValues["task"] as string;

    private static TaskSpec Spec(HttpContext context) =>
        TaskCatalog.Find(TaskOf(context) ?? OpenEnvSessions.UsualTask).Spec;

    private static LimitOptions Limits(HttpContext context) =>
        context.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value;

    private static OpenEnvSessions Sessions(HttpContext context) =>
        context.RequestServices.GetRequiredService<OpenEnvSessions>();
}
