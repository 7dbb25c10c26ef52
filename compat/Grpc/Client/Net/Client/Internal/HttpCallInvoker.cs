using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Calls methods over a channel.</summary>
internal sealed class HttpCallInvoker(GrpcChannel channel) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        AsyncUnaryCall(method, host, options, request).GetAwaiter().GetResult();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, host, options);
        return new AsyncUnaryCall<TResponse>(
            call.StartUnary(request), CallState.Headers, CallState.Status, CallState.Trailers, CallState.Dispose, call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, host, options);
        return new AsyncServerStreamingCall<TResponse>(
            call.StartServerStreaming(request),
            CallState.Headers,
            CallState.Status,
            CallState.Trailers,
            CallState.Dispose,
            call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, host, options);
        var response = call.StartClientStreaming();
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            call.Requests!,
            response,
            CallState.Headers,
            CallState.Status,
            CallState.Trailers,
            CallState.Dispose,
            call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, host, options);
        var responses = call.StartDuplexStreaming();
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            call.Requests!,
            responses,
            CallState.Headers,
            CallState.Status,
            CallState.Trailers,
            CallState.Dispose,
            call);
    }

    private static class CallState
    {
        internal static readonly Func<object, Task<Metadata>> Headers = state => ((GrpcCall)state).ResponseHeaders();
        internal static readonly Func<object, Status> Status = state => ((GrpcCall)state).GetStatus();
        internal static readonly Func<object, Metadata> Trailers = state => ((GrpcCall)state).GetTrailers();
        internal static readonly Action<object> Dispose = state => ((GrpcCall)state).Dispose();
    }
}
