using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Puts interceptors around a method; each is activated per call.</summary>
internal static class InterceptorPipeline
{
    internal static UnaryServerMethod<TRequest, TResponse> Unary<TRequest, TResponse>(
        IEnumerable<InterceptorRegistration> interceptors, UnaryServerMethod<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        interceptors.Reverse().Aggregate(method, (next, registration) => async (request, context) =>
        {
            await using var interceptor = new ActiveInterceptor(registration, context);
            return await interceptor.Instance.UnaryServerHandler(request, context, next).ConfigureAwait(false);
        });

    internal static ClientStreamingServerMethod<TRequest, TResponse> ClientStreaming<TRequest, TResponse>(
        IEnumerable<InterceptorRegistration> interceptors, ClientStreamingServerMethod<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        interceptors.Reverse().Aggregate(method, (next, registration) => async (requests, context) =>
        {
            await using var interceptor = new ActiveInterceptor(registration, context);
            return await interceptor.Instance.ClientStreamingServerHandler(requests, context, next)
                .ConfigureAwait(false);
        });

    internal static ServerStreamingServerMethod<TRequest, TResponse> ServerStreaming<TRequest, TResponse>(
        IEnumerable<InterceptorRegistration> interceptors, ServerStreamingServerMethod<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        interceptors.Reverse().Aggregate(method, (next, registration) => async (request, responses, context) =>
        {
            await using var interceptor = new ActiveInterceptor(registration, context);
            await interceptor.Instance.ServerStreamingServerHandler(request, responses, context, next)
                .ConfigureAwait(false);
        });

    internal static DuplexStreamingServerMethod<TRequest, TResponse> DuplexStreaming<TRequest, TResponse>(
        IEnumerable<InterceptorRegistration> interceptors, DuplexStreamingServerMethod<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        interceptors.Reverse().Aggregate(method, (next, registration) => async (requests, responses, context) =>
        {
            await using var interceptor = new ActiveInterceptor(registration, context);
            await interceptor.Instance.DuplexStreamingServerHandler(requests, responses, context, next)
                .ConfigureAwait(false);
        });
}
