using System.Buffers;

namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>A growing byte buffer in pooled memory.</summary>
internal sealed class PooledBuffer : Stream, IBufferWriter<byte>
{
    private const int InitialCapacity = 512;

    private byte[] _array = [];
    private int _written;

    internal int WrittenCount => _written;

    internal Memory<byte> Written => _array.AsMemory(0, _written);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _written;

    public override long Position
    {
        get => _written;
        set => throw new NotSupportedException();
    }

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(_written);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        buffer.CopyTo(GetSpan(buffer.Length));
        Advance(buffer.Length);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Makes room for at least this many more bytes.</summary>
    internal void Reserve(int count)
    {
        var needed = (long)_written + Math.Max(count, 1);
        if (needed <= _array.Length)
        {
            return;
        }

        var capacity = Math.Max(needed, Math.Min(_array.Length * 2L, Array.MaxLength));
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(capacity, InitialCapacity));
        _array.AsSpan(0, _written).CopyTo(larger);
        Return();
        _array = larger;
    }

    protected override void Dispose(bool disposing)
    {
        Return();
        _array = [];
        _written = 0;
        base.Dispose(disposing);
    }

    private void Return()
    {
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }
    }
}
