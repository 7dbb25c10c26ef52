using TorchSharp.Utils;

namespace TorchSharp;

public static unsafe partial class torch
{
    public partial class Tensor
    {
        public long[] shape
        {
            get
            {
                var result = new long[ndim];
                fixed (long* sizes = result)
                {
                    Shim.shim_sizes(Handle, sizes);
                }

                GC.KeepAlive(this);
                return result;
            }
        }

        public long ndim
        {
            get
            {
                var result = Shim.shim_ndim(Handle);
                GC.KeepAlive(this);
                return result;
            }
        }

        public ScalarType dtype
        {
            get
            {
                var result = (ScalarType)Shim.shim_dtype(Handle);
                GC.KeepAlive(this);
                return result;
            }
        }

        public Device device
        {
            get
            {
                var result = new Device((DeviceType)Shim.shim_device_type(Handle), Shim.shim_device_index(Handle));
                GC.KeepAlive(this);
                return result;
            }
        }

        public DeviceType device_type
        {
            get
            {
                var result = (DeviceType)Shim.shim_device_type(Handle);
                GC.KeepAlive(this);
                return result;
            }
        }

        public long ElementSize => dtype switch
        {
            ScalarType.Int64 or ScalarType.Float64 => 8,
            ScalarType.Float32 or ScalarType.Int32 => 4,
            ScalarType.BFloat16 or ScalarType.Float16 or ScalarType.Int16 => 2,
            _ => 1,
        };

        /// <summary>The tensor's memory. It must be contiguous and on the CPU, and outlive the span.</summary>
        public Span<byte> bytes
        {
            get
            {
                if (!is_contiguous() || device_type != DeviceType.CPU)
                {
                    throw new InvalidOperationException(
                        "bytes needs a contiguous tensor on the CPU; call cpu().contiguous() first.");
                }

                void* data = null;
                Check(Shim.shim_data(Handle, &data));
                return new Span<byte>(data, checked((int)(numel() * ElementSize)));
            }
        }

        public long numel()
        {
            var result = Shim.shim_numel(Handle);
            GC.KeepAlive(this);
            return result;
        }

        public long size(int dim)
        {
            var count = (int)ndim;
            var index = dim < 0 ? dim + count : dim;
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)count, nameof(dim));
            var sizes = stackalloc long[count];
            Shim.shim_sizes(Handle, sizes);
            GC.KeepAlive(this);
            return sizes[index];
        }

        public long[] stride()
        {
            var result = new long[ndim];
            fixed (long* strides = result)
            {
                Shim.shim_strides(Handle, strides);
            }

            GC.KeepAlive(this);
            return result;
        }

        public bool is_contiguous()
        {
            var result = Shim.shim_is_contiguous(Handle) != 0;
            GC.KeepAlive(this);
            return result;
        }

        /// <summary>The value of a tensor with one element.</summary>
        public T item<T>()
            where T : unmanaged
        {
            double real;
            long integer;
            Check(Shim.shim_item(Handle, &real, &integer));
            GC.KeepAlive(this);
            return typeof(T) == typeof(bool) ? (T)(object)(real != 0)
                : typeof(T) == typeof(float) ? (T)(object)(float)real
                : typeof(T) == typeof(double) ? (T)(object)real
                : typeof(T) == typeof(long) ? (T)(object)integer
                : typeof(T) == typeof(int) ? (T)(object)checked((int)integer)
                : typeof(T) == typeof(byte) ? (T)(object)checked((byte)integer)
                : throw new NotSupportedException($"item<{typeof(T).Name}> is not supported.");
        }

        public float ToSingle() => item<float>();

        public double ToDouble() => item<double>();

        public long ToInt64() => item<long>();

        /// <summary>The elements in row-major order; T must be the element type.</summary>
        public TensorAccessor<T> data<T>()
            where T : unmanaged => new(this);

        internal T[] CopyElements<T>()
            where T : unmanaged
        {
            var result = new T[numel()];
            fixed (T* data = result)
            {
                Check(Shim.shim_to_bytes(Handle, data, (long)result.Length * sizeof(T)));
            }

            GC.KeepAlive(this);
            return result;
        }

        public Tensor to_type(
            ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Moved(Shim.shim_to(Handle, (int)type, -1, -1, Flag(copy), Flag(non_blocking)), disposeAfter);

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to_type(type, copy, disposeAfter, non_blocking);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Moved(
                Shim.shim_to(Handle, -1, (int)device.type, device.index, Flag(copy), Flag(non_blocking)), disposeAfter);

        public Tensor to(
            ScalarType type,
            Device device,
            bool copy = false,
            bool disposeAfter = false,
            bool non_blocking = false) =>
            Moved(
                Shim.shim_to(Handle, (int)type, (int)device.type, device.index, Flag(copy), Flag(non_blocking)),
                disposeAfter);

        public Tensor cpu(bool disposeAfter = false) => to(CPU, disposeAfter: disposeAfter);

        public Tensor cuda(Device? device = null) => to(device ?? CUDA);

        private Tensor Moved(nint handle, bool disposeAfter)
        {
            var result = Made(handle);
            if (disposeAfter)
            {
                Dispose();
            }

            return result;
        }
    }
}
