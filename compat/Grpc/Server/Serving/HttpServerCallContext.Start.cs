using Grpc.Core;
using Grpc.Net.Compression;
using Microsoft.AspNetCore.Http;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Server.Internal;

internal sealed partial class HttpServerCallContext
{
    private DeadlineTimer? _deadline;
    private DateTime _deadlineTime = DateTime.MaxValue;
    private CancellationTokenSource? _cancellation;
    private CancellationTokenRegistration _abortRegistration;

    /// <summary>The compression of the requests, or null.</summary>
    internal ICompressionProvider? RequestCompression { get; private set; }

    /// <summary>The compression of the responses, or null.</summary>
    internal MessageCompression? ResponseCompression { get; private set; }

    /// <summary>Reads what the request's headers say of the call.</summary>
    /// <exception cref="RpcException">A header is wrong.</exception>
    internal void Start()
    {
        var headers = httpContext.Request.Headers;
        if (headers.TryGetValue(HeaderNames.Timeout, out var timeout))
        {
            StartDeadline(timeout.ToString());
        }

        if (headers.TryGetValue(HeaderNames.Encoding, out var encoding))
        {
            RequestCompression = FindRequestCompression(encoding.ToString());
        }

        if (options.ResponseCompressionAlgorithm is { } algorithm)
        {
            ChooseResponseCompression(algorithm);
        }
    }

    private void StartDeadline(string header)
    {
        if (!TimeoutHeader.TryDecode(header, out var timeout))
        {
            throw Faults.Internal($"Header grpc-timeout is '{header}'; must be 1 to 8 digits and one of H M S m u n.");
        }

        // A deadline centuries away is none.
        var now = DateTime.UtcNow;
        if (timeout < DateTime.MaxValue - now)
        {
            _deadlineTime = now + timeout;
            _deadline = new DeadlineTimer(timeout, static call => ((HttpServerCallContext)call).Expire(), this);
            _deadline.Start();
        }
    }

    private ICompressionProvider? FindRequestCompression(string name)
    {
        try
        {
            return options.Compressions.Find(name);
        }
        catch (RpcException)
        {
            httpContext.Response.Headers[HeaderNames.AcceptEncoding] = options.Compressions.AcceptEncoding;
            throw;
        }
    }

    private void ChooseResponseCompression(string name)
    {
        var accepted = httpContext.Request.Headers[HeaderNames.AcceptEncoding].ToString();
        var isAccepted = accepted.Split(',', StringSplitOptions.TrimEntries).Contains(name, StringComparer.Ordinal);
        ResponseCompression = isAccepted
            ? MessageCompression.Of(options.Compressions.Find(name), options.ResponseCompressionLevel)
            : null;
        if (ResponseCompression is not null)
        {
            httpContext.Response.Headers[HeaderNames.Encoding] = name;
        }
    }

    private CancellationToken DeadlineToken()
    {
        lock (Gate)
        {
            if (_cancellation is null)
            {
                _cancellation = new CancellationTokenSource();
                if (_hasExpired)
                {
                    _cancellation.Cancel();
                }

                _abortRegistration = httpContext.RequestAborted.UnsafeRegister(
                    static state => ((CancellationTokenSource)state!).Cancel(), _cancellation);
            }

            return _cancellation.Token;
        }
    }
}
