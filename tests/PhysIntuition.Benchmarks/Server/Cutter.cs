using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>A wire that breaks: passes TCP connections on, and resets them when told to.</summary>
internal sealed class Cutter : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, Socket> _pairs = new();
    private readonly CancellationTokenSource _end = new();
    private readonly IPEndPoint _target;
    private readonly Task _accepting;

    /// <summary>A wire to a server; the server may be away for a while.</summary>
    public Cutter(Uri target)
    {
        _target = new IPEndPoint(IPAddress.Loopback, target.Port);
        _listener.Start();
        Address = new UriBuilder("http", "127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port).Uri;
        _accepting = AcceptAsync();
    }

    /// <summary>What clients connect to.</summary>
    public Uri Address { get; }

    /// <summary>Resets every connection.</summary>
    /// <returns>How many.</returns>
    public int CutAll()
    {
        var cut = 0;
        foreach (var (client, server) in _pairs)
        {
            cut += _pairs.TryRemove(client, out _) ? 1 : 0;
            Reset(client);
            Reset(server);
        }

        return cut;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        CutAll();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_end.Token));
            }
            catch (SocketException) when (!_end.IsCancellationRequested)
            {
                // A client that was gone before it was accepted; others come.
            }
            catch (Exception) when (_end.IsCancellationRequested)
            {
                return; // cancelled, or the listener was gone before it was asked again
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(_target, _end.Token);
            _pairs[client] = server;
            await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            // The server is away: the client learns of it by the reset below.
        }

        _pairs.TryRemove(client, out _);
        Reset(client);
        Reset(server);
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception cut) when (cut is SocketException or ObjectDisposedException)
        {
            // Either end is gone.
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It was closed before.
        }

        socket.Dispose();
    }
}
