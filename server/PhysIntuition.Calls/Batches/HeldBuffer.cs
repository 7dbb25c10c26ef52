using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace PhysIntuition.Server.Batches;

/// <summary>Bytes that replies point into: reused from reply to reply, copied nowhere.</summary>
internal sealed class HeldBuffer
{
    private byte[] _bytes = [];
    private ByteString _whole = ByteString.Empty;

    /// <summary>The first <paramref name="length"/> bytes, to be written.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_bytes.Length < length)
        {
            // Pictures of a batch are large; none is cleared, and none moves while a reply is sent.
            _bytes = GC.AllocateUninitializedArray<byte>(length, pinned: length > 64 * 1024);
            _whole = UnsafeByteOperations.UnsafeWrap(_bytes);
        }

        return _bytes.AsSpan(0, length);
    }

    /// <summary>The same as numbers.</summary>
    public Span<T> Reserve<T>(int count)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Reserve(count * Unsafe.SizeOf<T>()));

    /// <summary>A message field that shows the first <paramref name="length"/> bytes.</summary>
    public ByteString Show(int length)
    {
        if (length == 0)
        {
            return ByteString.Empty;
        }

        return length == _bytes.Length ? _whole : UnsafeByteOperations.UnsafeWrap(_bytes.AsMemory(0, length));
    }
}
