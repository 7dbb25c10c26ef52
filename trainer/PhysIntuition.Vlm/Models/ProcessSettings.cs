using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PhysIntuition.Vlm.Models;

/// <summary>What must stand before the library is loaded.</summary>
internal static class ProcessSettings
{
    private const int TrimThreshold = -1, MmapThreshold = -3;   // malloc.h
    private const int LargestMmapThreshold = 32 << 20;          // the highest that glibc takes

    // In the order in which they need each other; of the CUDA ones, those that are there.
    private static readonly string[] s_libraries =
        ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

#pragma warning disable CA2255 // It must run before the package's own static constructor, whoever touches it first.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Apply()
    {
        // Idle OpenMP threads that spin take the core from the thread that has work. .NET keeps its own copy of the
        // environment; libraries read the process's.
        _ = setenv("GOMP_SPINCOUNT", "1000", overwrite: 0);

        // Freed tensors stay with the process: the kernel takes a tenth of a step to clear the same pages again.
        if (Environment.GetEnvironmentVariable("MALLOC_MMAP_THRESHOLD_") is null)
        {
            _ = mallopt(MmapThreshold, LargestMmapThreshold);
        }

        if (Environment.GetEnvironmentVariable("MALLOC_TRIM_THRESHOLD_") is null)
        {
            _ = mallopt(TrimThreshold, int.MaxValue);
        }

        // Built with -p:Torch=own: a libtorch of the package's version, say the lib folder of a torch wheel for CUDA.
        if (Environment.GetEnvironmentVariable("LIBTORCH") is { Length: > 0 } folder)
        {
            foreach (var path in s_libraries.Select(name => Path.Combine(folder, name)).Where(File.Exists))
            {
                NativeLibrary.Load(path);
            }
        }
    }

    [DllImport("libc")]
    private static extern int setenv(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value,
        int overwrite);

    [DllImport("libc")]
    private static extern int mallopt(int parameter, int value);
}
