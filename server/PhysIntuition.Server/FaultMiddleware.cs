using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.WebUtilities;
using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Server;

/// <summary>What an endpoint throws becomes its answer: a problem (RFC 9457), or a status of gRPC.</summary>
/// <remarks>
/// A gRPC method's own failures are <see cref="FaultInterceptor"/>'s; what no interceptor sees is explained here.
/// </remarks>
internal sealed class FaultMiddleware(RequestDelegate next, Drain drain, ILogger<FaultMiddleware> logger)
{
    /// <summary>What a refusal over HTTP is.</summary>
    public const string ProblemType = "application/problem+json";

    private const string StatusHeader = "grpc-status";

    // Every field, also where it is empty, as everything else under /api.
    private static readonly JsonFormatter s_writer =
        new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    private static readonly string s_unknown = ((int)StatusCode.Unknown).ToString(CultureInfo.InvariantCulture);

    /// <summary>Serves one request.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        Task call;
        try
        {
            call = next(http);
        }
        catch (Exception failure)
        {
            return AnswerAsync(http, failure);
        }

        if (!call.IsCompletedSuccessfully)
        {
            return WaitAsync(http, call);
        }

        ExplainUnknown(http);
        return Task.CompletedTask;
    }

    /// <summary>What is told of a request to a gRPC method whose bytes are no message.</summary>
    public static PhysIntuitionException Unreadable(string method) => new(Fault.InvalidArgument, "",
        $"The request to {method} cannot be read: its bytes are no message of this method. Send the message that " +
        "the proto file names, in one frame of flag, length and bytes.")
    {
        Reason = "UNREADABLE",
    };

    private async Task WaitAsync(HttpContext http, Task call)
    {
        try
        {
            await call;
            ExplainUnknown(http);
        }
        catch (Exception failure)
        {
            await AnswerAsync(http, failure);
        }
    }

    private async Task AnswerAsync(HttpContext http, Exception failure)
    {
        if (failure is OperationCanceledException && http.RequestAborted.IsCancellationRequested)
        {
            return;   // nobody reads an answer
        }

        var error = FaultInterceptor.Describe(logger, failure, http.Request.Path);
        if (http.Response.HasStarted)
        {
            http.Abort();   // half an answer must not look like a whole one
        }
        else if (http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            http.Response.ContentType = "application/grpc";
            WriteStatus(http.Response.Headers, error);
        }
        else
        {
            await WriteProblemAsync(http, HttpFaults.StatusOf(failure), error);
        }
    }

    private static Task WriteProblemAsync(HttpContext http, int status, Error error)
    {
        var problem = JsonNode.Parse(s_writer.Format(error))!.AsObject();
        problem.Insert(0, "title", ReasonPhrases.GetReasonPhrase(status));
        problem.Insert(1, "status", status);
        problem.Insert(2, "detail", error.Message);
        http.Response.StatusCode = status;
        http.Response.ContentType = ProblemType;
        http.Response.Headers.CacheControl = "no-store";
        if (error.RetryAfterMs > 0)
        {
            http.Response.Headers.RetryAfter =
                ((error.RetryAfterMs + 999) / 1000).ToString(CultureInfo.InvariantCulture);   // whole seconds
        }

        if (status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return http.Response.WriteAsync(problem.ToJsonString(), http.RequestAborted);
    }

    // UNKNOWN is what no interceptor has seen: a request that could not be read, or services that are gone already.
    // A call that fails before it has replied has its status among the headers.
    private void ExplainUnknown(HttpContext http)
    {
        if (http.Response.HasStarted || http.Response.Headers[StatusHeader] != s_unknown ||
            http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName is not { } method)
        {
            return;
        }

        var failure = drain.Started.IsCancellationRequested ? Drain.ToException() : Unreadable(method);
        WriteStatus(http.Response.Headers, FaultInterceptor.Describe(logger, failure, method));
    }

    private static void WriteStatus(IHeaderDictionary headers, Error error)
    {
        headers[StatusHeader] = error.Code.ToString(CultureInfo.InvariantCulture);
        headers["grpc-message"] = Uri.EscapeDataString(error.Message);
        headers[FaultTable.ErrorTrailer] = Convert.ToBase64String(error.ToByteArray());
    }
}

/// <summary>Failures that only a server knows: of its connections, of its database, and as statuses of HTTP.</summary>
internal static class HttpFaults
{
    /// <summary>The same failure as the calls know it.</summary>
    public static Exception ToCallFailure(Exception failure) => failure switch
    {
        StorageException gone => new PhysIntuitionException(Fault.Unavailable, "",
            $"The leaderboard's database does not answer ({gone.Message}) Nothing was stored; try again later."),
        // A request that breaks off on its way is the client's doing, whatever Kestrel calls it.
        BadHttpRequestException or ConnectionResetException =>
            new OperationCanceledException(failure.Message, failure),
        _ => failure,
    };

    /// <summary>The HTTP status of a failure.</summary>
    public static int StatusOf(Exception failure) =>
        (failure, (ToCallFailure(failure) as PhysIntuitionException)?.Fault) switch
        {
            (BadHttpRequestException broken, _) => broken.StatusCode,
            (OperationCanceledException, _) => StatusCodes.Status503ServiceUnavailable,
            (_, Fault.InvalidArgument) => StatusCodes.Status422UnprocessableEntity,
            (_, Fault.OutOfOrder) => StatusCodes.Status409Conflict,
            (_, Fault.NotFound) => StatusCodes.Status404NotFound,
            (_, Fault.LimitReached) => StatusCodes.Status429TooManyRequests,
            (_, Fault.NotAllowed) => StatusCodes.Status403Forbidden,
            (_, Fault.NotAuthenticated) => StatusCodes.Status401Unauthorized,
            (_, Fault.Unavailable) => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };
}
