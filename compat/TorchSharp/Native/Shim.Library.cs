using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp;

/// <summary>The entry points of libphysintuition_torch.so, as declared in native/*.cpp.</summary>
internal static unsafe partial class Shim
{
    private const string Library = ShimLibrary.Name;

    static Shim() => NativeLibrary.SetDllImportResolver(typeof(Shim).Assembly, ShimLibrary.Resolve);

    [DllImport(Library)]
    internal static extern byte* shim_last_error();

    [DllImport(Library)]
    internal static extern byte* shim_last_error_detail();

    [DllImport(Library)]
    internal static extern long shim_live_tensors();

    [DllImport(Library)]
    internal static extern void shim_free(nint tensor);

    [DllImport(Library)]
    internal static extern byte* shim_version();

    [DllImport(Library)]
    internal static extern byte* shim_configuration();

    [DllImport(Library)]
    internal static extern int shim_set_threads(int count);

    [DllImport(Library)]
    internal static extern int shim_get_threads();

    [DllImport(Library)]
    internal static extern int shim_set_interop_threads(int count);

    [DllImport(Library)]
    internal static extern int shim_set_flush_denormal(int on);

    [DllImport(Library)]
    internal static extern int shim_manual_seed(long seed);

    [DllImport(Library)]
    internal static extern int shim_cuda_count();

    [DllImport(Library)]
    internal static extern int shim_cuda_synchronize(int index);

    [DllImport(Library)]
    internal static extern int shim_grad_enabled();

    [DllImport(Library)]
    internal static extern void shim_set_grad_enabled(int on);

    [DllImport(Library)]
    internal static extern nint shim_inference_enter(int on);

    [DllImport(Library)]
    internal static extern void shim_inference_exit(nint guard);

    [DllImport(Library)]
    internal static extern nint shim_generator(long seed, int deviceType, int deviceIndex);

    [DllImport(Library)]
    internal static extern int shim_generator_seed(nint generator, long seed);

    [DllImport(Library)]
    internal static extern void shim_generator_free(nint generator);
}
