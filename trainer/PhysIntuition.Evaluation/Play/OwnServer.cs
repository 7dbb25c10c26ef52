using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PhysIntuition.Evaluation.Play;

/// <summary>A server of our own on a free port, ended with this object.</summary>
internal sealed partial class OwnServer : IAsyncDisposable
{
    private const int Terminate = 15; // SIGTERM

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private OwnServer(Process process, Uri address, Uri httpAddress)
    {
        _process = process;
        Address = address;
        HttpAddress = httpAddress;
    }

    /// <summary>Where it listens for gRPC.</summary>
    public Uri Address { get; }

    /// <summary>Where its pages are.</summary>
    public Uri HttpAddress { get; }

    /// <summary>Starts a server on free ports.</summary>
    public static Task<OwnServer> StartAsync() => StartAsync(["--port", "0"]);

    /// <summary>Starts a server and waits until it says where it listens.</summary>
    /// <param name="options">Of the command <c>serve</c>.</param>
    public static async Task<OwnServer> StartAsync(IEnumerable<string> options)
    {
        var start = new ProcessStartInfo("dotnet", [Checkout.Program("PhysIntuition.Server"), "serve",
            "--log", "Warning", .. options])
        {
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start) ?? throw new PlayException("The server could not be started.");
        using var patience = new CancellationTokenSource(s_patience);
        while (await ReadLineAsync(process, patience.Token) is { } line)
        {
            var words = line.Split(' ').Where(word => word.Contains('='))
                .ToDictionary(word => word.Split('=')[0], word => word.Split('=', 2)[1]);
            if (words.TryGetValue("grpc", out var address) && words.TryGetValue("http", out var http))
            {
                return new OwnServer(process, new Uri(address), new Uri(http));
            }
        }

        process.Kill(entireProcessTree: true);
        throw new PlayException("The server ended before it listened; its messages stand above.");
    }

    /// <summary>Waits until the server ends or somebody presses Ctrl-C.</summary>
    public async Task WaitAsync(CancellationToken cancellation) =>
        await _process.WaitForExitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Signal(_process.Id, Terminate); // It drains: nothing is cut off.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);

    private static async Task<string?> ReadLineAsync(Process process, CancellationToken patience)
    {
        try
        {
            return await process.StandardOutput.ReadLineAsync(patience);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
