using System.Buffers;
using Grpc.Core;

namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>One message with its header, serialised into pooled memory.</summary>
internal sealed class FrameBuffer(int? maxPayloadLength) : SerializationContext, IDisposable
{
    private PooledBuffer _buffer = NewBuffer();
    private bool _isComplete;

    /// <summary>Header and payload.</summary>
    internal ReadOnlyMemory<byte> Frame => _buffer.Written;

    /// <summary>Serialises a message; compresses it when a provider is given.</summary>
    internal static FrameBuffer Serialize<T>(
        Marshaller<T> marshaller, T message, int? maxPayloadLength, MessageCompression? compression)
    {
        var frame = new FrameBuffer(maxPayloadLength);
        try
        {
            marshaller.ContextualSerializer(message, frame);
            frame.Finish(compression);
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        Faults.CheckSentSize(payloadLength, maxPayloadLength);
        _buffer.Reserve(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => _buffer;

    public override void Complete(byte[] payload)
    {
        SetPayloadLength(payload.Length);
        _buffer.Write(payload.AsSpan());
        _isComplete = true;
    }

    public override void Complete() => _isComplete = true;

    /// <summary>Returns the memory.</summary>
    public void Dispose() => _buffer.Dispose();

    private static PooledBuffer NewBuffer()
    {
        var buffer = new PooledBuffer();
        buffer.GetSpan(FrameHeader.Size);
        buffer.Advance(FrameHeader.Size);
        return buffer;
    }

    private void Finish(MessageCompression? compression)
    {
        if (!_isComplete)
        {
            throw Faults.Internal("The serializer returned without completing the message.");
        }

        Faults.CheckSentSize(_buffer.WrittenCount - FrameHeader.Size, maxPayloadLength);
        if (compression is not null)
        {
            Compress(compression.Value);
        }

        FrameHeader.Write(
            _buffer.Written.Span, compression is not null, _buffer.WrittenCount - FrameHeader.Size);
    }

    private void Compress(MessageCompression compression)
    {
        var compressed = NewBuffer();
        using (var stream = compression.Provider.CreateCompressionStream(compressed, compression.Level))
        {
            stream.Write(_buffer.Written.Span[FrameHeader.Size..]);
        }

        _buffer.Dispose();
        _buffer = compressed;
    }
}
