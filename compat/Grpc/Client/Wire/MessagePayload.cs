using System.Buffers;
using Grpc.Core;

namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>Hands one received message to a marshaller without a copy; reused from message to message.</summary>
internal sealed class MessagePayload : DeserializationContext
{
    private ReadOnlySequence<byte> _payload;

    public override int PayloadLength => (int)_payload.Length;

    public override byte[] PayloadAsNewBuffer() => _payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;

    internal T Deserialize<T>(Marshaller<T> marshaller, ReadOnlySequence<byte> payload)
    {
        _payload = payload;
        try
        {
            return marshaller.ContextualDeserializer(this)
                ?? throw Faults.Internal("The deserializer returned null.");
        }
        catch (Exception fault) when (fault is not RpcException)
        {
            throw Faults.Unreadable(fault);
        }
        finally
        {
            _payload = default;
        }
    }
}
