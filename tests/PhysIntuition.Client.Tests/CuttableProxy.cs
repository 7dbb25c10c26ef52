using System.Net;
using System.Net.Sockets;

namespace PhysIntuition.Client.Tests;

/// <summary>A TCP relay that can be cut, as a network can.</summary>
internal sealed class CuttableProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _open = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    public CuttableProxy(Uri target)
    {
        Target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where new connections go.</summary>
    public Uri Target { get; set; }

    /// <summary>How many connections are next broken before their first byte, as those of a server that is killed.
    /// </summary>
    public int HangUps { get; set; }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Breaks every connection; new ones are relayed again.</summary>
    public void Cut()
    {
        lock (_open)
        {
            foreach (var client in _open)
            {
                client.Close();
            }

            _open.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(_end.Token);
                if (HangUps > 0)
                {
                    HangUps--;
                    near.Client.Close(0);   // a reset
                    continue;
                }

                var far = await ConnectAsync();
                if (far is null)
                {
                    near.Close();
                    continue;
                }

                lock (_open)
                {
                    _open.AddRange([near, far]);
                }

                _ = RelayAsync(near, far);
                _ = RelayAsync(far, near);
            }
        }
        catch (Exception ended) when (
            ended is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task<TcpClient?> ConnectAsync()
    {
        var far = new TcpClient();
        try
        {
            await far.ConnectAsync(Target.Host, Target.Port, _end.Token);
            return far;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static async Task RelayAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception cut) when (
            cut is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut, as wanted.
        }
        finally
        {
            to.Close();
        }
    }
}
