using System.Net.Http;
using System.Net.Sockets;
using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>The status that a fault of the transport stands for.</summary>
internal static class FaultStatus
{
    internal static Status From(Exception fault) => fault switch
    {
        RpcException rpc => rpc.Status,
        OperationCanceledException => new Status(StatusCode.Cancelled, fault.Message, fault),
        _ when Find<HttpProtocolException>(fault) is { } protocol =>
            new Status(FromHttp2(protocol.ErrorCode), Describe(fault), fault),
        HttpRequestException or IOException or SocketException =>
            new Status(StatusCode.Unavailable, Describe(fault), fault),
        _ => new Status(StatusCode.Internal, Describe(fault), fault),
    };

    /// <summary>The status for an HTTP status other than 200.</summary>
    internal static StatusCode FromHttp(int httpStatus) => httpStatus switch
    {
        400 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    // The table of the gRPC-over-HTTP2 specification; STREAM_CLOSED, which it leaves out, takes the connection along.
    private static StatusCode FromHttp2(long errorCode) => errorCode switch
    {
        0x5 or 0x7 => StatusCode.Unavailable,
        0x8 => StatusCode.Cancelled,
        0xb => StatusCode.ResourceExhausted,
        0xc => StatusCode.PermissionDenied,
        _ => StatusCode.Internal,
    };

    private static T? Find<T>(Exception fault)
        where T : Exception
    {
        for (var cause = fault; cause is not null; cause = cause.InnerException)
        {
            if (cause is T found)
            {
                return found;
            }
        }

        return null;
    }

    private static string Describe(Exception fault)
    {
        var parts = new List<string>();
        for (var cause = fault; cause is not null; cause = cause.InnerException)
        {
            parts.Add($"{cause.GetType().Name}: {cause.Message}");
        }

        return $"Error in the gRPC call. {string.Join(' ', parts)}";
    }
}
