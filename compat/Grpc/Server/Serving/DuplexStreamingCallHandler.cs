using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serves a method with many requests and many responses.</summary>
internal sealed class DuplexStreamingCallHandler<TService, TRequest, TResponse>
    : CallHandler<TService, TRequest, TResponse>
    where TService : class
    where TRequest : class
    where TResponse : class
{
    private readonly DuplexStreamingServiceMethod<TService, TRequest, TResponse> _method;
    private readonly DuplexStreamingServerMethod<TRequest, TResponse> _pipeline;

    internal DuplexStreamingCallHandler(
        Method<TRequest, TResponse> method,
        ServerMethodOptions options,
        ServiceActivator<TService> activator,
        ILogger logger,
        DuplexStreamingServiceMethod<TService, TRequest, TResponse> implementation)
        : base(method, options, activator, logger)
    {
        _method = implementation;
        _pipeline = InterceptorPipeline.DuplexStreaming<TRequest, TResponse>(options.Interceptors, Invoke);
    }

    protected override ValueTask Serve(HttpServerCallContext call) => new(_pipeline(
        new RequestStream<TRequest>(call, Method.RequestMarshaller),
        new ResponseStream<TResponse>(call, Method.ResponseMarshaller),
        call));

    private Task Invoke(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context)
    {
        var service = Activate(context, out var isOwned);
        try
        {
            var serving = _method(service, requests, responses, context);
            return isOwned ? Disposal.After(serving, service) : serving;
        }
        catch (Exception fault)
        {
            return Disposal.After(Task.FromException(fault), isOwned ? service : null);
        }
    }
}
