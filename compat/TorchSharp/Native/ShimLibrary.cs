using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TorchSharp;

/// <summary>Finds and loads libphysintuition_torch.so, and sets what must stand before libtorch starts.</summary>
internal static class ShimLibrary
{
    internal const string Name = "physintuition_torch";
    private const string FileName = "lib" + Name + ".so";
    private const string PathVariable = "PHYSINTUITION_TORCH";

    internal static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Name)
        {
            return 0;
        }

        PrepareEnvironment();
        var path = Candidates().FirstOrDefault(File.Exists) ?? throw new DllNotFoundException(
            $"{FileName} was not found in: {string.Join(", ", Candidates())}. "
            + $"Build it with compat/TorchSharp/native/build.sh, or set {PathVariable} to its path.");
        return NativeLibrary.Load(path);
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } given)
        {
            yield return given;
            yield break;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (folder.Name == "artifacts")
            {
                yield return Path.Combine(folder.FullName, "native", FileName);
            }
        }

        yield return Path.Combine(AppContext.BaseDirectory, FileName);
    }

    /// <summary>.NET keeps its own copy of the environment; libraries read the process's, hence setenv.</summary>
    private static void PrepareEnvironment()
    {
        // OpenBLAS releases older than the CPU fall back to AVX2 kernels; its AVX-512 ones work on any AVX-512 CPU.
        if (Avx512F.IsSupported)
        {
            SetIfAbsent("OPENBLAS_CORETYPE", "SkylakeX");
        }

        // Idle OpenMP threads that spin take the core from the thread that has work.
        SetIfAbsent("GOMP_SPINCOUNT", "1000");
    }

    private static void SetIfAbsent(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is null)
        {
            _ = SetEnv(name, value, overwrite: 0);
        }
    }

    private static unsafe int SetEnv(string name, string value, int overwrite)
    {
        fixed (byte* nameBytes = System.Text.Encoding.UTF8.GetBytes(name + '\0'))
        fixed (byte* valueBytes = System.Text.Encoding.UTF8.GetBytes(value + '\0'))
        {
            return setenv(nameBytes, valueBytes, overwrite);
        }
    }

    [DllImport("libc")]
    private static extern unsafe int setenv(byte* name, byte* value, int overwrite);
}
