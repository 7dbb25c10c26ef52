using System.Runtime.InteropServices;

namespace TorchSharp;

internal static unsafe partial class Shim
{
    [DllImport(Library), SuppressGCTransition]
    internal static extern int shim_requires_grad(nint a);

    [DllImport(Library)]
    internal static extern int shim_set_requires_grad(nint a, int on);

    [DllImport(Library)]
    internal static extern int shim_is_leaf(nint a);

    [DllImport(Library)]
    internal static extern int shim_grad(nint a, nint* result);

    [DllImport(Library)]
    internal static extern int shim_set_grad(nint a, nint gradient);

    [DllImport(Library)]
    internal static extern int shim_backward(nint a, nint gradient, int retain, int create);

    [DllImport(Library)]
    internal static extern int shim_autograd_grad(
        nint* outputs, int outputCount, nint* inputs, int inputCount, nint* gradients, int gradientCount,
        int retain, int create, int allowUnused, nint* results);

    [DllImport(Library)]
    internal static extern int shim_clip_grad_norm(nint* parameters, int count, double maxNorm, double* total);

    [DllImport(Library)]
    internal static extern int shim_function_attach(
        nint* inputs, int inputCount, nint* outputs, int outputCount,
        delegate* unmanaged[Cdecl]<nint, nint*, int, nint*, int, byte**, int> backward,
        delegate* unmanaged[Cdecl]<nint, void> release, nint state, nint* attached);

    [DllImport(Library)]
    internal static extern int shim_adamw(
        nint* parameters, nint* means, nint* squares, int count, long step,
        double lr, double beta1, double beta2, double eps, double decay);
}
