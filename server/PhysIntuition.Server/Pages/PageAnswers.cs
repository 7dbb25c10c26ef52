using System.Text.Json.Nodes;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.OpenEnv;

namespace PhysIntuition.Server.Pages;

/// <summary>Turns what a page's request throws into a status and {"detail": "..."}.</summary>
internal sealed class PageAnswers(ILogger<PageAnswers> logger)
{
    /// <summary>A handler that answers faults too.</summary>
    public RequestDelegate Of(Func<HttpContext, Task<IResult>> answer) => async context =>
    {
        IResult result;
        try
        {
            result = await answer(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            var error = FaultInterceptor.Describe(logger, failure, context.Request.Path);
            result = Results.Json(
                new JsonObject { ["detail"] = error.Message }, statusCode: OpenEnvFault.StatusOf(failure));
        }

        await result.ExecuteAsync(context);
    };
}
