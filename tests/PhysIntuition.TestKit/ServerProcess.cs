using System.Diagnostics;
using System.Globalization;

namespace PhysIntuition.TestKit;

/// <summary>The server as its users run it: a process of its own on this machine, that can be killed and started again
/// at the same addresses.</summary>
/// <param name="settings">As for <c>serve --set</c>.</param>
public sealed class ServerProcess(params string[] settings) : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { Timeout = s_patience };
    private readonly int _port = Ports.Free(), _httpPort = Ports.Free();
    private Process? _process;

    /// <summary>The server of this build.</summary>
    public static string OwnProgram { get; } = Path.Combine(AppContext.BaseDirectory, "PhysIntuition.Server.dll");

    /// <summary>What is started.</summary>
    public string Program { get; init; } = OwnProgram;

    /// <summary>Least level that it logs.</summary>
    public string LogLevel { get; init; } = "Error";

    /// <summary>Told every line that it logs; null: they go to standard error.</summary>
    public Action<string>? Complain { get; init; }

    /// <summary>Given the id of its process, which waits in a network namespace of its own until this returns; null: it
    /// starts in the namespace of this process.</summary>
    public Action<int>? Connect { get; init; }

    /// <summary>IP address at which it listens.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Files and connections that it may have open (ulimit -n); null: as many as this process.</summary>
    public int? MaxDescriptors { get; init; }

    /// <summary>Where it speaks gRPC, whenever it runs.</summary>
    public Uri Address => new($"http://{Host}:{_port}");

    /// <summary>Where it speaks HTTP, whenever it runs.</summary>
    public Uri HttpAddress => new($"http://{Host}:{_httpPort}");

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process is null || _process.HasExited;

    /// <summary>What it ended with by itself.</summary>
    public int ExitCode => Running.ExitCode;

    /// <summary>Processor time that it has used.</summary>
    public TimeSpan CpuTime => Refreshed.TotalProcessorTime;

    /// <summary>Memory that it has in use, bytes.</summary>
    public long ResidentBytes => Refreshed.WorkingSet64;

    /// <summary>Names of the files that are mapped to its memory, its assemblies among them.</summary>
    public IReadOnlyCollection<string> MappedFiles =>
    [
        .. File.ReadLines($"/proc/{Running.Id}/maps").Select(map => Path.GetFileName(map.Split(' ')[^1])).Distinct(),
    ];

    private Process Running => _process ?? throw new InvalidOperationException("The server does not run.");

    private Process Refreshed
    {
        get
        {
            Running.Refresh();
            return Running;
        }
    }

    /// <summary>Starts one and waits until it listens.</summary>
    /// <param name="settings">As for <c>serve --set</c>.</param>
    public static async Task<ServerProcess> StartNewAsync(params string[] settings)
    {
        var server = new ServerProcess(settings);
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="variables">More of the environment.</param>
    /// <exception cref="InvalidOperationException">It ended before it listened.</exception>
    public async Task StartAsync(params (string Name, string Value)[] variables)
    {
        _process?.Dispose();
        _process = Process.Start(StartInfo(variables))!;
        if (Complain is not null)
        {
            _process.ErrorDataReceived += (_, line) => Tell(line.Data);
            _process.BeginErrorReadLine();
        }

        if (Connect is not null)
        {
            await _process.StandardOutput.ReadLineAsync().WaitAsync(s_patience);   // It is in its namespace.
            Connect(_process.Id);
            await _process.StandardInput.WriteLineAsync();
            await _process.StandardInput.FlushAsync();
        }

        var said = await _process.StandardOutput.ReadLineAsync().WaitAsync(s_patience);
        if (said?.Contains("listens", StringComparison.Ordinal) != true)
        {
            await _process.WaitForExitAsync().WaitAsync(s_patience);
            throw new InvalidOperationException($"The server ended with {ExitCode} before it listened.");
        }
    }

    /// <summary>Bytes that it has allocated since its start.</summary>
    public Task<double> AllocatedAsync() => MetricAsync("physintuition_allocated");

    /// <summary>A number of /metrics; 0 where it was never measured.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var metrics = await _http.GetStringAsync(new Uri(HttpAddress, "/metrics"));
        var line = metrics.Split('\n').SingleOrDefault(
            line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Sends it a signal.</summary>
    /// <param name="name">Without SIG: STOP, CONT, TERM.</param>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{Running.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits until it ends by itself.</summary>
    public Task EndAsync() => Running.WaitForExitAsync().WaitAsync(s_patience);

    /// <summary>kill -9, as a lack of memory or a power cut: no chance to write anything down.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync().WaitAsync(s_patience);   // and until all that it logged was told
            _process.Dispose();
            _process = null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await KillAsync();
    }

    private ProcessStartInfo StartInfo((string Name, string Value)[] variables)
    {
        string[] line =
        [
            "dotnet", Program, "serve", "--port", $"{Address.Port}", "--http-port", $"{HttpAddress.Port}",
            "--log", LogLevel, .. settings.SelectMany(setting => new[] { "--set", setting }),
        ];
        if (MaxDescriptors is { } most)
        {
            line = ["bash", "-c", $"ulimit -n {most}; exec \"$@\"", "bash", .. line];
        }

        if (Connect is not null)
        {
            line = ["unshare", "--net", "sh", "-c", "echo; read _; exec \"$@\"", "sh", .. line];
        }

        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = Connect is not null,
            RedirectStandardOutput = true,
            RedirectStandardError = Complain is not null,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private void Tell(string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
        {
            Complain!(line);
        }
    }
}
