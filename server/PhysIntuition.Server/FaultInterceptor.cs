using Grpc.Core;
using Grpc.Core.Interceptors;

namespace PhysIntuition.Server;

/// <summary>Turns whatever a handler throws into a status and an <see cref="Error"/> trailer.</summary>
internal sealed partial class FaultInterceptor(ILogger<FaultInterceptor> logger) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Task<TResponse> call;
        try
        {
            call = continuation(request, context);
        }
        catch (Exception failure) when (failure is not RpcException)
        {
            throw ToRpcException(failure, context);
        }

        return call.IsCompletedSuccessfully ? call : WaitAsync(call, context);
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responses, context);
        }
        catch (Exception failure) when (failure is not RpcException)
        {
            throw ToRpcException(failure, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requests, responses, context);
        }
        catch (Exception unreadable) when (unreadable is InvalidProtocolBufferException or InvalidDataException)
        {
            throw ToRpcException(FaultMiddleware.Unreadable(context.Method), context);
        }
        catch (IOException gone)
        {
            // A client that breaks its stream is not a failure of the server.
            throw ToRpcException(new OperationCanceledException(gone.Message, gone), context);
        }
        catch (Exception failure) when (failure is not RpcException)
        {
            throw ToRpcException(failure, context);
        }
    }

    private async Task<TResponse> WaitAsync<TResponse>(Task<TResponse> call, ServerCallContext context)
    {
        try
        {
            return await call;
        }
        catch (Exception failure) when (failure is not RpcException)
        {
            throw ToRpcException(failure, context);
        }
    }

    private RpcException ToRpcException(Exception failure, ServerCallContext context)
    {
        var error = Describe(logger, failure, context.Method);
        var trailers = new Metadata { { FaultTable.ErrorTrailer, error.ToByteArray() } };
        return new RpcException(new Status((StatusCode)error.Code, error.Message), trailers);
    }

    /// <summary>Logs a failure at the level it deserves and says what the caller is told.</summary>
    public static Error Describe(ILogger logger, Exception failure, string call)
    {
        var reference = Guid.NewGuid().ToString("N")[..12];
        var error = FaultTable.ToError(HttpFaults.ToCallFailure(failure), reference);
        if (error.Code == (uint)StatusCode.Internal)
        {
            Log.Failed(logger, failure, call, reference);
        }
        else if (error.Code != (uint)StatusCode.Cancelled)
        {
            Log.Refused(logger, call, error.Reason, error.Message);
        }

        return error;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 101, Level = LogLevel.Information,
            Message = "Refused {Call}: {Reason}. {Explanation}")]
        public static partial void Refused(ILogger logger, string call, string reason, string explanation);

        [LoggerMessage(EventId = 102, Level = LogLevel.Error, Message = "Failed {Call}; reference {Reference}.")]
        public static partial void Failed(ILogger logger, Exception failure, string call, string reference);
    }
}
