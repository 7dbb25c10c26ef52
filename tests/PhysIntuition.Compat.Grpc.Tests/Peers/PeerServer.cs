using System.Diagnostics;
using System.Globalization;
using PhysIntuition.Compat.Grpc.Tests.Hosting;

namespace PhysIntuition.Compat.Grpc.Tests.Peers;

/// <summary>A server in another language; it ends when its standard input does.</summary>
internal sealed class PeerServer : IAsyncDisposable
{
    private readonly Process _process;

    private PeerServer(Process process, int port)
    {
        _process = process;
        Address = $"http://127.0.0.1:{port}";
    }

    internal string Address { get; }

    internal static async Task<PeerServer> Start(string program, string[] arguments)
    {
        var process = Command.Start(program, arguments);
        process.ErrorDataReceived += (_, line) => Debug.WriteLine(line.Data);
        process.BeginErrorReadLine();
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Given.Patience);
        if (line?.StartsWith("port ", StringComparison.Ordinal) != true)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{program} did not print its port but '{line}'.");
        }

        return new PeerServer(process, int.Parse(line.AsSpan(5), CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(5));
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
