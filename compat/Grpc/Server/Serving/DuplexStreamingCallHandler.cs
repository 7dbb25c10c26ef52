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
        ILogger logger,
        DuplexStreamingServiceMethod<TService, TRequest, TResponse> implementation)
        : base(method, options, logger)
    {
        _method = implementation;
        _pipeline = InterceptorPipeline.DuplexStreaming<TRequest, TResponse>(options.Interceptors, Invoke);
    }

    protected override Task Serve(HttpServerCallContext call) => _pipeline(
        new RequestStream<TRequest>(call, Method.RequestMarshaller),
        new ResponseStream<TResponse>(call, Method.ResponseMarshaller),
        call);

    private async Task Invoke(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context)
    {
        var service = ServiceActivator<TService>.Activate(context.GetHttpContext().RequestServices, out var isOwned);
        try
        {
            await _method(service, requests, responses, context).ConfigureAwait(false);
        }
        finally
        {
            if (isOwned)
            {
                await Disposal.Dispose(service).ConfigureAwait(false);
            }
        }
    }
}
