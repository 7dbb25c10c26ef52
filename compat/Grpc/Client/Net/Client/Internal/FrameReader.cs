using System.Buffers;
using Grpc.Core;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.Net.Client.Internal;

/// <summary>Cuts a response body into messages, in one pooled buffer.</summary>
internal sealed class FrameReader(Stream body, int? maxPayloadLength) : IDisposable
{
    private const int InitialCapacity = 4096;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialCapacity);
    private int _start;
    private int _end;
    private int _payloadStart;
    private int _payloadLength;

    /// <summary>Whether the message read last is compressed.</summary>
    internal bool IsCompressed { get; private set; }

    /// <summary>The message read last; valid until the next read.</summary>
    internal ReadOnlySequence<byte> Payload => new(_buffer, _payloadStart, _payloadLength);

    /// <summary>The response body.</summary>
    internal Stream Body => body;

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Takes the next message if all of it has arrived.</summary>
    internal bool TryReadBuffered()
    {
        var available = _end - _start;
        if (available < FrameHeader.Size)
        {
            return false;
        }

        var length = FrameHeader.Read(_buffer.AsSpan(_start), maxPayloadLength, out var isCompressed);
        if (available - FrameHeader.Size < length)
        {
            return false;
        }

        IsCompressed = isCompressed;
        _payloadStart = _start + FrameHeader.Size;
        _payloadLength = length;
        _start = _payloadStart + length;
        return true;
    }

    /// <summary>Takes over bytes that were read into <see cref="MakeRoom"/>; false at the end of the body.</summary>
    /// <exception cref="RpcException">The body ended inside a message.</exception>
    internal bool TryAdvance(int count)
    {
        _end += count;
        return count > 0 || (_end == _start ? false : throw Faults.Truncated());
    }

    /// <summary>Where the next bytes go, with room for all of a message that has begun.</summary>
    internal Memory<byte> MakeRoom()
    {
        var unread = _end - _start;
        var needed = unread < FrameHeader.Size
            ? InitialCapacity
            : FrameHeader.Size + FrameHeader.Read(_buffer.AsSpan(_start), maxPayloadLength, out _);
        if (needed <= _buffer.Length - _start && _end < _buffer.Length)
        {
            return _buffer.AsMemory(_end);
        }

        var target = needed <= _buffer.Length ? _buffer : ArrayPool<byte>.Shared.Rent(needed);
        _buffer.AsSpan(_start, unread).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        _start = 0;
        _end = unread;
        return _buffer.AsMemory(_end);
    }
}
