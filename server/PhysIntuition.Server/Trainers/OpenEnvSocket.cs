using System.Net.WebSockets;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace PhysIntuition.Server.Trainers;

/// <summary>One WebSocket: one session, one request after another.</summary>
/// <param name="episode">Its episode.</param>
/// <param name="socket">The connection.</param>
/// <param name="sessions">Where other episodes are.</param>
/// <param name="maxBytes">Longest message that is taken.</param>
/// <param name="logger">For what goes wrong.</param>
internal sealed class OpenEnvSocket(
    OpenEnvEpisode episode, WebSocket socket, OpenEnvSessions sessions, int maxBytes, ILogger logger)
{
    private static readonly string[] s_fields = ["type", "data"];

    /// <summary>Serves the socket until either side closes it.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var next = ReadAsync(cancellation);
        while (await next is { } text)
        {
            next = ReadAsync(cancellation);   // a pending read answers the client's pings while the step runs
            var reply = await AnswerAsync(text, cancellation);
            if (reply is null)
            {
                Forget(next);
                break;
            }

            await socket.SendAsync(
                JsonSerializer.SerializeToUtf8Bytes<JsonNode>(reply), WebSocketMessageType.Text, endOfMessage: true,
                cancellation);
        }

        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "bye", cancellation);
        }
    }

    /// <summary>An error message.</summary>
    public static JsonObject Error(string code, string message) => new()
    {
        ["type"] = "error",
        ["data"] = new JsonObject { ["message"] = message, ["code"] = code },
    };

    // Nobody reads on; what the pending read still learns is of no interest.
    private static void Forget(Task pending) => pending.ContinueWith(
        static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);

    // Null: the client said close.
    private async Task<JsonObject?> AnswerAsync(byte[] text, CancellationToken cancellation)
    {
        JsonObject message;
        try
        {
            message = JsonBody.Parse(text) as JsonObject ?? throw new JsonException("A message must be a JSON object.");
        }
        catch (JsonException wrong)
        {
            return Error("INVALID_JSON", wrong.Message);
        }

        try
        {
            return await DispatchAsync(message, cancellation);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            var error = FaultInterceptor.Describe(logger, failure, "OpenEnv");
            return Error(OpenEnvFault.CodeOf(failure), error.Message);
        }
    }

    private async Task<JsonObject?> DispatchAsync(JsonObject message, CancellationToken cancellation)
    {
        foreach (var (name, _) in message)
        {
            if (!s_fields.Contains(name))
            {
                throw OpenEnvFault.Invalid(name, $"'{name}' is no field of a message; there are type and data.");
            }
        }

        var data = message["data"] as JsonObject ?? [];
        var type = message["type"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
        return type switch
        {
            "reset" => Typed("observation", JsonFields.Write(
                await episode.ResetAsync(JsonFields.Read<OpenEnvReset>(data, "reset"), cancellation))),
            "step" when data.ContainsKey("type") => Typed("observation", await ToolStepAsync(data, cancellation)),
            "step" => Typed("observation", JsonFields.Write(
                await episode.StepAsync(JsonFields.Read<OpenEnvAction>(data, "step").Answer, cancellation))),
            "state" => Typed("state", JsonFields.Write(episode.State())),
            "mcp" => Typed("mcp", await new OpenEnvRpc(sessions, logger).AnswerAsync(
                data, episode.Session.Owner, task: null, episode, cancellation)),
            "close" => null,
            _ => Error("UNKNOWN_TYPE", "The type must be reset, step, state, mcp or close."),
        };
    }

    // OpenEnv's client of tools lists and calls them as steps.
    private async Task<JsonObject> ToolStepAsync(JsonObject data, CancellationToken cancellation)
    {
        var tools = new McpTools(sessions, episode.Session.Owner, task: null, episode, logger);
        var kind = OpenEnvFault.Text(data, "type");
        if (kind == "list_tools")
        {
            return Stepped(new JsonObject { ["tools"] = McpTools.Write(tools.List())["tools"]!.DeepClone() }, null);
        }

        if (kind != "call_tool")
        {
            throw OpenEnvFault.Invalid("type", $"'type' is '{kind}'; it must be list_tools or call_tool. Send one.");
        }

        var name = OpenEnvFault.Text(data, "tool_name") ?? "";
        var (result, reply) = await tools.CallAsync(name, McpTools.ArgumentsOf(data["arguments"]), cancellation);
        return Stepped(new JsonObject
        {
            ["tool_name"] = name,
            ["result"] = McpTools.Write(result),
            ["error"] = result.IsError != true ? null : new JsonObject
            {
                ["error_type"] = "execution_error",
                ["message"] = ((TextContentBlock)result.Content[0]).Text,
            },
        }, reply);
    }

    private static JsonObject Stepped(JsonObject observation, OpenEnvReply? reply) => new()
    {
        ["observation"] = observation,
        ["reward"] = reply?.Reward,
        ["done"] = reply?.Done ?? false,
    };

    private static JsonObject Typed(string type, JsonObject data) => new() { ["type"] = type, ["data"] = data };

    private async Task<byte[]?> ReadAsync(CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        using var message = new MemoryStream();
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, cancellation);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Write(buffer, 0, part.Count);
            if (message.Length > maxBytes)
            {
                await socket.CloseOutputAsync(
                    WebSocketCloseStatus.MessageTooBig, $"at most {maxBytes} bytes", cancellation);
                return null;
            }

            if (part.EndOfMessage)
            {
                return message.ToArray();
            }
        }
    }
}
