using System.Buffers;
using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace PhysIntuition.Client;

/// <summary>The client's view of an environment's shared memory.</summary>
internal sealed unsafe class SharedMemoryView : MemoryManager<byte>
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly long _length;
    private byte* _start;

    private SharedMemoryView(SharedMemory memory)
    {
        (Path, _length) = (memory.Path, (long)memory.Bytes);
        _file = MemoryMappedFile.CreateFromFile(
            new FileStream(memory.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), mapName: null, _length,
            MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, _length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Maps the memory; null: it is not on this machine, or not this user's.</summary>
    public static SharedMemoryView? TryOpen(SharedMemory memory)
    {
        try
        {
            var view = new SharedMemoryView(memory);
            var nonce = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(view._start, sizeof(ulong)));
            if (nonce == memory.Nonce)
            {
                return view;
            }

            ((IDisposable)view).Dispose();
            return null;
        }
        catch (Exception failure) when (
            failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The elements of a tensor.</summary>
    public ReadOnlyMemory<byte> Slice(Tensor tensor)
    {
        var length = (long)SizeOf(tensor.Type);
        foreach (var axis in tensor.Shape)
        {
            length *= axis;
        }

        if ((long)tensor.MemoryOffset + length > _length || length > int.MaxValue)
        {
            throw new InvalidDataException("The server names memory outside the shared file.");
        }

        return new Part(this, _start + tensor.MemoryOffset, (int)length).Memory;
    }

    public override Span<byte> GetSpan() => new(_start, (int)Math.Min(int.MaxValue, _length));

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _start is not null)
        {
            _start = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }

    private static int SizeOf(DataType type) => type switch
    {
        DataType.Uint8 => 1,
        DataType.Int32 or DataType.Float32 => 4,
        _ => 8,
    };

    // A tensor; keeps the mapping alive as long as somebody holds its memory.
    private sealed class Part(SharedMemoryView owner, byte* start, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            ObjectDisposedException.ThrowIf(owner._start is null, owner);
            return new Span<byte>(start, length);
        }

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
