using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Faults;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.Services;

namespace PhysIntuition.Server.OpenEnv;

/// <summary>The Model Context Protocol over Streamable HTTP, answered as plain JSON: tools to play a task.</summary>
/// <remarks>
/// The session's id and secret travel as one word in the header Mcp-Session-Id, which initialize sets. OpenEnv's own
/// calls (openenv/session/create and close) open and end the same sessions.
/// </remarks>
internal static class McpEndpoint
{
    private const string SessionHeader = "Mcp-Session-Id";
    private const string ProtocolVersion = "2025-06-18";
    private const int ParseError = -32700, InvalidRequest = -32600, UnknownMethod = -32601, InvalidParameters = -32602;
    private const int ServerError = -32000;

    /// <summary>Answers one message; HTTP 200 always, but 202 to notifications.</summary>
    public static async Task AnswerAsync(HttpContext context, OpenEnvSessions sessions, int maxBytes, ILogger logger)
    {
        JsonNode? id = null;
        JsonObject reply;
        try
        {
            var message = await JsonBody.ReadAsync(context, maxBytes);
            if (message is not JsonObject request || request["method"] is not JsonValue method ||
                !method.TryGetValue<string>(out var name))
            {
                reply = Error(null, InvalidRequest, "A request is an object with jsonrpc, id, method and params.");
            }
            else if (request["id"] is null)
            {
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                return;
            }
            else
            {
                id = request["id"]!.DeepClone();
                reply = await DispatchAsync(context, sessions, id, name, request["params"] as JsonObject ?? []);
            }
        }
        catch (JsonException wrong)
        {
            reply = Error(null, ParseError, wrong.Message);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            var error = FaultInterceptor.Describe(logger, failure, "mcp");
            var isWrong = failure is PhysIntuitionException { Fault: Fault.InvalidArgument };
            reply = Error(id, isWrong ? InvalidParameters : ServerError, error.Message);
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(reply.ToJsonString(), context.RequestAborted);
    }

    /// <summary>Ends a session, as a client of the protocol does when it leaves.</summary>
    public static void End(HttpContext context, OpenEnvSessions sessions)
    {
        sessions.Close(Find(context, sessions));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task<JsonObject> DispatchAsync(
        HttpContext context, OpenEnvSessions sessions, JsonNode id, string method, JsonObject parameters)
    {
        switch (method)
        {
            case "initialize":
                Open(context, sessions, task: null);
                return Result(id, Initialized());
            case "ping":
                return Result(id, []);
            case "tools/list":
                return Result(id, new JsonObject { ["tools"] = McpTools.List() });
            case "tools/call":
                return Result(id, await McpTools.CallAsync(
                    OpenEnvFault.Text(parameters, "name") ?? "", parameters["arguments"] as JsonObject ?? [],
                    () => FindOrOpen(context, sessions), context.RequestAborted));
            case "openenv/session/create":
                return Result(id, new JsonObject { ["session_id"] = Open(context, sessions, task: null).Session.Id });
            case "openenv/session/close":
                sessions.Close(Find(context, sessions));
                return Result(id, new JsonObject { ["closed"] = true });
            default:
                return Error(id, UnknownMethod, $"There is no method '{method}'.");
        }
    }

    private static OpenEnvEpisode Open(HttpContext context, OpenEnvSessions sessions, string? task)
    {
        var (episode, token) = sessions.Open(context, task);
        context.Response.Headers[SessionHeader] = $"{episode.Session.Id}.{token}";
        return episode;
    }

    // OpenEnv's clients know no initialize: their first tool opens the session.
    private static OpenEnvEpisode FindOrOpen(HttpContext context, OpenEnvSessions sessions) =>
        context.Request.Headers.ContainsKey(SessionHeader)
            ? Find(context, sessions)
            : Open(context, sessions, task: null);

    private static OpenEnvEpisode Find(HttpContext context, OpenEnvSessions sessions)
    {
        var words = context.Request.Headers[SessionHeader].ToString().Split('.', 2);
        return sessions.Find(words[0], words.Length > 1 ? words[1] : null);
    }

    private static JsonObject Initialized() => new()
    {
        ["protocolVersion"] = ProtocolVersion,
        ["capabilities"] = new JsonObject { ["tools"] = new JsonObject() },
        ["serverInfo"] = new JsonObject { ["name"] = "physintuition", ["version"] = ServerDescription.Version },
    };

    private static JsonObject Result(JsonNode id, JsonObject result) =>
        new() { ["jsonrpc"] = "2.0", ["id"] = id, ["result"] = result };

    private static JsonObject Error(JsonNode? id, int code, string message) => new()
    {
        ["jsonrpc"] = "2.0",
        ["id"] = id,
        ["error"] = new JsonObject { ["code"] = code, ["message"] = message },
    };
}
