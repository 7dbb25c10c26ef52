using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PhysIntuition.Play.Demo;

/// <summary>A server of our own on a free port, ended with this object.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const int Terminate = 15; // SIGTERM

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private ServerProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts the server and waits until it says where it listens.</summary>
    public static async Task<ServerProcess> StartAsync(params string[] options)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Program("PhysIntuition.Server"), "serve", "--port", "0",
            "--log", "Warning", .. options])
        {
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start) ?? throw new PlayException("The server could not be started.");
        using var patience = new CancellationTokenSource(s_patience);
        while (await ReadLineAsync(process, patience.Token) is { } line)
        {
            var address = line.Split(' ').FirstOrDefault(word => word.StartsWith("grpc=", StringComparison.Ordinal));
            if (address is not null)
            {
                return new ServerProcess(process, new Uri(address["grpc=".Length..]));
            }
        }

        process.Kill(entireProcessTree: true);
        throw new PlayException("The server ended before it listened; its messages stand above.");
    }

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
