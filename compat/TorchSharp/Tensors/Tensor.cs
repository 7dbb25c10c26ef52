using System.Runtime.CompilerServices;

namespace TorchSharp;

public static unsafe partial class torch
{
    public static DisposeScope NewDisposeScope() => new();

    /// <summary>One reference to a native tensor; belongs to the innermost dispose scope of its thread.</summary>
    public partial class Tensor : IDisposable
    {
        private nint _handle;

        internal Tensor(nint handle)
        {
            if (handle == 0)
            {
                GC.SuppressFinalize(this);
                throw Failure();
            }

            _handle = handle;
            DisposeScope.Current?.Add(this);
        }

        ~Tensor() => Free();

        internal DisposeScope? Scope { get; set; }

        internal int Slot { get; set; }

        public nint Handle
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                var handle = _handle;
                if (handle == 0)
                {
                    ThrowDisposed();
                }

                return handle;
            }
        }

        public bool IsInvalid => _handle == 0;

        public void Dispose()
        {
            Scope?.Remove(this);
            DisposeByScope();
        }

        public Tensor DetachFromDisposeScope()
        {
            Scope?.Remove(this);
            return this;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            if (Scope is { } scope)
            {
                scope.MoveToOuter(this);
            }

            return this;
        }

        public Tensor MoveToOtherDisposeScope(DisposeScope? scope)
        {
            Scope?.Remove(this);
            scope?.Add(this);
            return this;
        }

        internal void DisposeByScope()
        {
            Scope = null;
            Free();
            GC.SuppressFinalize(this);
        }

        /// <summary>Gives up the handle without freeing it.</summary>
        internal nint ReleaseHandle()
        {
            var handle = Handle;
            Scope?.Remove(this);
            _handle = 0;
            GC.SuppressFinalize(this);
            return handle;
        }

        internal void ReplaceHandle(nint handle)
        {
            Shim.shim_free(_handle);
            _handle = handle;
        }

        private void Free()
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
            {
                Shim.shim_free(handle);
            }
        }

        private static void ThrowDisposed() =>
            throw new ObjectDisposedException(nameof(Tensor), "The tensor was disposed, by hand or with its scope.");

        // A result keeps its operands alive over the native call; without this a finalizer may free them during it.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Tensor Made(nint handle)
        {
            GC.KeepAlive(this);
            return new Tensor(handle);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Tensor Made(nint handle, Tensor other)
        {
            GC.KeepAlive(other);
            return Made(handle);
        }

        private Tensor Made(nint handle, Tensor second, Tensor third)
        {
            GC.KeepAlive(third);
            return Made(handle, second);
        }

        private Tensor Changed(int code)
        {
            GC.KeepAlive(this);
            Check(code);
            return this;
        }

        private Tensor Changed(int code, Tensor other)
        {
            GC.KeepAlive(other);
            return Changed(code);
        }

        private Tensor Changed(int code, Tensor second, Tensor third)
        {
            GC.KeepAlive(third);
            return Changed(code, second);
        }

        private static int Type(ScalarType? type) => type is { } given ? (int)given : -1;

        private static int Flag(bool value) => value ? 1 : 0;
    }
}
