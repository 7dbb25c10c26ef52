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
    private readonly string _host, _sync;
    private Process? _process;

    private RedisServer(bool keeps, string host, string sync) => (_keeps, _host, _sync) = (keeps, host, sync);

    /// <summary>Where it listens, whenever it runs.</summary>
    public int Port { get; } = Ports.Free();

    /// <summary>As <c>--cluster</c> takes it.</summary>
    public string Address => $"redis://{_host}:{Port}";

    /// <summary>Starts one.</summary>
    /// <param name="keeps">Whether it writes an append-only file, and knows everything after it was killed.</param>
    /// <param name="host">An IP address of this machine.</param>
    /// <param name="sync">Its appendfsync. With "everysec" it answers before it writes while it brings its file to the
    /// disk; what it answered then is lost where it is killed.</param>
    public static async Task<RedisServer> StartAsync(
        bool keeps = false, string host = "127.0.0.1", string sync = "always")
    {
        var server = new RedisServer(keeps, host, sync);
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it again.</summary>
    public async Task StartAsync()
    {
        // Past the largest file that it may write it is told so, as on a full disk, and not killed.
        _process = Process.Start(new ProcessStartInfo("env",
        [
            "--ignore-signal=XFSZ", "redis-server", "--port", $"{Port}", "--bind", _host, "--protected-mode", "no",
            "--dir", _folder.Root, "--save", "", "--appendonly", _keeps ? "yes" : "no", "--appendfsync", _sync,
            "--daemonize", "no",
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

    /// <summary>Lets no file grow any more until <see cref="EmptyDiskAsync"/>; waits until it has noticed.</summary>
    /// <remarks>With "everysec" meanwhile: with "always" it would end.</remarks>
    public async Task FillDiskAsync()
    {
        await SetSyncAsync("everysec");
        SetLargestFile($"{Directory.EnumerateFiles(_folder.Root, "*.aof", SearchOption.AllDirectories)
            .Max(file => new FileInfo(file).Length)}:");
        await UntilItSaysAsync("aof_last_write_status:err");
    }

    /// <summary>Lets files grow again, and waits until it has noticed.</summary>
    public async Task EmptyDiskAsync()
    {
        SetLargestFile("unlimited:");
        await UntilItSaysAsync("aof_last_write_status:ok");
        await SetSyncAsync(_sync);
    }

    /// <summary>Removes all that it has written; for one that does not run.</summary>
    public void Forget()
    {
        foreach (var folder in Directory.EnumerateDirectories(_folder.Root))
        {
            Directory.Delete(folder, recursive: true);
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

    private async Task SetSyncAsync(string sync)
    {
        using var patience = new CancellationTokenSource(s_patience);
        await AskAsync($"CONFIG SET appendfsync {sync}", patience.Token);
    }

    private void SetLargestFile(string limits)
    {
        using var prlimit = Process.Start("prlimit", ["--pid", $"{_process!.Id}", $"--fsize={limits}"]);
        prlimit.WaitForExit();
    }

    private async Task UntilItSaysAsync(string words)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!(await AskAsync("INFO persistence", patience.Token)).Contains(words, StringComparison.Ordinal))
        {
            await Task.Delay(10, patience.Token);
        }
    }

    // While it reads its file it accepts connections, and answers LOADING.
    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            return (await AskAsync("PING", cancellation)).StartsWith("+PONG", StringComparison.Ordinal);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return false;
        }
    }

    private async Task<string> AskAsync(string command, CancellationToken cancellation)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_host, Port, cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\nQUIT\r\n"), cancellation);
        using var answer = new StreamReader(stream, Encoding.ASCII);
        return await answer.ReadToEndAsync(cancellation);
    }
}
