using PhysIntuition.Vlm.Safetensors;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Moves tensors between safetensors files and the library.</summary>
internal static class TensorTransfer
{
    private const long WindowBytes = 1L << 30;   // a span holds less than 2 GiB

    /// <summary>A stored tensor in the wanted type on the wanted device; the caller owns it.</summary>
    internal static Tensor Read(TensorView view, ScalarType type, Device device)
    {
        using var off = no_grad();
        var stored = empty(view.Shape.ToArray(), Type(view.Type));
        if (view.Count > 0)
        {
            Fill(stored.view(-1), view);
        }

        return stored.to(type, disposeAfter: stored.dtype != type)
            .to(device, disposeAfter: device.type != TorchSharp.DeviceType.CPU);
    }

    /// <summary>A tensor to be written under a name, in its own element type.</summary>
    internal static TensorEntry Entry(string name, Tensor tensor) =>
        new(name, Type(tensor.dtype), tensor.shape, stream =>
        {
            using var scope = NewDisposeScope();
            var flat = tensor.detach().cpu().contiguous().view(-1);
            foreach (var window in Windows(flat))
            {
                stream.Write(window.bytes);
            }
        });

    private static void Fill(Tensor flat, TensorView view)
    {
        using var scope = NewDisposeScope();
        long start = 0;
        foreach (var window in Windows(flat))
        {
            var bytes = window.bytes;
            CopyStored(view, start, bytes);
            start += window.numel();
        }
    }

    private static void CopyStored(TensorView view, long start, Span<byte> bytes)
    {
        switch (view.Type.Size())
        {
            case 1:
                view.Slice<byte>(start, bytes.Length).CopyTo(bytes);
                break;
            case 2:
                Copy<ushort>(view, start, bytes);
                break;
            case 4:
                Copy<uint>(view, start, bytes);
                break;
            default:
                Copy<ulong>(view, start, bytes);
                break;
        }
    }

    private static unsafe void Copy<T>(TensorView view, long start, Span<byte> bytes)
        where T : unmanaged
    {
        var target = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(bytes);
        view.Slice<T>(start, target.Length).CopyTo(target);
    }

    private static IEnumerable<Tensor> Windows(Tensor flat)
    {
        var total = flat.numel();
        var step = WindowBytes / flat.ElementSize;
        for (long start = 0; start < total; start += step)
        {
            yield return flat.narrow(0, start, Math.Min(step, total - start));
        }
    }

    private static ScalarType Type(DType type) => type switch
    {
        DType.F32 => ScalarType.Float32,
        DType.BF16 => ScalarType.BFloat16,
        DType.F16 => ScalarType.Float16,
        DType.F64 => ScalarType.Float64,
        DType.I64 => ScalarType.Int64,
        DType.I32 => ScalarType.Int32,
        DType.U8 => ScalarType.Byte,
        _ => throw new NotSupportedException($"Tensors of type {type} are not read."),
    };

    private static DType Type(ScalarType type) => type switch
    {
        ScalarType.Float32 => DType.F32,
        ScalarType.BFloat16 => DType.BF16,
        ScalarType.Float16 => DType.F16,
        ScalarType.Float64 => DType.F64,
        ScalarType.Int64 => DType.I64,
        ScalarType.Int32 => DType.I32,
        ScalarType.Byte => DType.U8,
        _ => throw new NotSupportedException($"Tensors of type {type} are not written."),
    };
}
