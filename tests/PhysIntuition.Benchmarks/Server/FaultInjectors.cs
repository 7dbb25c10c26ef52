using System.Net;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>Clients that die in the middle, and peers that send what they please.</summary>
/// <param name="grpc">The gRPC port.</param>
/// <param name="http">The HTTP port.</param>
/// <param name="tally">Where they count.</param>
/// <param name="seed">Of their choices.</param>
internal sealed class FaultInjectors(Uri grpc, Uri http, Tally tally, int seed)
{
    private static readonly string[] s_beginnings =
    [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "POST /physintuition.v1.EnvironmentService/Step HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc-web\r\n" +
            "Content-Length: 64\r\n\r\n",
        "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 64\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "",
    ];

    /// <summary>Opens sessions, leaves work running in them, and vanishes without a word.</summary>
    public async Task DieAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var handler = new SocketsHttpHandler();
            var channel = GrpcChannel.ForAddress(grpc, new GrpcChannelOptions { HttpHandler = handler });
            try
            {
                await LeaveWorkAsync(new EnvironmentService.EnvironmentServiceClient(channel));
            }
            catch (Exception gone) when (gone is RpcException or IOException or InvalidOperationException)
            {
                // Between two lives of the server.
            }

            handler.Dispose();
            channel.Dispose();
            tally.Add("clients_killed");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>Sends bytes that mean nothing, or nearly something.</summary>
    public async Task SendGarbageAsync(CancellationToken end)
    {
        var random = new Random(seed);
        var bytes = new byte[256];
        while (!end.IsCancellationRequested)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, random.Next(2) == 0 ? grpc.Port : http.Port, end);
                var beginning = s_beginnings[random.Next(s_beginnings.Length)];
                await socket.SendAsync(Encoding.ASCII.GetBytes(beginning), end);
                random.NextBytes(bytes);
                await socket.SendAsync(bytes.AsMemory(0, random.Next(1, bytes.Length)), end);
                socket.Shutdown(SocketShutdown.Send);
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(end);
                patience.CancelAfter(200);
                await socket.ReceiveAsync(bytes, patience.Token);
            }
            catch (Exception refused) when (refused is SocketException or OperationCanceledException)
            {
                // The server need not be polite to garbage.
            }

            tally.Add("garbage_sent");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static async Task LeaveWorkAsync(EnvironmentService.EnvironmentServiceClient stub)
    {
        var session = await stub.OpenSessionAsync(new OpenSessionRequest { Client = "vandal", LeaseSeconds = 3 });
        var headers = new Metadata
        {
            { "physintuition-session", session.Id },
            { "physintuition-session-token", session.Token },
        };
        await stub.CreateAsync(new CreateRequest
        {
            Task = "Stability-v1",
            Slots = 16,
            Observe = new ObservationRequest { Names = { "rgb" } },
            SharedBuffers = 2,
        }, headers);
        using var stream = stub.Run(headers);
        for (var i = 0ul; i < 4; i++)
        {
            await stream.RequestStream.WriteAsync(new RunRequest
            {
                RequestId = i,
                Reset = new ResetRequest { Environment = 1, Seed = i },
            });
        }

        using var rows = stub.StreamDataset(new StreamDatasetRequest
        {
            Task = "Stability-v1",
            Count = 256,
            Observe = new ObservationRequest { Names = { "rgb" }, Encoding = PictureEncoding.Png },
        }, headers);
        await rows.ResponseStream.MoveNext(default);
    }
}
