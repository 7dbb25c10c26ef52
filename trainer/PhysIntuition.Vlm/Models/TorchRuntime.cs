using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace PhysIntuition.Vlm.Models;

/// <summary>The libtorch that this process computes with: its settings, its devices, a line about it.</summary>
public static partial class TorchRuntime
{
    private const string Core = "libtorch_cpu.so", Wanted = "2.10";
    private const int TrimThreshold = -1, MmapThreshold = -3;   // malloc.h
    private const int LargestMmapThreshold = 32 << 20;          // the highest that glibc takes

    // In the order in which they need each other; of the CUDA ones, those that are there.
    private static readonly string[] s_libraries =
        ["libc10.so", Core, "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    private static string? s_fault;   // why there is no libtorch; who only wants the tokenizer need not know

    /// <summary>Version, device and threads in a line.</summary>
    public static string Describe() =>
        $"libtorch {torch.__version__}, {(torch.cuda.is_available() ? "CUDA" : "CPU")}, "
        + $"{torch.get_num_threads()} thread(s)";

    /// <summary>The device of a name.</summary>
    /// <param name="name">"cpu", "cuda" or, of several GPUs, "cuda:1".</param>
    /// <exception cref="ArgumentException">There is no such name.</exception>
    /// <exception cref="DllNotFoundException">There is no libtorch, or it finds no GPU.</exception>
    public static torch.Device DeviceOf(string name)
    {
        if (s_fault is not null)
        {
            throw new DllNotFoundException(s_fault);
        }

        if (name == "cpu")
        {
            return torch.CPU;
        }

        if (name != "cuda" && !(name.StartsWith("cuda:", StringComparison.Ordinal) && byte.TryParse(name[5..], out _)))
        {
            throw new ArgumentException($"device is '{name}'; must be cpu, cuda, or cuda:N for one of several GPUs.");
        }

        return torch.cuda.is_available()
            ? torch.device(name)
            : throw new DllNotFoundException($"device is {name}, but this libtorch finds no GPU: run "
                + "'./physintuition setup cuda' where NVIDIA's driver is installed, or take device cpu.");
    }

#pragma warning disable CA2255 // It must run before the package's own static constructor, whoever touches it first.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Prepare()
    {
        // Idle OpenMP threads that spin take the core from the thread that has work; about 5 us bridge two operators.
        // .NET keeps its own copy of the environment; libraries read the process's.
        _ = SetVariable("GOMP_SPINCOUNT", "300", overwrite: 0);

        // Freed tensors stay with the process: the kernel takes a tenth of a step to clear the same pages again.
        if (Environment.GetEnvironmentVariable("MALLOC_MMAP_THRESHOLD_") is null)
        {
            _ = SetAllocator(MmapThreshold, LargestMmapThreshold);
        }

        if (Environment.GetEnvironmentVariable("MALLOC_TRIM_THRESHOLD_") is null)
        {
            _ = SetAllocator(TrimThreshold, int.MaxValue);
        }

        // Built with -p:Torch=own there is none beside the program; a second one would load as well.
        if (!File.Exists(Path.Combine(AppContext.BaseDirectory, Core)))
        {
            s_fault = Environment.GetEnvironmentVariable("LIBTORCH") is { Length: > 0 } folder
                ? Load(folder)
                : $"There is no {Core} beside the program: the build brings the one for CPUs on linux-x64; "
                    + $"else set LIBTORCH to the folder of a libtorch {Wanted}.";
        }
    }

    /// <summary>Loads a libtorch of one's own; the package's native half then finds it by name.</summary>
    /// <param name="folder">With lib below it, as libtorch is unpacked, or itself, as in a torch wheel.</param>
    /// <returns>What is wrong with it; null: nothing.</returns>
    private static string? Load(string folder)
    {
        var libraries = File.Exists(Path.Combine(folder, "lib", Core)) ? Path.Combine(folder, "lib") : folder;
        if (!File.Exists(Path.Combine(libraries, Core)))
        {
            return $"LIBTORCH is '{folder}', which holds no {Core}; name the folder of a libtorch {Wanted}.";
        }

        foreach (var path in s_libraries.Select(name => Path.Combine(libraries, name)).Where(File.Exists))
        {
            var library = NativeLibrary.Load(path);
            if (Path.GetFileName(path) == Core && VersionOf(library) is var version && version != Wanted)
            {
                return $"LIBTORCH is '{folder}', a libtorch {version}; must be {Wanted}, whose functions are called.";
            }
        }

        return null;
    }

    // Other versions lack functions that are bound when they are called: the run would end in its middle.
    private static unsafe string VersionOf(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "aoti_torch_abi_version", out var function))
        {
            return "older than 2.9";
        }

        var version = ((delegate* unmanaged<ulong>)function)();   // major, minor, patch: a byte each, from the top
        return $"{version >> 56}.{(version >> 48) & 0xFF}";
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);
}
