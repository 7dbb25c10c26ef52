using System.Buffers;
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

    /// <summary>Reads the next message; false at the end of the body.</summary>
    internal async ValueTask<bool> Read(CancellationToken cancellationToken)
    {
        while (!TryReadBuffered())
        {
            MakeRoom();
            var count = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return _end == _start ? false : throw Faults.Truncated();
            }

            _end += count;
        }

        return true;
    }

    private void MakeRoom()
    {
        var unread = _end - _start;
        var needed = unread < FrameHeader.Size
            ? InitialCapacity
            : FrameHeader.Size + FrameHeader.Read(_buffer.AsSpan(_start), maxPayloadLength, out _);
        if (needed <= _buffer.Length - _start && _end < _buffer.Length)
        {
            return;
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
    }
}
