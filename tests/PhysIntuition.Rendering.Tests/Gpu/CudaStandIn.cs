using System.Diagnostics;
using System.Runtime.InteropServices;
using PhysIntuition.Rendering.Gpu;

namespace PhysIntuition.Rendering.Tests.Gpu;

/// <summary>Builds and loads the stand-in for the CUDA driver.</summary>
internal static unsafe class CudaStandIn
{
    private static readonly Lazy<string> s_path = new(Build);
    private static readonly Lazy<nint> s_library = new(() => NativeLibrary.Load(s_path.Value));
    private static readonly Lazy<CudaRenderer> s_shared = new(() => new(Library));

    /// <summary>Where the renderer finds it.</summary>
    public static string Library => s_path.Value;

    /// <summary>A renderer for tests that do not count what is alive: compiling takes seconds.</summary>
    public static CudaRenderer Renderer => s_shared.Value;

    /// <summary>What was taken and not given back: contexts, modules, memory, events.</summary>
    public static long Live => ((delegate* unmanaged<long>)Export("standin_live"))();

    /// <summary>Kernels launched so far.</summary>
    public static long Launches => ((delegate* unmanaged<long>)Export("standin_launches"))();

    /// <summary>The next call of a function returns this code.</summary>
    public static void Fail(string call, int code)
    {
        var name = Marshal.StringToCoTaskMemUTF8(call);
        ((delegate* unmanaged<nint, int, void>)Export("standin_fail"))(name, code);
        Marshal.FreeCoTaskMem(name);
    }

    /// <summary>Compute capability of the device, ten times major plus minor.</summary>
    public static void SetCapability(int capability) =>
        ((delegate* unmanaged<int, void>)Export("standin_set_capability"))(capability);

    private static nint Export(string name) => NativeLibrary.GetExport(s_library.Value, name);

    private static string Build()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Gpu");
        var library = Path.Combine(folder, "libcuda_stand_in.so");
        Run("g++",
            $"-shared -fPIC -O1 -std=c++17 -Wall -Werror -DSTAND_IN_FOLDER=\"{folder}\" -o {library} " +
            $"{folder}/cuda_stand_in.cpp -ldl");
        return library;
    }

    /// <summary>Runs a program; throws with what it says where it fails.</summary>
    public static void Run(string program, string arguments)
    {
        var start = new ProcessStartInfo(program, arguments.Split(' ')) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var log = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {arguments}\n{log}");
    }
}
