using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace PhysIntuition.Server.Trainers;

/// <summary>OpenEnv's dialect of MCP: no handshake, and the session is a parameter of every call.</summary>
internal sealed class OpenEnvRpc(OpenEnvSessions sessions, ILogger logger)
{
    private const int ServerError = -32000;

    /// <summary>Answers one message.</summary>
    /// <param name="message">As it came.</param>
    /// <param name="caller">Who sent it.</param>
    /// <param name="task">From the path; null: the usual one.</param>
    /// <param name="own">The episode of the socket that it came by; null: of no socket.</param>
    /// <param name="cancellation">Fires when nobody waits any more.</param>
    public async Task<JsonObject> AnswerAsync(
        JsonNode? message, Caller caller, string? task, OpenEnvEpisode? own, CancellationToken cancellation)
    {
        if (message is not JsonObject request || request["method"] is not JsonValue method ||
            !method.TryGetValue<string>(out var name))
        {
            return Error(
                null, McpErrorCode.InvalidRequest, "A request is an object with jsonrpc, id, method and params.");
        }

        var id = request["id"];
        try
        {
            var parameters = request["params"] as JsonObject ?? [];
            var result = await DispatchAsync(name, parameters, caller, task, own, cancellation);
            return result is null
                ? Error(id, McpErrorCode.MethodNotFound, $"There is no method '{name}'.")
                : new() { ["jsonrpc"] = "2.0", ["id"] = id?.DeepClone(), ["result"] = result };
        }
        catch (McpProtocolException wrong)
        {
            return Error(id, wrong.ErrorCode, wrong.Message);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            var error = FaultInterceptor.Describe(logger, failure, $"mcp {name}");
            var isWrong = failure is PhysIntuitionException
            {
                Fault: Fault.InvalidArgument or Fault.NotFound or Fault.OutOfOrder or Fault.NotAuthenticated,
            };
            return Error(id, isWrong ? McpErrorCode.InvalidParams : (McpErrorCode)ServerError, error.Message);
        }
    }

    /// <summary>An error in JSON-RPC's words.</summary>
    public static JsonObject Error(JsonNode? id, McpErrorCode code, string message) => new()
    {
        ["jsonrpc"] = "2.0",
        ["id"] = id?.DeepClone(),
        ["error"] = new JsonObject { ["code"] = (int)code, ["message"] = message },
    };

    // Null: there is no such method.
    private async Task<JsonNode?> DispatchAsync(
        string method, JsonObject parameters, Caller caller, string? task, OpenEnvEpisode? own,
        CancellationToken cancellation)
    {
        switch (method)
        {
            case "openenv/session/create":
                var opened = own ?? sessions.OpenByHandle(caller, task);
                return new JsonObject { ["session_id"] = opened.Session.Id };
            case "openenv/session/close":
                var ended = Find(parameters) ?? throw OpenEnvFault.Invalid("session_id",
                    "'session_id' is absent; openenv/session/close wants it. Send what openenv/session/create gave.");
                sessions.Close(ended);
                return new JsonObject { ["session_id"] = ended.Session.Id, ["closed"] = true };
            case "ping":
                return new JsonObject();
            case "tools/list":
                return McpTools.Write(Tools().List());
            case "tools/call":
                var (result, _) = await Tools().CallAsync(OpenEnvFault.Text(parameters, "name") ?? "",
                    McpTools.ArgumentsOf(parameters["arguments"]), cancellation);
                return McpTools.Write(result);
            default:
                return null;
        }

        McpTools Tools() => new(sessions, caller, task, own ?? Find(parameters), logger);
    }

    private OpenEnvEpisode? Find(JsonObject parameters) =>
        OpenEnvFault.Text(parameters, "session_id") is { } id ? sessions.Find(id, id) : null;
}
