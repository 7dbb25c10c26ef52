using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Server.Faults;

namespace PhysIntuition.Server.OpenEnv;

/// <summary>One WebSocket: one session, one request after another.</summary>
internal sealed class OpenEnvSocket(OpenEnvEpisode episode, WebSocket socket, int maxBytes, ILogger logger)
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
            "reset" => Typed("observation", await episode.ResetAsync(data, cancellation)),
            "step" => Typed("observation", await episode.StepAsync(data, cancellation)),
            "state" => Typed("state", episode.State()),
            "close" => null,
            _ => Error("UNKNOWN_TYPE", "The type must be reset, step, state or close."),
        };
    }

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
