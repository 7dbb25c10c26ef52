using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serves a method with many requests and one response.</summary>
internal sealed class ClientStreamingCallHandler<TService, TRequest, TResponse>
    : CallHandler<TService, TRequest, TResponse>
    where TService : class
    where TRequest : class
    where TResponse : class
{
    private readonly ClientStreamingServiceMethod<TService, TRequest, TResponse> _method;
    private readonly ClientStreamingServerMethod<TRequest, TResponse> _pipeline;

    internal ClientStreamingCallHandler(
        Method<TRequest, TResponse> method,
        ServerMethodOptions options,
        ServiceActivator<TService> activator,
        ILogger logger,
        ClientStreamingServiceMethod<TService, TRequest, TResponse> implementation)
        : base(method, options, activator, logger)
    {
        _method = implementation;
        _pipeline = InterceptorPipeline.ClientStreaming<TRequest, TResponse>(options.Interceptors, Invoke);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    protected override async ValueTask Serve(HttpServerCallContext call)
    {
        var requests = new RequestStream<TRequest>(call, Method.RequestMarshaller);
        WriteResponse(call, await _pipeline(requests, call).ConfigureAwait(false));
    }

    private Task<TResponse> Invoke(IAsyncStreamReader<TRequest> requests, ServerCallContext context)
    {
        var service = Activate(context, out var isOwned);
        try
        {
            var serving = _method(service, requests, context);
            return isOwned ? Disposal.After(serving, service) : serving;
        }
        catch (Exception fault)
        {
            return Disposal.After(Task.FromException<TResponse>(fault), isOwned ? service : null);
        }
    }
}
