using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>A call that came as an HTTP/2 request.</summary>
internal sealed partial class HttpServerCallContext(
    HttpContext httpContext, IMethod method, ServerMethodOptions options, ILogger logger) : ServerCallContext
{
    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private AuthContext? _authContext;
    private WriteOptions? _writeOptions;
    private Status _status = Status.DefaultSuccess;

    internal HttpContext HttpContext => httpContext;

    internal ServerMethodOptions Options => options;

    /// <summary>Guards the response: nobody writes a message while the call ends.</summary>
    internal Lock Gate { get; } = new();

    protected override string MethodCore => method.FullName;

    protected override string HostCore => httpContext.Request.Host.Value ?? "";

    protected override string PeerCore => PeerDescription.Of(httpContext);

    protected override DateTime DeadlineCore => _deadlineTime;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadHeaders();

    protected override CancellationToken CancellationTokenCore =>
        _deadline is null ? httpContext.RequestAborted : DeadlineToken();

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore
    {
        get => _status;
        set => _status = value;
    }

    protected override WriteOptions? WriteOptionsCore
    {
        get => _writeOptions;
        set => _writeOptions = value;
    }

    protected override AuthContext AuthContextCore => _authContext ??= PeerCertificate.ToAuthContext(httpContext);

    protected override IDictionary<object, object> UserStateCore => HttpUserState();

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        lock (Gate)
        {
            if (HasWritten || httpContext.Response.HasStarted)
            {
                throw new InvalidOperationException(
                    "The response headers were sent already; call WriteResponseHeadersAsync once, before any message.");
            }

            AddHeaders(responseHeaders);
            HasWritten = true;
        }

        return Flush().AsTask();
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        new ServedCallPropagationToken(
            options ?? ContextPropagationOptions.Default, DeadlineCore, CancellationTokenCore);

    private Metadata ReadHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, values) in httpContext.Request.Headers)
        {
            if (MetadataHeaders.IsReserved(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                MetadataHeaders.Append(metadata, name, value ?? "");
            }
        }

        return metadata;
    }

    private void AddHeaders(Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            if (entry.Key == HeaderNames.EncodingRequest)
            {
                ChooseResponseCompression(entry.Value);
            }
            else if (!MetadataHeaders.IsReserved(entry.Key))
            {
                AddHeader(httpContext.Response.Headers, entry);
            }
        }
    }

    // Not Append: that leaves out empty values.
    private static void AddHeader(IHeaderDictionary headers, Metadata.Entry entry) =>
        headers[entry.Key] = StringValues.Concat(headers[entry.Key], MetadataHeaders.ToHeaderValue(entry));

    private IDictionary<object, object> HttpUserState()
    {
        var state = base.UserStateCore;
        state.TryAdd("__HttpContext", httpContext);
        return state;
    }
}
