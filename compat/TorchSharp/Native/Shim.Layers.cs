using System.Runtime.InteropServices;

namespace TorchSharp;

internal static unsafe partial class Shim
{
    [DllImport(Library)]
    internal static extern nint shim_linear(nint x, nint weight, nint bias);

    [DllImport(Library)]
    internal static extern nint shim_layer_norm(nint x, long* sizes, int count, nint weight, nint bias, double eps);

    [DllImport(Library)]
    internal static extern nint shim_embedding(nint weight, nint ids, long padding);

    [DllImport(Library)]
    internal static extern nint shim_dropout(nint x, double p, int training);

    [DllImport(Library)]
    internal static extern nint shim_conv2d(
        nint x, nint weight, nint bias, long* stride, long* padding, long* dilation, long groups);

    [DllImport(Library)]
    internal static extern nint shim_cross_entropy(
        nint x, nint target, nint weight, long reduction, long ignore, double smoothing);

    [DllImport(Library)]
    internal static extern nint shim_attention(nint q, nint k, nint v, nint mask, double dropout, int causal);
}
