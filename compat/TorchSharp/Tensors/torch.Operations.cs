using System.Runtime.InteropServices;

namespace TorchSharp;

public static unsafe partial class torch
{
    public static Tensor cat(IList<Tensor> tensors, long dim = 0)
    {
        var handles = Handles(tensors);
        fixed (nint* pointer = handles)
        {
            var result = new Tensor(Shim.shim_cat(pointer, handles.Length, dim));
            GC.KeepAlive(tensors);
            return result;
        }
    }

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0)
    {
        var list = tensors.ToArray();
        var handles = Handles(list);
        fixed (nint* pointer = handles)
        {
            var result = new Tensor(Shim.shim_stack(pointer, handles.Length, dim));
            GC.KeepAlive(list);
            return result;
        }
    }

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => x.where(condition, y);

    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);

    public static Tensor maximum(Tensor input, Tensor other) => input.maximum(other);

    public static Tensor minimum(Tensor input, Tensor other) => input.minimum(other);

    public static Tensor addcmul(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) =>
        input.addcmul(tensor1, tensor2, value);

    public static Tensor baddbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
        input.baddbmm(batch1, batch2, beta, alpha);

    public static Tensor multinomial(
        Tensor input, long num_samples, bool replacement = false, Generator? generator = null) =>
        input.multinomial(num_samples, replacement, generator);

    public static Tensor bitwise_right_shift(Tensor left, Scalar right)
    {
        var result = new Tensor(Shim.shim_bitwise_right_shift_number(left.Handle, right.Value));
        GC.KeepAlive(left);
        return result;
    }

    public static Tensor bitwise_and(Tensor left, Scalar right)
    {
        var result = new Tensor(Shim.shim_bitwise_and_number(left.Handle, right.Value));
        GC.KeepAlive(left);
        return result;
    }

    internal static nint[] Handles(IEnumerable<Tensor> tensors) => [.. tensors.Select(tensor => tensor.Handle)];

    internal static nint[] Handles(IList<Tensor> tensors)
    {
        var handles = new nint[tensors.Count];
        for (var i = 0; i < handles.Length; i++)
        {
            handles[i] = tensors[i].Handle;
        }

        return handles;
    }
}
