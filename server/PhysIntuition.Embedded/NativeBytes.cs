using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;

namespace PhysIntuition.Embedded;

/// <summary>Memory that a caller outside .NET reads; grows, and is freed after its thread has ended.</summary>
internal sealed unsafe class NativeBytes
{
    private int _capacity;

    ~NativeBytes() => NativeMemory.Free(Data);

    /// <summary>Where it is; null while it is empty.</summary>
    public byte* Data { get; private set; }

    /// <summary>How much of it means something.</summary>
    public int Length { get; private set; }

    /// <summary>Nothing.</summary>
    public void Clear() => Length = 0;

    /// <summary>The bytes of a message.</summary>
    public void Set(IMessage message) => message.WriteTo(Reserve(message.CalculateSize()));

    /// <summary>Bytes.</summary>
    public void Set(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>A text, ended by a zero.</summary>
    public void SetText(string text)
    {
        var target = Reserve(Encoding.UTF8.GetByteCount(text) + 1);
        Encoding.UTF8.GetBytes(text, target);
        target[^1] = 0;
    }

    private Span<byte> Reserve(int length)
    {
        if (length > _capacity)
        {
            NativeMemory.Free(Data);
            _capacity = Math.Max(length, 4096);
            Data = (byte*)NativeMemory.Alloc((nuint)_capacity);
        }

        Length = length;
        return new Span<byte>(Data, length);
    }
}
