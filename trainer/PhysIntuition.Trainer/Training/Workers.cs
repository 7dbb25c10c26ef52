using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PhysIntuition.Trainer.Training;

/// <summary>The other processes of a team, started on this machine with the same command line.</summary>
internal sealed class Workers : IDisposable
{
    private readonly List<Process> _processes = [];

    private Workers()
    {
        Listener.Start();
    }

    /// <summary>Where the others look for this process: a port of this machine that was free.</summary>
    public TcpListener Listener { get; } = new(IPAddress.Loopback, 0);

    /// <summary>Starts processes 1 to size - 1.</summary>
    /// <param name="size">Processes, this one included.</param>
    /// <param name="arguments">This process's command line.</param>
    public static Workers Start(int size, IReadOnlyList<string> arguments)
    {
        var workers = new Workers();
        var rendezvous = workers.Listener.LocalEndpoint.ToString()!;
        var program = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        for (var rank = 1; rank < size; rank++)
        {
            string[] own = ["--rank", rank.ToString(CultureInfo.InvariantCulture), "--rendezvous", rendezvous];
            string[] host = isHost ? [typeof(Workers).Assembly.Location] : [];
            workers._processes.Add(Process.Start(new ProcessStartInfo(program, [.. host, .. arguments, .. own]))!);
        }

        return workers;
    }

    /// <summary>Waits for the others, who end by themselves once this process has left the team.</summary>
    public void Dispose()
    {
        Listener.Dispose();
        foreach (var process in _processes)
        {
            process.WaitForExit();
            process.Dispose();
        }
    }
}
