using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace PhysIntuition.TestKit;

/// <summary>A redis-server of the test's own, on a free port, that can be killed and started again.</summary>
public sealed class RedisServer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly bool _keeps;
    private Process? _process;

    private RedisServer(bool keeps) => _keeps = keeps;

    /// <summary>Where it listens, whenever it runs.</summary>
    public int Port { get; } = Ports.Free();

    /// <summary>As <c>--cluster</c> takes it.</summary>
    public string Address => $"redis://127.0.0.1:{Port}";

    /// <summary>Starts one.</summary>
    /// <param name="keeps">Whether it writes an append-only file, and knows everything after it was killed.</param>
    public static async Task<RedisServer> StartAsync(bool keeps = false)
    {
        var server = new RedisServer(keeps);
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it again.</summary>
    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("redis-server",
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder.Root, "--save", "", "--appendonly",
            _keeps ? "yes" : "no", "--daemonize", "no",
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        using var patience = new CancellationTokenSource(s_patience);
        while (!await AnswersAsync(patience.Token))
        {
            await Task.Delay(10, patience.Token);
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(s_patience);
        _process.Dispose();
        _process = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _folder.Dispose();
    }

    // While it reads its file it accepts connections, and answers LOADING.
    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port, cancellation);
            var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray(), cancellation);
            var answer = new byte[64];
            var length = await stream.ReadAsync(answer, cancellation);
            return Encoding.ASCII.GetString(answer, 0, length).StartsWith("+PONG", StringComparison.Ordinal);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return false;
        }
    }
}
