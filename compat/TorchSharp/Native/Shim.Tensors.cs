using System.Runtime.InteropServices;

namespace TorchSharp;

internal static unsafe partial class Shim
{
    [DllImport(Library)]
    internal static extern nint shim_share(nint a);

    [DllImport(Library), SuppressGCTransition]
    internal static extern int shim_ndim(nint a);

    [DllImport(Library), SuppressGCTransition]
    internal static extern void shim_sizes(nint a, long* result);

    [DllImport(Library), SuppressGCTransition]
    internal static extern void shim_strides(nint a, long* result);

    [DllImport(Library), SuppressGCTransition]
    internal static extern long shim_numel(nint a);

    [DllImport(Library), SuppressGCTransition]
    internal static extern int shim_dtype(nint a);

    [DllImport(Library), SuppressGCTransition]
    internal static extern int shim_device_type(nint a);

    [DllImport(Library), SuppressGCTransition]
    internal static extern int shim_device_index(nint a);

    [DllImport(Library), SuppressGCTransition]
    internal static extern int shim_is_contiguous(nint a);

    [DllImport(Library)]
    internal static extern int shim_data(nint a, void** result);

    [DllImport(Library)]
    internal static extern int shim_item(nint a, double* real, long* integer);

    [DllImport(Library)]
    internal static extern nint shim_from_bytes(void* data, long bytes, long* sizes, int count, int dtype);

    [DllImport(Library)]
    internal static extern int shim_to_bytes(nint a, void* data, long bytes);

    [DllImport(Library)]
    internal static extern nint shim_empty(long* sizes, int count, TensorOptions options);

    [DllImport(Library)]
    internal static extern nint shim_zeros(long* sizes, int count, TensorOptions options);

    [DllImport(Library)]
    internal static extern nint shim_ones(long* sizes, int count, TensorOptions options);

    [DllImport(Library)]
    internal static extern nint shim_full(long* sizes, int count, Number value, TensorOptions options);

    [DllImport(Library)]
    internal static extern nint shim_rand(long* sizes, int count, nint generator, TensorOptions options);

    [DllImport(Library)]
    internal static extern nint shim_randn(long* sizes, int count, nint generator, TensorOptions options);

    [DllImport(Library)]
    internal static extern nint shim_arange(Number start, Number stop, Number step, TensorOptions options);

    [DllImport(Library)]
    internal static extern nint shim_zeros_like(nint a, int dtype);

    [DllImport(Library)]
    internal static extern nint shim_empty_like(nint a, int dtype);

    [DllImport(Library)]
    internal static extern nint shim_to(nint a, int dtype, int deviceType, int deviceIndex, int copy, int nonBlocking);
}
