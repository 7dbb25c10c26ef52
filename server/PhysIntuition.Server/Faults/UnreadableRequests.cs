using System.Globalization;
using Google.Protobuf;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using PhysIntuition.Faults;
using PhysIntuition.Server.Hosting;

namespace PhysIntuition.Server.Faults;

/// <summary>Explains requests whose bytes are no message: they fail before any interceptor sees the call.</summary>
internal static class UnreadableRequests
{
    private const string StatusHeader = "grpc-status";

    private static readonly string s_unknown = ((int)StatusCode.Unknown).ToString(CultureInfo.InvariantCulture);

    /// <summary>What the caller is told.</summary>
    /// <param name="method">Path of the gRPC method.</param>
    public static PhysIntuitionException ToException(string method) => new(Fault.InvalidArgument, "",
        $"The request to {method} cannot be read: its bytes are no message of this method. Send the message that " +
        "the proto file names, in one frame of flag, length and bytes.")
    {
        Reason = "UNREADABLE",
    };

    /// <summary>Watches every gRPC call; goes behind gRPC-Web and before the endpoints.</summary>
    public static void Use(WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILogger<FaultInterceptor>>();
        var drain = app.Services.GetRequiredService<Drain>();
        app.Use((http, next) =>
        {
            var call = next(http);
            if (!call.IsCompletedSuccessfully)
            {
                return ExplainAfterAsync(call, http, drain, logger);
            }

            Explain(http, drain, logger);
            return Task.CompletedTask;
        });
    }

    private static async Task ExplainAfterAsync(Task call, HttpContext http, Drain drain, ILogger logger)
    {
        await call;
        Explain(http, drain, logger);
    }

    // UNKNOWN is what no interceptor has seen: a request that could not be read, or services that are gone already.
    // A call that fails before it has replied has its status among the headers.
    private static void Explain(HttpContext http, Drain drain, ILogger logger)
    {
        var headers = http.Response.Headers;
        if (http.Response.HasStarted || headers[StatusHeader] != s_unknown ||
            http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName is not { } method)
        {
            return;
        }

        var failure = drain.Started.IsCancellationRequested ? Drain.ToException() : ToException(method);
        var error = FaultInterceptor.Describe(logger, failure, method);
        headers[StatusHeader] = error.Code.ToString(CultureInfo.InvariantCulture);
        headers["grpc-message"] = error.Message;
        headers[FaultTable.ErrorTrailer] = Convert.ToBase64String(error.ToByteArray());
    }
}
