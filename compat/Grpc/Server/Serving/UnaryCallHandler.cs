using System.Runtime.CompilerServices;
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
        ServiceActivator<TService> activator,
        ILogger logger,
        UnaryServiceMethod<TService, TRequest, TResponse> implementation)
        : base(method, options, activator, logger)
    {
        _method = implementation;
        _pipeline = InterceptorPipeline.Unary<TRequest, TResponse>(options.Interceptors, Invoke);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    protected override async ValueTask Serve(HttpServerCallContext call)
    {
        var request = await ReadRequest(call).ConfigureAwait(false);
        WriteResponse(call, await _pipeline(request, call).ConfigureAwait(false));
    }

    private Task<TResponse> Invoke(TRequest request, ServerCallContext context)
    {
        var service = Activate(context, out var isOwned);
        try
        {
            var serving = _method(service, request, context);
            return isOwned ? Disposal.After(serving, service) : serving;
        }
        catch (Exception fault)
        {
            return Disposal.After(Task.FromException<TResponse>(fault), isOwned ? service : null);
        }
    }
}
