using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller writes one message.</summary>
public abstract class SerializationContext
{
    /// <summary>Hands over the whole message; call it or <see cref="Complete()"/>, once.</summary>
    public virtual void Complete(byte[] payload) => throw new NotSupportedException("Override this method.");

    /// <summary>The buffer to write to; end with <see cref="Complete()"/>.</summary>
    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotSupportedException("Override this method.");

    /// <summary>Tells the number of bytes before the first is written, so that nothing is copied.</summary>
    public virtual void SetPayloadLength(int payloadLength)
    {
    }

    /// <summary>Ends a message that went to the buffer.</summary>
    public virtual void Complete() => throw new NotSupportedException("Override this method.");
}
