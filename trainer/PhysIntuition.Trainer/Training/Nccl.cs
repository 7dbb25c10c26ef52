using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Training;

/// <summary>NCCL 2's C interface: adds tensors that lie on the GPUs of several processes.</summary>
/// <remarks>
/// Source: nccl.h 2.x. Loaded only where a group learns on GPUs. The null stream is the one that libtorch works on
/// unless told otherwise, so operators before and after keep their order.
/// </remarks>
internal sealed unsafe partial class Nccl : IDisposable
{
    private const string Library = "libnccl.so.2", Cuda = "libcudart.so.12";
    private const int Sum = 0;   // ncclSum

    private readonly nint _communicator;

    /// <summary>Meets the other processes of a group.</summary>
    /// <param name="group">It hands process 0's key round.</param>
    /// <param name="device">This process's GPU.</param>
    /// <exception cref="DllNotFoundException">There is no NCCL.</exception>
    /// <exception cref="IOException">NCCL refuses.</exception>
    public Nccl(ProcessGroup group, int device)
    {
        if (!NativeLibrary.TryLoad(Library, out _) || !NativeLibrary.TryLoad(Cuda, out _))
        {
            throw new DllNotFoundException($"Several processes on GPUs need {Library} and {Cuda}, and one is missing: "
                + "install NCCL (NVIDIA's libnccl2), or take device cpu.");
        }

        if (cudaSetDevice(device) is not 0 and var refused)
        {
            throw new IOException($"CUDA takes no device {device} (error {refused}): start at most as many processes "
                + "on a machine as it has GPUs.");
        }

        Key key = default;
        if (group.IsFirst)
        {
            Check(ncclGetUniqueId(&key));
        }

        var keys = new byte[sizeof(Key) * group.Size];
        group.Gather(new ReadOnlySpan<byte>(&key, sizeof(Key)), keys);
        keys.AsSpan(0, sizeof(Key)).CopyTo(new Span<byte>(&key, sizeof(Key)));
        Check(ncclCommInitRank(out _communicator, group.Size, key, group.Rank));
    }

    /// <summary>After this every process's tensor holds the sum of all.</summary>
    /// <param name="values">Contiguous, on this process's GPU: float32 or bfloat16.</param>
    public void Add(Tensor values)
    {
        var type = values.dtype switch
        {
            ScalarType.Float32 => 7,    // ncclFloat32
            ScalarType.BFloat16 => 9,   // ncclBfloat16
            _ => throw new NotSupportedException($"A gradient is {values.dtype}; must be Float32 or BFloat16."),
        };
        var address = AddressOf(values);
        Check(ncclAllReduce(address, address, (nuint)values.numel(), type, Sum, _communicator, stream: 0));
    }

    /// <summary>Leaves the others.</summary>
    public void Dispose() => _ = ncclCommDestroy(_communicator);

    /// <summary>Where a contiguous tensor's numbers lie, on whichever device.</summary>
    internal static nint AddressOf(Tensor values) => THSTensor_data(values.Handle);

    private static void Check(int code)
    {
        if (code != 0)
        {
            throw new IOException($"NCCL: {Marshal.PtrToStringUTF8(ncclGetErrorString(code))}. NCCL_DEBUG=INFO in the "
                + "environment says more.");
        }
    }

    private struct Key   // ncclUniqueId
    {
        public fixed byte Bytes[128];
    }

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint tensor);

    [LibraryImport(Cuda)]
    private static partial int cudaSetDevice(int device);

    [LibraryImport(Library)]
    private static partial int ncclGetUniqueId(Key* key);

    [LibraryImport(Library)]
    private static partial int ncclCommInitRank(out nint communicator, int size, Key key, int rank);

    [LibraryImport(Library)]
    private static partial int ncclAllReduce(
        nint send, nint receive, nuint count, int type, int operation, nint communicator, nint stream);

    [LibraryImport(Library)]
    private static partial int ncclCommDestroy(nint communicator);

    [LibraryImport(Library)]
    private static partial nint ncclGetErrorString(int code);
}
