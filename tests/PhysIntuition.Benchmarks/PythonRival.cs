using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace PhysIntuition.Benchmarks;

/// <summary>A python3 process with the same model; answers one line for every line.</summary>
internal sealed class PythonRival : IDisposable
{
    private readonly Process _process;

    private PythonRival(Process process) => _process = process;

    /// <summary>Starts the script, or says why it cannot run.</summary>
    /// <param name="folder">Holds weights and work.json.</param>
    /// <param name="threads">Threads inside one operator.</param>
    internal static PythonRival Start(string folder, int threads)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "rival.py");
        var start = new ProcessStartInfo("/usr/bin/python3")
        {
            ArgumentList = { script, folder, threads.ToString(CultureInfo.InvariantCulture) },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The rival gets what our side sets for itself: the CPU's kernels, and no spinning threads.
        start.Environment.TryAdd("OPENBLAS_CORETYPE", "SkylakeX");
        start.Environment.TryAdd("GOMP_SPINCOUNT", "300");
        if (!System.Runtime.Intrinsics.X86.Avx512F.IsSupported)
        {
            start.Environment.Remove("OPENBLAS_CORETYPE");
        }

        var process = Process.Start(start) ?? throw new SkippedException("/usr/bin/python3 did not start.");
        var greeting = process.StandardOutput.ReadLine();
        if (greeting is null || !greeting.StartsWith("ready", StringComparison.Ordinal))
        {
            var error = process.StandardError.ReadToEnd();
            process.Dispose();
            throw new SkippedException($"the Python side did not start (python3-torch installed?): {error}");
        }

        return new PythonRival(process);
    }

    /// <summary>Runs one piece of work; process CPU seconds.</summary>
    internal double Seconds(string work) => double.Parse(Ask(work), CultureInfo.InvariantCulture);

    /// <summary>The rival's logits for the pixels that both sides know.</summary>
    internal float[] Logits() => JsonSerializer.Deserialize<float[]>(Ask("logits"))!;

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(TimeSpan.FromSeconds(10));
        _process.Dispose();
    }

    private string Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"The Python side ended: {_process.StandardError.ReadToEnd()}");
    }
}
