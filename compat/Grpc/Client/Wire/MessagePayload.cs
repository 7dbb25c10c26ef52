using System.Buffers;
using Grpc.Core;

namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>Hands a received message to a marshaller without a copy.</summary>
/// <remarks>One object per thread is enough: deserialising never waits.</remarks>
internal sealed class MessagePayload : DeserializationContext
{
    [ThreadStatic]
    private static MessagePayload? s_shared;

    private ReadOnlySequence<byte> _payload;

    public override int PayloadLength => (int)_payload.Length;

    public override byte[] PayloadAsNewBuffer() => _payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;

    internal static T Deserialize<T>(Marshaller<T> marshaller, ReadOnlySequence<byte> payload)
    {
        var context = s_shared ?? new MessagePayload();
        s_shared = null;
        context._payload = payload;
        try
        {
            return marshaller.ContextualDeserializer(context)
                ?? throw Faults.Internal("The deserializer returned null.");
        }
        catch (Exception fault) when (fault is not RpcException)
        {
            throw Faults.Unreadable(fault);
        }
        finally
        {
            context._payload = default;
            s_shared = context;
        }
    }
}
