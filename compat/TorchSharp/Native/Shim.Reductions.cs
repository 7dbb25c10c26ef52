using System.Runtime.InteropServices;

namespace TorchSharp;

internal static unsafe partial class Shim
{
    [DllImport(Library)]
    internal static extern nint shim_sum(nint a, int dtype);

    [DllImport(Library)]
    internal static extern nint shim_mean(nint a);

    [DllImport(Library)]
    internal static extern nint shim_sum_dims(nint a, long* dims, int count, int keep, int dtype);

    [DllImport(Library)]
    internal static extern nint shim_mean_dims(nint a, long* dims, int count, int keep, int dtype);

    [DllImport(Library)]
    internal static extern nint shim_std(nint a, int unbiased);

    [DllImport(Library)]
    internal static extern nint shim_any_dim(nint a, long dim, int keep);

    [DllImport(Library)]
    internal static extern nint shim_all_dim(nint a, long dim, int keep);

    [DllImport(Library)]
    internal static extern nint shim_argmax(nint a, long dim, int keep);

    [DllImport(Library)]
    internal static extern nint shim_logsumexp(nint a, long dim, int keep);

    [DllImport(Library)]
    internal static extern int shim_max_dim(nint a, long dim, int keep, nint* values, nint* indices);

    [DllImport(Library)]
    internal static extern int shim_min_dim(nint a, long dim, int keep, nint* values, nint* indices);

    [DllImport(Library)]
    internal static extern int shim_topk(
        nint a, long k, long dim, int largest, int sorted, nint* values, nint* indices);

    [DllImport(Library)]
    internal static extern int shim_sort(nint a, long dim, int descending, int stable, nint* values, nint* indices);

    [DllImport(Library)]
    internal static extern nint shim_softmax(nint a, long dim, int dtype);

    [DllImport(Library)]
    internal static extern nint shim_log_softmax(nint a, long dim, int dtype);

    [DllImport(Library)]
    internal static extern nint shim_cumsum(nint a, long dim, int dtype);

    [DllImport(Library)]
    internal static extern nint shim_multinomial(nint a, long count, int replacement, nint generator);
}
