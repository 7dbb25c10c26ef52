using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>The status that an exception of a service or of the transport stands for.</summary>
internal static partial class ServerFaultStatus
{
    internal static Status From(Exception fault, HttpServerCallContext call, ILogger logger)
    {
        if (fault is RpcException rpc)
        {
            call.AddTrailers(rpc.Trailers);
            Log.Raised(logger, rpc.StatusCode, rpc.Status.Detail, call.Method);
            return rpc.Status;
        }

        if (call.HttpContext.RequestAborted.IsCancellationRequested)
        {
            Log.Cancelled(logger, call.Method);
            return new Status(StatusCode.Cancelled, "The call was cancelled.");
        }

        if (fault is BadHttpRequestException bad)
        {
            Log.BadRequest(logger, call.Method, bad.Message);
            return new Status(FromHttp(bad.StatusCode), bad.Message);
        }

        Log.Unexpected(logger, fault, call.Method);
        var detail = call.Options.EnableDetailedErrors
            ? $"Exception was thrown by handler. {fault.GetType().Name}: {fault.Message}"
            : "Exception was thrown by handler.";
        return new Status(StatusCode.Unknown, detail);
    }

    private static StatusCode FromHttp(int httpStatus) => httpStatus switch
    {
        StatusCodes.Status413PayloadTooLarge => StatusCode.ResourceExhausted,
        StatusCodes.Status408RequestTimeout => StatusCode.Cancelled,
        _ => StatusCode.Internal,
    };

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Information, "{Method} ended with {StatusCode}: {Detail}")]
        internal static partial void Raised(ILogger logger, StatusCode statusCode, string detail, string method);

        [LoggerMessage(11, LogLevel.Debug, "{Method} was cancelled by its caller.")]
        internal static partial void Cancelled(ILogger logger, string method);

        [LoggerMessage(12, LogLevel.Information, "{Method} got a bad request: {Reason}")]
        internal static partial void BadRequest(ILogger logger, string method, string reason);

        [LoggerMessage(13, LogLevel.Error, "{Method} threw an unexpected exception.")]
        internal static partial void Unexpected(ILogger logger, Exception fault, string method);
    }
}
