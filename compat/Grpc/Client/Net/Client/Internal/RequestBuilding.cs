using Grpc.Core;
using Grpc.Net.Compression;
using Microsoft.Extensions.Logging;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.Net.Client.Internal;

/// <summary>Makes the HTTP request of a call.</summary>
internal static partial class RequestBuilding
{
    private const string UserAgent = "grpc-csharp-physintuition/1.0";

    internal static HttpRequestMessage Create(
        GrpcChannel channel, MethodAddress address, string? host, TimeSpan? timeout, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address.Method)
        {
            Version = channel.HttpVersion,
            VersionPolicy = channel.HttpVersionPolicy,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation(HeaderNames.AcceptEncoding, channel.Compressions.AcceptEncoding);
        if (host is not null)
        {
            request.Headers.Host = host;
        }

        if (timeout is { } left)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Timeout, TimeoutHeader.Encode(left));
        }

        return request;
    }

    /// <summary>Adds metadata; the compression that the caller asked for becomes a header of its own.</summary>
    internal static void Add(HttpRequestMessage request, Metadata? metadata)
    {
        foreach (var entry in metadata ?? Metadata.Empty)
        {
            if (entry.Key == HeaderNames.EncodingRequest)
            {
                request.Headers.TryAddWithoutValidation(HeaderNames.Encoding, entry.Value);
            }
            else if (!MetadataHeaders.IsReserved(entry.Key))
            {
                request.Headers.TryAddWithoutValidation(entry.Key, MetadataHeaders.ToHeaderValue(entry));
            }
        }
    }

    /// <summary>Adds what the call credentials of channel and call ask for.</summary>
    internal static async ValueTask<HttpRequestMessage> AddCredentials(
        HttpRequestMessage request,
        GrpcChannel channel,
        MethodAddress address,
        string methodName,
        CallOptions options,
        CancellationToken cancellationToken)
    {
        if (!channel.IsSecure && !channel.UsesInsecureCallCredentials)
        {
            Log.CredentialsLeftOut(channel.Logger, methodName);
            return request;
        }

        var context = new AuthInterceptorContext(address.Service, methodName, cancellationToken);
        var perCall = options.Credentials is null ? [] : new[] { options.Credentials };
        foreach (var credentials in channel.CallCredentials.Concat(perCall))
        {
            Add(request, await CredentialInterceptors.Collect(credentials, context).ConfigureAwait(false));
        }

        return request;
    }

    private static partial class Log
    {
        [LoggerMessage(
            2,
            LogLevel.Warning,
            "Call credentials of {Method} were not sent: the channel has no TLS. "
            + "Use https, or set UnsafeUseInsecureChannelCallCredentials.")]
        internal static partial void CredentialsLeftOut(ILogger logger, string method);
    }
}
