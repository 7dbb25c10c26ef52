"""The interop messages, made from the descriptor that the tests hand over: no code generator is needed."""
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE = "physintuition.interop.v1.Interop"


def load(path):
    """Returns the classes Ask and Reply for a serialised FileDescriptorProto."""
    with open(path, "rb") as file:
        proto = descriptor_pb2.FileDescriptorProto.FromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(proto)
    factory = message_factory.MessageFactory(pool)
    return [
        factory.GetPrototype(pool.FindMessageTypeByName("physintuition.interop.v1." + name))
        for name in ("Ask", "Reply")
    ]
