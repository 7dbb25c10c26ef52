namespace TorchSharp;

public static unsafe partial class torch
{
    public static Tensor tensor(
        float[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) =>
        Place(Copy<float>(rawArray, dimensions, ScalarType.Float32), dtype, device, requires_grad);

    public static Tensor tensor(
        double[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) =>
        Place(Copy<double>(rawArray, dimensions, ScalarType.Float64), dtype, device, requires_grad);

    public static Tensor tensor(
        long[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) =>
        Place(Copy<long>(rawArray, dimensions, ScalarType.Int64), dtype, device, requires_grad);

    public static Tensor tensor(
        int[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) =>
        Place(Copy<int>(rawArray, dimensions, ScalarType.Int32), dtype, device, requires_grad);

    public static Tensor tensor(
        byte[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) =>
        Place(Copy<byte>(rawArray, dimensions, ScalarType.Byte), dtype, device, requires_grad);

    public static Tensor tensor(
        bool[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) =>
        Place(Copy<bool>(rawArray, dimensions, ScalarType.Bool), dtype, device, requires_grad);

    public static Tensor tensor(
        IList<float> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        tensor([.. rawArray], [rawArray.Count], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<long> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        tensor([.. rawArray], [rawArray.Count], dtype, device, requires_grad);

    public static Tensor tensor(
        float scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        tensor([scalar], [], dtype, device, requires_grad);

    public static Tensor tensor(
        long scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        tensor([scalar], [], dtype, device, requires_grad);

    private static Tensor Copy<T>(ReadOnlySpan<T> data, ReadOnlySpan<long> sizes, ScalarType type)
        where T : unmanaged
    {
        fixed (T* bytes = data)
        fixed (long* dims = sizes)
        {
            return new Tensor(
                Shim.shim_from_bytes(bytes, (long)data.Length * sizeof(T), dims, sizes.Length, (int)type));
        }
    }

    private static Tensor Place(Tensor tensor, ScalarType? dtype, Device? device, bool requiresGrad)
    {
        if (dtype is { } type && type != tensor.dtype)
        {
            tensor = tensor.to(type, disposeAfter: true);
        }

        if (device is not null && device.type != DeviceType.CPU)
        {
            tensor = tensor.to(device, disposeAfter: true);
        }

        return requiresGrad ? tensor.requires_grad_() : tensor;
    }
}
