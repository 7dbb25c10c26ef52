using Grpc.Core;

namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>The faults that both ends find in messages.</summary>
internal static class Faults
{
    internal static RpcException Internal(string detail, Exception? cause = null) =>
        new(new Status(StatusCode.Internal, detail, cause));

    internal static RpcException Truncated() => Internal("Incomplete message: the stream ended inside it.");

    internal static RpcException Surplus() => Internal("Additional data after the one message of the call.");

    internal static RpcException Unreadable(Exception cause) =>
        Internal($"Failed to deserialize the message. {cause.GetType().Name}: {cause.Message}", cause);

    /// <summary>Throws when a message is larger than this side accepts.</summary>
    internal static void CheckReceivedSize(long size, int? limit)
    {
        if (size > (limit ?? int.MaxValue))
        {
            throw TooLarge("Received", size, limit, "MaxReceiveMessageSize");
        }
    }

    /// <summary>Throws when a message is larger than this side may send.</summary>
    internal static void CheckSentSize(long size, int? limit)
    {
        if (size > (limit ?? int.MaxValue - FrameHeader.Size))
        {
            throw TooLarge("Sent", size, limit, "MaxSendMessageSize");
        }
    }

    /// <summary>Throws when a decompressed message would pass the limit; its whole size is not known.</summary>
    internal static RpcException InflatesBeyond(int limit) => new(new Status(
        StatusCode.ResourceExhausted,
        $"Received message decompresses to more than the allowed {limit} bytes; raise MaxReceiveMessageSize."));

    private static RpcException TooLarge(string verb, long size, int? limit, string option) => new(new Status(
        StatusCode.ResourceExhausted,
        $"{verb} message has {size} bytes; at most {limit ?? int.MaxValue} are allowed. Raise {option}."));
}
