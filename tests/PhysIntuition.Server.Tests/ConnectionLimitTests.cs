using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Server.Hosting;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>However many connect, the server goes on.</summary>
public sealed class ConnectionLimitTests
{
    [Fact]
    public async Task Connections_BeyondTheLimit_AreClosedAndTheOthersServed()
    {
        await using var server = await RunningServer.StartAsync("Limits:MaxConnections=3");
        var connections = server.Services.GetRequiredService<ConnectionLimit>();
        var session = await server.Stub.OpenSessionAsync(new OpenSessionRequest());   // one for gRPC
        using var one = await ConnectAsync(server.HttpAddress.Port);
        await AskHealthAsync(one); // An answer says that the server has counted it.
        using var two = await ConnectAsync(server.HttpAddress.Port);
        await AskHealthAsync(two);

        Assert.True(await IsClosedAsync(await TryConnectAsync(server.HttpAddress.Port)));
        Assert.True(await IsClosedAsync(await TryConnectAsync(server.Address.Port)));
        await server.Stub.CreateAsync(Given.Create(slots: 1), RunningServer.Headers(session));
        one.Dispose();
        await UntilAsync(() => connections.Open < 3);
        using var five = await ConnectAsync(server.HttpAddress.Port);
        await AskHealthAsync(five);
    }

    [Fact]
    public async Task Server_WithFewDescriptorsAndManyIdleConnections_KeepsItsSessions()
    {
        const int idle = 1300;
        var log = new ConcurrentQueue<string>();
        await using var server = new ServerProcess
        {
            MaxDescriptors = 1024, LogLevel = "Information", Complain = log.Enqueue,
        };
        await server.StartAsync();
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(server.Address);
        var stub = new EnvironmentService.EnvironmentServiceClient(channel);
        var session = await stub.OpenSessionAsync(new OpenSessionRequest());

        var sockets = new List<Socket?>();
        for (var i = 0; i < idle; i++)
        {
            sockets.Add(await TryConnectAsync(server.HttpAddress.Port));
        }

        var closed = await Task.WhenAll(sockets.TakeLast(300).Select(IsClosedAsync));
        await stub.CreateAsync(Given.Create(slots: 1), RunningServer.Headers(session));
        sockets.ForEach(socket => socket?.Dispose());

        Assert.DoesNotContain(false, closed);
        await server.KillAsync();
        Assert.Contains(log, line => line.Contains("with 1024 descriptors (ulimit -n)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Limit_BeyondTheDescriptors_StopsTheServerBeforeItListens()
    {
        var log = new ConcurrentQueue<string>();
        await using var server = new ServerProcess("Limits:MaxConnections=5000")
        {
            MaxDescriptors = 1024, Complain = log.Enqueue,
        };

        await Assert.ThrowsAsync<InvalidOperationException>(() => server.StartAsync());

        Assert.Equal(2, server.ExitCode);
        Assert.Contains("Limits:MaxConnections is '5000'; with 1024 descriptors", string.Join('\n', log),
            StringComparison.Ordinal);
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(RunningServer.Patience);
        return socket;
    }

    // Null: closed before the connection was made.
    private static async Task<Socket?> TryConnectAsync(int port)
    {
        try
        {
            return await ConnectAsync(port);
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionReset)
        {
            return null;
        }
    }

    private static async Task<bool> IsClosedAsync(Socket? socket)
    {
        if (socket is null)
        {
            return true;
        }

        using var patience = new CancellationTokenSource(RunningServer.Patience);
        try
        {
            return await socket.ReceiveAsync(new byte[1], SocketFlags.None, patience.Token) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task AskHealthAsync(Socket socket)
    {
        var answer = new byte[15];
        await socket.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        await socket.ReceiveAsync(answer).WaitAsync(RunningServer.Patience);
        Assert.Equal("HTTP/1.1 200 OK"u8.ToArray(), answer);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!holds() && clock.Elapsed < RunningServer.Patience)
        {
            await Task.Yield();
        }

        Assert.True(holds());
    }
}
