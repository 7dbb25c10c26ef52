using System.Runtime.InteropServices;

namespace PhysIntuition.Gpu.Cuda;

/// <summary>Finds the driver and NVRTC on a machine.</summary>
/// <param name="Driver">Name or path of the driver.</param>
/// <param name="Compilers">Names or paths of NVRTC, the best first.</param>
internal sealed record CudaLibraries(string Driver, IReadOnlyList<string> Compilers)
{
    private const string CompilerVariable = "PHYSINTUITION_NVRTC";
    private static readonly string[] s_names = ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"];

    /// <summary>Where they usually are.</summary>
    /// <remarks>
    /// NVRTC: what PHYSINTUITION_NVRTC names, the loader's path, CUDA's own folder, or the copies that torch brings:
    /// in LIBTORCH, or beside the libtorch that this process has loaded.
    /// </remarks>
    public static CudaLibraries Usual()
    {
        var given = Environment.GetEnvironmentVariable(CompilerVariable);
        return new("libcuda.so.1", string.IsNullOrEmpty(given) ? [.. s_names, .. Copies()] : [given]);
    }

    /// <summary>Loads both, or says in a sentence what is missing.</summary>
    /// <remarks>A driver loads no code of a later CUDA: a compiler of its age comes before a newer one.</remarks>
    public bool TryLoad(out nint driver, out nint compiler, out string reason)
    {
        compiler = 0;
        reason = "";
        if (!NativeLibrary.TryLoad(Driver, out driver))
        {
            reason = $"No CUDA driver ({Driver}) is installed.";
            return false;
        }

        var newest = new CudaDriver(driver).Version.Major;
        foreach (var name in Compilers)
        {
            if (!NativeLibrary.TryLoad(name, out var found))
            {
                continue;
            }

            if (new CudaCompiler(found).Version.Major <= newest)
            {
                compiler = found;
                return true;
            }

            compiler = compiler == 0 ? found : compiler;
        }

        if (compiler != 0)
        {
            return true;
        }

        reason = $"A CUDA driver is installed, but not NVRTC ({s_names[0]} or {s_names[1]}): install CUDA's nvrtc " +
            $"package, or set {CompilerVariable} to the library's path.";
        return false;
    }

    private static IEnumerable<string> Copies()
    {
        var folders = new List<string> { "/usr/local/cuda/lib64" };
        if (Environment.GetEnvironmentVariable("LIBTORCH") is { Length: > 0 } torch)
        {
            folders.Add(Path.Combine(torch, "lib"));
        }

        foreach (var library in LoadedTorch())
        {
            var lib = Path.GetDirectoryName(library)!;
            folders.Add(lib);
            // A wheel has torch/lib beside nvidia/cuda_nvrtc/lib (CUDA 12) or nvidia/cu13/lib.
            folders.Add(Path.GetFullPath(Path.Combine(lib, "..", "..", "nvidia", "cuda_nvrtc", "lib")));
            folders.Add(Path.GetFullPath(Path.Combine(lib, "..", "..", "nvidia", "cu13", "lib")));
        }

        var readable = new EnumerationOptions { IgnoreInaccessible = true };
        return folders.Where(Directory.Exists)
            .SelectMany(folder => Directory.GetFiles(folder, "libnvrtc*.so*", readable))
            .Where(file => !Path.GetFileName(file).Contains("builtins", StringComparison.Ordinal))
            .OrderDescending(StringComparer.Ordinal);
    }

    private static IEnumerable<string> LoadedTorch() => !File.Exists("/proc/self/maps") ? [] :
        File.ReadLines("/proc/self/maps")
            .Select(line => line[(line.IndexOf('/', StringComparison.Ordinal) + 1)..].Insert(0, "/"))
            .Where(path => Path.GetFileName(path).StartsWith("libtorch_c", StringComparison.Ordinal))
            .Distinct();
}
