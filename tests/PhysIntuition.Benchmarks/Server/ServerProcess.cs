using System.Diagnostics;
using System.Globalization;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>The server as its users run it: a process of its own on this machine.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, Uri address, Uri http)
    {
        (_process, Address, Http) = (process, address, new HttpClient { BaseAddress = http });
    }

    /// <summary>Where it speaks gRPC.</summary>
    public Uri Address { get; }

    private HttpClient Http { get; }

    /// <summary>Starts it on free ports.</summary>
    public static async Task<ServerProcess> StartAsync()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "PhysIntuition.Server.dll");
        var process = Process.Start(new ProcessStartInfo(
            "dotnet", [program, "serve", "--port", "0", "--log", "Error"]) { RedirectStandardOutput = true })!;
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
    public async Task<double> AllocatedAsync()
    {
        var metrics = await Http.GetStringAsync("/metrics");
        var line = metrics.Split('\n').Single(
            line => line.StartsWith("physintuition_allocated ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
