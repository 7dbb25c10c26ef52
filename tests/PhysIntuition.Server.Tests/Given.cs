using System.CommandLine;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>Requests and readers that the tests share.</summary>
internal static class Given
{
    public const string Task = "Offset-v1";

    public static CreateRequest Create(int slots, params string[] observe) => new()
    {
        Task = Task,
        Slots = (uint)slots,
        Observe = new ObservationRequest { Names = { observe } },
    };

    /// <summary>Every slot gives the same legal answer.</summary>
    public static StepRequest Step(uint environment, int rows, ulong stepId = 0) => new()
    {
        Environment = environment,
        StepId = stepId,
        Numbers = Numbers([.. Enumerable.Range(0, rows).SelectMany(_ => new float[] { -40, 260 })]),
    };

    public static ByteString Numbers(params float[] numbers) =>
        ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(numbers));

    public static float[] Floats(ByteString bytes) => MemoryMarshal.Cast<byte, float>(bytes.Span).ToArray();

    public static ulong[] Hashes(IEnumerable<Observation> observations, string name) =>
        MemoryMarshal.Cast<byte, ulong>(observations.Single(seen => seen.Name == name).Tensor.Data.Span).ToArray();

    public static IList<string> Texts(IEnumerable<Observation> observations, string name) =>
        observations.Single(seen => seen.Name == name).Texts.Values;

    /// <summary>Runs a command of the program; a refusal is thrown, as the program's main would see it.</summary>
    /// <returns>The exit code, and what was printed: results, then faults.</returns>
    public static async Task<(int Code, string Printed)> RunAsync(Command command, params string[] arguments)
    {
        var parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        await using var output = new StringWriter();
        await using var faults = new StringWriter();
        var code = await parsed.InvokeAsync(new()
        {
            EnableDefaultExceptionHandler = false, Output = output, Error = faults,
        });
        return (code, $"{output}{faults}");
    }

    /// <summary>The refusal of a call, with what the server says about it.</summary>
    public static async Task<(StatusCode Code, Error Error)> RefusalAsync<T>(AsyncUnaryCall<T> call)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await call.ResponseAsync.WaitAsync(RunningServer.Patience));
        var bytes = failure.Trailers.GetValueBytes("physintuition-error-bin");
        return (failure.StatusCode, bytes is null ? new Error() : Error.Parser.ParseFrom(bytes));
    }

    /// <summary>Lets an endpoint answer a request, its faults included.</summary>
    public static Task AnswerAsync(Endpoint endpoint, HttpContext http) => ActivatorUtilities
        .CreateInstance<FaultMiddleware>(http.RequestServices, endpoint.RequestDelegate!)
        .InvokeAsync(http).WaitAsync(RunningServer.Patience);

    /// <summary>Opens a socket of OpenEnv.</summary>
    public static async Task<ClientWebSocket> ConnectAsync(this RunningServer server, string path)
    {
        var socket = new ClientWebSocket();
        var address = new UriBuilder(server.HttpAddress) { Scheme = "ws", Path = path }.Uri;
        await socket.ConnectAsync(address, CancellationToken.None).WaitAsync(RunningServer.Patience);
        return socket;
    }

    /// <summary>Sends a message.</summary>
    public static Task SayAsync(this ClientWebSocket socket, string message) => socket.SendAsync(
        Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None)
        .WaitAsync(RunningServer.Patience);

    /// <summary>Sends a message and waits for the reply to it.</summary>
    public static async Task<JsonNode> AskAsync(this ClientWebSocket socket, string message)
    {
        await socket.SayAsync(message);
        using var text = new MemoryStream();
        var buffer = new byte[64 * 1024];
        WebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(RunningServer.Patience);
            text.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);

        return JsonNode.Parse(text.ToArray())!;
    }

    /// <summary>Waits until something that others do has happened.</summary>
    public static async Task SoonAsync(Func<bool> hasHappened)
    {
        using var patience = new CancellationTokenSource(RunningServer.Patience);
        while (!hasHappened())
        {
            await System.Threading.Tasks.Task.Delay(5, patience.Token);
        }
    }
}
