using System.Diagnostics;
using System.Globalization;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>The server as its users run it: a process of its own on this machine.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, Uri address, Uri http)
    {
        (_process, Address, HttpAddress) = (process, address, http);
        Http = new HttpClient { BaseAddress = http, Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>Where it speaks gRPC.</summary>
    public Uri Address { get; }

    /// <summary>Where it speaks HTTP.</summary>
    public Uri HttpAddress { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Processor time that it has used.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The server of this build.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "PhysIntuition.Server.dll");

    /// <summary>Memory that it has in use, bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    private HttpClient Http { get; }

    /// <summary>Starts it on free ports.</summary>
    public static Task<ServerProcess> StartAsync() => StartAsync(Program);

    /// <summary>Starts another build's on free ports.</summary>
    public static Task<ServerProcess> StartAsync(string program) =>
        StartAsync(program, port: 0, httpPort: 0, complain: null, settings: []);

    /// <summary>Starts it with settings.</summary>
    /// <param name="port">For gRPC; 0: any free one.</param>
    /// <param name="httpPort">For HTTP; 0: any free one.</param>
    /// <param name="complain">Told every line that it logs at level Error; null: they go to standard error.</param>
    /// <param name="settings">As for --set.</param>
    public static Task<ServerProcess> StartAsync(
        int port, int httpPort, Action<string>? complain, params string[] settings) =>
        StartAsync(Program, port, httpPort, complain, settings);

    private static async Task<ServerProcess> StartAsync(
        string program, int port, int httpPort, Action<string>? complain, string[] settings)
    {
        string[] arguments =
        [
            program, "serve", "--port", $"{port}", "--http-port", $"{httpPort}", "--log", "Error",
            .. settings.SelectMany(setting => new[] { "--set", setting }),
        ];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = complain is not null,
        })!;
        if (complain is not null)
        {
            process.ErrorDataReceived += (_, line) => Tell(line.Data, complain);
            process.BeginErrorReadLine();
        }

        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ').Where(word => word.Contains('=', StringComparison.Ordinal))
                .ToDictionary(word => word[..word.IndexOf('=', StringComparison.Ordinal)],
                    word => word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            if (words.TryGetValue("grpc", out var grpc))
            {
                return new ServerProcess(process, new Uri(grpc), new Uri(words["http"]));
            }
        }

        throw new SkippedException("the server did not start; run `serve` to see why.");
    }

    /// <summary>Bytes that it has allocated since its start.</summary>
    public Task<double> AllocatedAsync() => MetricAsync("physintuition_allocated");

    /// <summary>A number of /metrics; 0 where it was never measured.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var metrics = await Http.GetStringAsync("/metrics");
        var line = metrics.Split('\n').SingleOrDefault(
            line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Sends it a signal.</summary>
    /// <param name="name">Without SIG: STOP, CONT, TERM.</param>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Ends it at once, as a lack of memory or a power cut would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await KillAsync();
        _process.Dispose();
    }

    private static void Tell(string? line, Action<string> complain)
    {
        if (!string.IsNullOrWhiteSpace(line))
        {
            complain(line);
        }
    }
}
