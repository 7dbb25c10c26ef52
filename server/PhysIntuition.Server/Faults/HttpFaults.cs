using System.Text.Json.Nodes;
using PhysIntuition.Server.OpenEnv;

namespace PhysIntuition.Server.Faults;

/// <summary>Turns what a request over HTTP throws into a status and {"detail": "..."}.</summary>
internal sealed class HttpFaults(ILogger<HttpFaults> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        try
        {
            return await next(context);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return Results.Empty;
        }
        catch (Exception failure)
        {
            var error = FaultInterceptor.Describe(logger, failure, http.Request.Path);
            return Results.Json(
                new JsonObject { ["detail"] = error.Message }, statusCode: OpenEnvFault.StatusOf(failure));
        }
    }
}
