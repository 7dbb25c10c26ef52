using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using PhysIntuition.Client;
using V1 = PhysIntuition.V1;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>Clients that keep books: every reply is compared with what it must be.</summary>
/// <param name="grpc">Where they call; through a wire that breaks.</param>
/// <param name="http">The HTTP port, likewise.</param>
/// <param name="tally">Where they count.</param>
/// <param name="restarts">How often the server was started anew; sessions end with it.</param>
internal sealed class Players(Uri grpc, Uri http, Tally tally, Func<int> restarts)
{
    private const string Answer = """{"type":"step","data":{"answer":"<answer>(-40, 260)</answer>"}}""";
    private static readonly TimeSpan s_think = TimeSpan.FromMilliseconds(2);

    private readonly Script[] _scripts = [.. Enumerable.Range(0, 8).Select(i => new Script((ulong)(1000 * i)))];

    /// <summary>Plays scripts one after another until told to stop.</summary>
    public async Task PlayAsync(int player, CancellationToken end)
    {
        for (var round = 0; !end.IsCancellationRequested; round++)
        {
            var before = restarts();
            try
            {
                await PlayOnceAsync(_scripts[(player + round) % _scripts.Length]);
                tally.Add("rounds");
            }
            catch (EnvironmentException refusal) when (IsInOrder(refusal, before))
            {
                tally.Add("rounds_begun_again");
                await Task.Delay(100, CancellationToken.None);
            }
            catch (Exception failure)
            {
                tally.Complain("wrong_ends", $"{failure.GetType().Name}: {failure.Message}");
            }
        }
    }

    /// <summary>Plays over OpenEnv's socket, the same scene again and again.</summary>
    public async Task PlaySocketAsync(CancellationToken end)
    {
        string? first = null;
        while (!end.IsCancellationRequested)
        {
            using var socket = new ClientWebSocket();
            try
            {
                await socket.ConnectAsync(
                    new UriBuilder(http) { Scheme = "ws", Path = "/Offset-v1/ws" }.Uri, CancellationToken.None);
                for (var i = 0; i < 20 && !end.IsCancellationRequested; i++)
                {
                    await AskAsync(socket, """{"type":"reset","data":{"seed":50}}""");
                    var reply = await AskAsync(socket, Answer);
                    var reward = reply["data"]?["reward"]?.ToJsonString() ?? reply.ToJsonString();
                    first ??= reward;
                    tally.Add("socket_steps");
                    if (reward != first)
                    {
                        tally.Complain("wrong_replies", $"a socket's reward was {reward}, not {first}");
                    }
                }

                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }
            catch (Exception cut) when (cut is WebSocketException or IOException or HttpRequestException)
            {
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    private async Task PlayOnceAsync(Script script)
    {
        await using var client = await PhysIntuitionClient.ConnectAsync(new ClientOptions
        {
            Address = grpc,
            Lease = TimeSpan.FromSeconds(20),
            ReconnectFor = TimeSpan.FromSeconds(30),
            Recover = false,   // what a lost session says is part of what is checked
        });
        await using var environment = await client.CreateAsync(Script.Settings);
        await environment.ResetAsync(script.Seed);
        var waiting = new Queue<(int Step, Task<StepResult> Reply)>();
        for (var step = 0; step < Script.Steps; step++)
        {
            waiting.Enqueue((step, environment.StepAsync(Script.Actions(step)).AsTask()));
            if (waiting.Count == Script.InFlight)
            {
                await CheckAsync(script, waiting.Dequeue());
            }

            await Task.Delay(s_think);
        }

        while (waiting.TryDequeue(out var last))
        {
            await CheckAsync(script, last);
        }
    }

    private async Task CheckAsync(Script script, (int Step, Task<StepResult> Reply) call)
    {
        var reply = await call.Reply;
        tally.Add("steps_checked");
        if (!script.Fits(call.Step, reply.Rewards, reply.Observations["seed"].As<ulong>()))
        {
            tally.Complain("wrong_replies", $"step {call.Step} of the script with seed {script.Seed}");
        }
    }

    // Without a server a call is UNAVAILABLE; after a restart its sessions are unknown, and the reply says so.
    private bool IsInOrder(EnvironmentException refusal, int restartsBefore) =>
        refusal.Code is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Internal
            or StatusCode.Cancelled || (refusal.Reason == "UNKNOWN_SESSION" && restarts() != restartsBefore);

    private static async Task<JsonNode> AskAsync(ClientWebSocket socket, string message)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, default);
        using var text = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                throw new WebSocketException("closed");
            }

            text.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return JsonNode.Parse(text.ToArray())!;
            }
        }
    }
}
