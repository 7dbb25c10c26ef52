namespace TorchSharp;

public static unsafe partial class torch
{
    public static Tensor empty(
        long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        fixed (long* sizes = size)
        {
            return Finish(Shim.shim_empty(sizes, size.Length, Options(dtype, device)), requires_grad);
        }
    }

    public static Tensor zeros(
        long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        fixed (long* sizes = size)
        {
            return Finish(Shim.shim_zeros(sizes, size.Length, Options(dtype, device)), requires_grad);
        }
    }

    public static Tensor ones(
        long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        fixed (long* sizes = size)
        {
            return Finish(Shim.shim_ones(sizes, size.Length, Options(dtype, device)), requires_grad);
        }
    }

    public static Tensor full(
        long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        var natural = value.Value.IsInteger ? ScalarType.Int64 : ScalarType.Float32;
        fixed (long* sizes = size)
        {
            var options = new TensorOptions(dtype, device, natural);
            return Finish(Shim.shim_full(sizes, size.Length, value.Value, options), requires_grad);
        }
    }

    public static Tensor rand(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null)
    {
        fixed (long* sizes = size)
        {
            return Finish(
                Shim.shim_rand(sizes, size.Length, generator?.Handle ?? 0, Options(dtype, device)), requires_grad);
        }
    }

    public static Tensor randn(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null)
    {
        fixed (long* sizes = size)
        {
            return Finish(
                Shim.shim_randn(sizes, size.Length, generator?.Handle ?? 0, Options(dtype, device)), requires_grad);
        }
    }

    public static Tensor arange(
        Scalar start,
        Scalar stop,
        Scalar step,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false)
    {
        var isInteger = start.Value.IsInteger && stop.Value.IsInteger && step.Value.IsInteger;
        var options = new TensorOptions(dtype, device, isInteger ? ScalarType.Int64 : ScalarType.Float32);
        return Finish(Shim.shim_arange(start.Value, stop.Value, step.Value, options), requires_grad);
    }

    public static Tensor arange(
        Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(
        Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null)
    {
        var result = new Tensor(Shim.shim_zeros_like(input.Handle, dtype is { } type ? (int)type : -1));
        GC.KeepAlive(input);
        return result;
    }

    public static Tensor empty_like(Tensor input, ScalarType? dtype = null)
    {
        var result = new Tensor(Shim.shim_empty_like(input.Handle, dtype is { } type ? (int)type : -1));
        GC.KeepAlive(input);
        return result;
    }

    private static TensorOptions Options(ScalarType? dtype, Device? device) => new(dtype, device, ScalarType.Float32);

    private static Tensor Finish(nint handle, bool requiresGrad)
    {
        var result = new Tensor(handle);
        return requiresGrad ? result.requires_grad_() : result;
    }
}
