using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

internal delegate Task<TResponse> UnaryServiceMethod<TService, TRequest, TResponse>(
    TService service, TRequest request, ServerCallContext context)
    where TRequest : class
    where TResponse : class;

internal delegate Task<TResponse> ClientStreamingServiceMethod<TService, TRequest, TResponse>(
    TService service, IAsyncStreamReader<TRequest> requests, ServerCallContext context)
    where TRequest : class
    where TResponse : class;

internal delegate Task ServerStreamingServiceMethod<TService, TRequest, TResponse>(
    TService service, TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context)
    where TRequest : class
    where TResponse : class;

internal delegate Task DuplexStreamingServiceMethod<TService, TRequest, TResponse>(
    TService service,
    IAsyncStreamReader<TRequest> requests,
    IServerStreamWriter<TResponse> responses,
    ServerCallContext context)
    where TRequest : class
    where TResponse : class;
