using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serialises responses straight into the response's pipe when their length is known before.</summary>
internal sealed class ResponseSerialization(HttpServerCallContext call) : SerializationContext
{
    private readonly PipeWriter _output = call.HttpContext.Response.BodyWriter;
    private bool _isDirect;
    private PooledBuffer? _buffer;

    internal void Write<TResponse>(Marshaller<TResponse> marshaller, TResponse message)
    {
        var isPlain = call.WriteOptions?.Flags.HasFlag(WriteFlags.NoCompress) == true;
        if (call.ResponseCompression is { } compression && !isPlain)
        {
            using var frame = FrameBuffer.Serialize(marshaller, message, call.Options.MaxSendMessageSize, compression);
            Put(frame.Frame.Span);
            return;
        }

        _isDirect = false;
        try
        {
            marshaller.ContextualSerializer(message, this);
        }
        catch when (_isDirect)
        {
            call.IsTorn = true;
            throw;
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        Faults.CheckSentSize(payloadLength, call.Options.MaxSendMessageSize);
        call.HasWritten = true;
        FrameHeader.Write(_output.GetSpan(FrameHeader.Size), false, payloadLength);
        _output.Advance(FrameHeader.Size);
        _isDirect = true;
    }

    public override IBufferWriter<byte> GetBufferWriter() => _isDirect ? _output : _buffer ??= new PooledBuffer();

    public override void Complete()
    {
        if (_isDirect)
        {
            return;
        }

        // The length was not told before: only now can the header be written.
        using var buffer = _buffer ?? new PooledBuffer();
        _buffer = null;
        SetPayloadLength(buffer.WrittenCount);
        Put(buffer.Written.Span);
    }

    public override void Complete(byte[] payload)
    {
        SetPayloadLength(payload.Length);
        Put(payload);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        call.HasWritten = true;
        _output.Write(bytes);
    }
}
