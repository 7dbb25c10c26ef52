using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serves the calls of one method.</summary>
internal abstract class CallHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    ServerMethodOptions options,
    ServiceActivator<TService> activator,
    ILogger logger)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected Method<TRequest, TResponse> Method => method;

    internal Task Handle(HttpContext http)
    {
        if (!RequestCheck.TryAccept(http))
        {
            return Task.CompletedTask;
        }

        return Run(new HttpServerCallContext(http, method, options, logger));
    }

    /// <summary>Reads, calls the service, writes.</summary>
    protected abstract ValueTask Serve(HttpServerCallContext call);

    protected TService Activate(ServerCallContext context, out bool isOwned) =>
        activator.Activate(context.GetHttpContext(), out isOwned);

    protected ValueTask<TRequest> ReadRequest(HttpServerCallContext call) =>
        new RequestStream<TRequest>(call, method.RequestMarshaller).ReadOnly();

    /// <summary>Writes the one response, unless the service chose a failure.</summary>
    protected void WriteResponse(HttpServerCallContext call, TResponse? response)
    {
        if (call.Status.StatusCode == StatusCode.OK)
        {
            new ResponseStream<TResponse>(call, method.ResponseMarshaller).Write(response
                ?? throw new RpcException(new Status(StatusCode.Internal, "The service method returned no message.")));
        }
    }

    private async Task Run(HttpServerCallContext call)
    {
        try
        {
            call.Start();
            await Serve(call).ConfigureAwait(false);
            call.End();
        }
        catch (Exception fault)
        {
            call.Fail(fault);
        }
        finally
        {
            await call.Close().ConfigureAwait(false);
        }
    }
}
