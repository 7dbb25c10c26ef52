using System.Runtime.InteropServices;

namespace TorchSharp;

internal static unsafe partial class Shim
{
    [DllImport(Library)]
    internal static extern nint shim_view(nint a, long* values, int count);

    [DllImport(Library)]
    internal static extern nint shim_reshape(nint a, long* values, int count);

    [DllImport(Library)]
    internal static extern nint shim_expand(nint a, long* values, int count);

    [DllImport(Library)]
    internal static extern nint shim_permute(nint a, long* values, int count);

    [DllImport(Library)]
    internal static extern nint shim_repeat(nint a, long* values, int count);

    [DllImport(Library)]
    internal static extern nint shim_flip(nint a, long* values, int count);

    [DllImport(Library)]
    internal static extern nint shim_repeat_interleave(nint a, long repeats, long dim);

    [DllImport(Library)]
    internal static extern nint shim_transpose(nint a, long dim0, long dim1);

    [DllImport(Library)]
    internal static extern nint shim_unsqueeze(nint a, long dim);

    [DllImport(Library)]
    internal static extern nint shim_squeeze(nint a, long dim);

    [DllImport(Library)]
    internal static extern nint shim_flatten(nint a, long start, long end);

    [DllImport(Library)]
    internal static extern nint shim_narrow(nint a, long dim, long start, long length);

    [DllImport(Library)]
    internal static extern nint shim_select(nint a, long dim, long index);

    [DllImport(Library)]
    internal static extern nint shim_slice(nint a, long dim, long start, long finish, long step);

    [DllImport(Library)]
    internal static extern nint shim_tril(nint a, long diagonal);

    [DllImport(Library)]
    internal static extern nint shim_triu(nint a, long diagonal);

    [DllImport(Library)]
    internal static extern nint shim_cat(nint* tensors, int count, long dim);

    [DllImport(Library)]
    internal static extern nint shim_stack(nint* tensors, int count, long dim);

    [DllImport(Library)]
    internal static extern int shim_split(nint a, long* sizes, int count, long dim, nint* result, int capacity);

    [DllImport(Library)]
    internal static extern nint shim_gather(nint a, long dim, nint index);

    [DllImport(Library)]
    internal static extern nint shim_scatter(nint a, long dim, nint index, nint source);

    [DllImport(Library)]
    internal static extern int shim_scatter_(nint a, long dim, nint index, nint source);

    [DllImport(Library)]
    internal static extern nint shim_index_select(nint a, long dim, nint index);

    [DllImport(Library)]
    internal static extern nint shim_index_add(nint a, long dim, nint index, nint source, Number alpha);

    [DllImport(Library)]
    internal static extern nint shim_index_copy(nint a, long dim, nint index, nint source);
}
