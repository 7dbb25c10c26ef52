using System.Diagnostics;

namespace PhysIntuition.Server.Tests;

/// <summary>The server as a process of its own, that can be killed and started again at the same address.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly string[] _options;
    private readonly int _port = Ports.Free();
    private Process? _process;

    /// <param name="options">Of the command <c>serve</c>.</param>
    public ServerProcess(params string[] options)
    {
        _options = options;
        Address = new Uri($"http://127.0.0.1:{_port}");
    }

    /// <summary>Where it listens for gRPC, whenever it runs.</summary>
    public Uri Address { get; }

    /// <summary>Names of the files that are mapped to its memory, its assemblies among them.</summary>
    public IReadOnlyCollection<string> MappedFiles =>
    [
        .. File.ReadLines($"/proc/{_process!.Id}/maps").Select(map => Path.GetFileName(map.Split(' ')[^1])).Distinct(),
    ];

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="variables">More of the environment.</param>
    public async Task StartAsync(params (string Name, string Value)[] variables)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "PhysIntuition.Server.dll");
        var start = new ProcessStartInfo("dotnet",
            [program, "serve", "--port", $"{_port}", "--http-port", "-1", "--log", "Warning", .. _options])
        {
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(RunningServer.Patience);
        Assert.Contains("listens", line, StringComparison.Ordinal);
    }

    /// <summary>kill -9: no chance to write anything down.</summary>
    public async Task KillAsync()
    {
        _process!.Kill(); // SIGKILL
        await _process.WaitForExitAsync().WaitAsync(RunningServer.Patience);
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        _process?.Kill();
        _process?.Dispose();
    }
}
