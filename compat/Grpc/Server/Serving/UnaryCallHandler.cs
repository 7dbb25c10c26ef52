using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serves a method with one request and one response.</summary>
internal sealed class UnaryCallHandler<TService, TRequest, TResponse> : CallHandler<TService, TRequest, TResponse>
    where TService : class
    where TRequest : class
    where TResponse : class
{
    private readonly UnaryServiceMethod<TService, TRequest, TResponse> _method;
    private readonly UnaryServerMethod<TRequest, TResponse> _pipeline;

    internal UnaryCallHandler(
        Method<TRequest, TResponse> method,
        ServerMethodOptions options,
        ILogger logger,
        UnaryServiceMethod<TService, TRequest, TResponse> implementation)
        : base(method, options, logger)
    {
        _method = implementation;
        _pipeline = InterceptorPipeline.Unary<TRequest, TResponse>(options.Interceptors, Invoke);
    }

    protected override async Task Serve(HttpServerCallContext call)
    {
        var request = await new RequestStream<TRequest>(call, Method.RequestMarshaller).ReadOnly().ConfigureAwait(false);
        var response = Checked(await _pipeline(request, call).ConfigureAwait(false));
        if (call.Status.StatusCode == StatusCode.OK)
        {
            new ResponseStream<TResponse>(call, Method.ResponseMarshaller).Write(response);
        }
    }

    private async Task<TResponse> Invoke(TRequest request, ServerCallContext context)
    {
        var service = ServiceActivator<TService>.Activate(context.GetHttpContext().RequestServices, out var isOwned);
        try
        {
            return await _method(service, request, context).ConfigureAwait(false);
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
