using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serves a method with one request and many responses.</summary>
internal sealed class ServerStreamingCallHandler<TService, TRequest, TResponse>
    : CallHandler<TService, TRequest, TResponse>
    where TService : class
    where TRequest : class
    where TResponse : class
{
    private readonly ServerStreamingServiceMethod<TService, TRequest, TResponse> _method;
    private readonly ServerStreamingServerMethod<TRequest, TResponse> _pipeline;

    internal ServerStreamingCallHandler(
        Method<TRequest, TResponse> method,
        ServerMethodOptions options,
        ServiceActivator<TService> activator,
        ILogger logger,
        ServerStreamingServiceMethod<TService, TRequest, TResponse> implementation)
        : base(method, options, activator, logger)
    {
        _method = implementation;
        _pipeline = InterceptorPipeline.ServerStreaming<TRequest, TResponse>(options.Interceptors, Invoke);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    protected override async ValueTask Serve(HttpServerCallContext call)
    {
        var request = await ReadRequest(call).ConfigureAwait(false);
        var responses = new ResponseStream<TResponse>(call, Method.ResponseMarshaller);
        await _pipeline(request, responses, call).ConfigureAwait(false);
    }

    private Task Invoke(TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context)
    {
        var service = Activate(context, out var isOwned);
        try
        {
            var serving = _method(service, request, responses, context);
            return isOwned ? Disposal.After(serving, service) : serving;
        }
        catch (Exception fault)
        {
            return Disposal.After(Task.FromException(fault), isOwned ? service : null);
        }
    }
}
