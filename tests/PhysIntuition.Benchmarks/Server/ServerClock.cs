using System.Diagnostics;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>The day's clock of a server, which may jump; its clocks of intervals go on as ever.</summary>
internal sealed class ServerClock : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>A clock that is right.</summary>
    public ServerClock()
    {
        Set(TimeSpan.Zero);
        var source = Path.Combine(AppContext.BaseDirectory, "Server/clock.c");
        using var compiler = Process.Start("cc", ["-shared", "-fPIC", "-O2", "-o", Library, source, "-ldl"]);
        compiler.WaitForExit();
        if (compiler.ExitCode != 0)
        {
            throw new InvalidOperationException($"{source} did not compile; install gcc and libc6-dev.");
        }
    }

    /// <summary>With which a server has this clock.</summary>
    public (string Name, string Value)[] Variables => [("LD_PRELOAD", Library), ("CLOCK_AHEAD", Ahead)];

    private string Library => _folder.At("clock.so");

    private string Ahead => _folder.At("ahead");

    /// <summary>Lets it jump.</summary>
    public void Set(TimeSpan ahead)
    {
        // In place: the server has the file mapped.
        using var file = File.OpenWrite(Ahead);
        file.Write(BitConverter.GetBytes((long)ahead.TotalSeconds));
    }

    public void Dispose() => _folder.Dispose();
}
