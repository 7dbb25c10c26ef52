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
        ILogger logger,
        ClientStreamingServiceMethod<TService, TRequest, TResponse> implementation)
        : base(method, options, logger)
    {
        _method = implementation;
        _pipeline = InterceptorPipeline.ClientStreaming<TRequest, TResponse>(options.Interceptors, Invoke);
    }

    protected override async Task Serve(HttpServerCallContext call)
    {
        var requests = new RequestStream<TRequest>(call, Method.RequestMarshaller);
        var response = Checked(await _pipeline(requests, call).ConfigureAwait(false));
        if (call.Status.StatusCode == StatusCode.OK)
        {
            new ResponseStream<TResponse>(call, Method.ResponseMarshaller).Write(response);
        }
    }

    private async Task<TResponse> Invoke(IAsyncStreamReader<TRequest> requests, ServerCallContext context)
    {
        var service = ServiceActivator<TService>.Activate(context.GetHttpContext().RequestServices, out var isOwned);
        try
        {
            return await _method(service, requests, context).ConfigureAwait(false);
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
