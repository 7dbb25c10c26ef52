using System.Diagnostics;
using System.Globalization;
using PhysIntuition.Benchmarks.Reports;

namespace PhysIntuition.Benchmarks.Clients;

/// <summary>clients/python/bench_embedded.py.</summary>
internal sealed class PythonLoops : IDisposable
{
    private readonly Process _process;

    /// <summary>Starts them.</summary>
    /// <param name="root">Of the checkout.</param>
    public PythonLoops(string root)
    {
        _process = Process.Start(
            new ProcessStartInfo("/usr/bin/python3", [Path.Combine(root, "clients/python/bench_embedded.py")])
            {
                WorkingDirectory = Path.Combine(root, "clients/python"),
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        Read();
    }

    /// <summary>Carries out a loop, which the program describes.</summary>
    public double Seconds(
        string kind, string address, string task, int slots, string names, int edge, string outcome, int steps)
    {
        _process.StandardInput.WriteLine($"{kind} {address} {task} {slots} {names} {edge} {outcome} {steps}");
        _process.StandardInput.Flush();
        return double.Parse(Read(), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private string Read() => _process.StandardOutput.ReadLine()
        ?? throw new SkippedException("Python's loops ended; ./physintuition setup python has what they need.");
}
