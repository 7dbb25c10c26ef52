using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serialises responses straight into the response's pipe when their length is known before.</summary>
internal sealed class ResponseSerialization : SerializationContext
{
    [ThreadStatic]
    private static ResponseSerialization? s_shared;

    private HttpServerCallContext _call = null!;
    private PipeWriter _output = null!;
    private bool _isDirect;
    private PooledBuffer? _buffer;

    /// <summary>Writes one message; serialising never waits, so one object per thread is enough.</summary>
    internal static void Write<TResponse>(
        HttpServerCallContext call, Marshaller<TResponse> marshaller, TResponse message)
    {
        var serialization = s_shared ?? new ResponseSerialization();
        s_shared = null;
        serialization._call = call;
        serialization._output = call.HttpContext.Response.BodyWriter;
        serialization.Write(marshaller, message);
        serialization._call = null!;
        serialization._output = null!;
        s_shared = serialization;
    }

    public override void SetPayloadLength(int payloadLength)
    {
        Faults.CheckSentSize(payloadLength, _call.Options.MaxSendMessageSize);
        _call.HasWritten = true;
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
        _call.HasWritten = true;
        _output.Write(bytes);
    }

    private void Write<TResponse>(Marshaller<TResponse> marshaller, TResponse message)
    {
        var isPlain = _call.WriteOptions?.Flags.HasFlag(WriteFlags.NoCompress) == true;
        if (_call.ResponseCompression is { } compression && !isPlain)
        {
            using var frame = FrameBuffer.Serialize(marshaller, message, _call.Options.MaxSendMessageSize, compression);
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
            _call.IsTorn = true;
            throw;
        }
    }
}
