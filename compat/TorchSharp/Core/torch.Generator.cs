namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers with a state of its own.</summary>
    public sealed class Generator : IDisposable
    {
        private nint _handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            _handle = Shim.shim_generator((long)seed, (int)(device?.type ?? DeviceType.CPU), device?.index ?? -1);
            if (_handle == 0)
            {
                GC.SuppressFinalize(this);
                throw Failure();
            }
        }

        ~Generator() => Free();

        internal nint Handle
        {
            get
            {
                ObjectDisposedException.ThrowIf(_handle == 0, this);
                return _handle;
            }
        }

        public Generator manual_seed(long seed)
        {
            Check(Shim.shim_generator_seed(Handle, seed));
            return this;
        }

        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        private void Free()
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
            {
                Shim.shim_generator_free(handle);
            }
        }
    }
}
