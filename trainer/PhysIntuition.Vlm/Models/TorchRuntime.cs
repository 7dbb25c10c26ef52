using TorchSharp;

namespace PhysIntuition.Vlm.Models;

/// <summary>Sets the library's threads once, and says what it runs on.</summary>
public static class TorchRuntime
{
    private const string MapsFile = "/proc/self/maps";

    private static int s_isStarted;

    /// <summary>Call before the first model; later calls change nothing.</summary>
    /// <param name="threads">
    /// Threads inside one operator; 0 for all cores but at least one. Models of a few million parameters are fastest
    /// with 1: their operators are too small to share.
    /// </param>
    /// <param name="log">Receives one line: library, BLAS, device, threads.</param>
    public static void Start(int threads, Action<string> log)
    {
        if (Interlocked.Exchange(ref s_isStarted, 1) != 0)
        {
            return;
        }

        var count = threads > 0 ? threads : Environment.ProcessorCount;
        torch.set_num_threads(count);
        using (torch.zeros([1]))
        {
            log(Describe());
        }
    }

    /// <summary>Library, BLAS, device, and threads in a line.</summary>
    public static string Describe()
    {
        var blas = LoadedBlas();
        var advice = blas.StartsWith("reference", StringComparison.Ordinal)
            ? " (many times slower than OpenBLAS: install libopenblas0-openmp)"
            : "";
        var device = torch.cuda.is_available() ? "CUDA" : "CPU";
        return $"libtorch {torch.__version__}, BLAS {blas}{advice}, {device}, {torch.get_num_threads()} thread(s)";
    }

    /// <summary>Which BLAS the process has loaded: Debian's libtorch takes whichever the system points to.</summary>
    internal static string LoadedBlas()
    {
        if (!File.Exists(MapsFile))
        {
            return "unknown";
        }

        var files = File.ReadLines(MapsFile).Where(line => line.Contains('/', StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..]).Distinct().ToArray();
        return Find("openblas") ?? Find("libmkl") ?? Find("libblis") ?? (Find("libblas") is { } found
            ? $"reference {found}"
            : "built in");

        string? Find(string name) => files.FirstOrDefault(file => file.Contains(name, StringComparison.Ordinal));
    }
}
