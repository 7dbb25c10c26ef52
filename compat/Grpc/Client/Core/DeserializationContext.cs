using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller reads one message from; valid only during the call of the marshaller.</summary>
public abstract class DeserializationContext
{
    /// <summary>The size of the message in bytes.</summary>
    public abstract int PayloadLength { get; }

    /// <summary>The message in a new array.</summary>
    public virtual byte[] PayloadAsNewBuffer() => throw new NotSupportedException("Override this method.");

    /// <summary>The message where it lies in the transport's buffers.</summary>
    public virtual ReadOnlySequence<byte> PayloadAsReadOnlySequence() =>
        throw new NotSupportedException("Override this method.");
}
