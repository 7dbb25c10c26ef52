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
        using var server = new SmallProcess();
        await server.StartAsync();
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(server.Address);
        var stub = new EnvironmentService.EnvironmentServiceClient(channel);
        var session = await stub.OpenSessionAsync(new OpenSessionRequest());

        var sockets = new List<Socket?>();
        for (var i = 0; i < idle; i++)
        {
            sockets.Add(await TryConnectAsync(server.HttpPort));
        }

        var closed = await Task.WhenAll(sockets.TakeLast(300).Select(IsClosedAsync));
        await stub.CreateAsync(Given.Create(slots: 1), RunningServer.Headers(session));
        sockets.ForEach(socket => socket?.Dispose());

        Assert.DoesNotContain(false, closed);
        Assert.Contains("with 1024 descriptors (ulimit -n)", await server.StopAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limit_BeyondTheDescriptors_StopsTheServerBeforeItListens()
    {
        using var server = new SmallProcess();
        var (code, log) = await server.RunAsync("--set", "Limits:MaxConnections=5000");

        Assert.Equal(2, code);
        Assert.Contains("Limits:MaxConnections is '5000'; with 1024 descriptors", log, StringComparison.Ordinal);
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

    /// <summary>The server as a process that may open 1,024 files and connections.</summary>
    private sealed class SmallProcess : IDisposable
    {
        private readonly int _port = Ports.Free();
        private Process? _process;
        private Task<string>? _log;

        public int HttpPort { get; } = Ports.Free();

        public Uri Address => new($"http://127.0.0.1:{_port}");

        public async Task StartAsync()
        {
            Begin();
            var line = await _process!.StandardOutput.ReadLineAsync().WaitAsync(RunningServer.Patience);
            Assert.Contains("listens", line, StringComparison.Ordinal);
        }

        /// <summary>Starts a server that ends by itself.</summary>
        public async Task<(int Code, string Log)> RunAsync(params string[] options)
        {
            Begin(options);
            await _process!.WaitForExitAsync().WaitAsync(RunningServer.Patience);
            return (_process.ExitCode, await _log!);
        }

        public async Task<string> StopAsync()
        {
            _process!.Kill();
            return await _log!.WaitAsync(RunningServer.Patience);
        }

        public void Dispose()
        {
            _process?.Kill();
            _process?.Dispose();
        }

        private void Begin(params string[] options)
        {
            var program = Path.Combine(AppContext.BaseDirectory, "PhysIntuition.Server.dll");
            var command = $"ulimit -n 1024; exec dotnet '{program}' serve --port {_port} --http-port {HttpPort} " +
                string.Join(' ', options);
            _process = Process.Start(new ProcessStartInfo("bash", ["-c", command])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            _log = _process.StandardError.ReadToEndAsync();
        }
    }
}
