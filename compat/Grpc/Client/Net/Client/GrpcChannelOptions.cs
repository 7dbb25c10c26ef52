using Grpc.Core;
using Grpc.Net.Compression;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client;

/// <summary>What a channel is made with.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>Credentials; null means those that the scheme of the address implies.</summary>
    public ChannelCredentials? Credentials { get; set; }

    /// <summary>The largest request in bytes; null means no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>The largest response in bytes, 4 MiB by default; null means no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = 4 * 1024 * 1024;

    /// <summary>Message compressions; null means gzip and deflate.</summary>
    public IList<ICompressionProvider>? CompressionProviders { get; set; }

    /// <summary>Where the channel logs; null means nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The HTTP client to call through; give this or <see cref="HttpHandler"/>, not both.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>The HTTP handler to call through; null means one that the channel makes and owns.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether disposing the channel disposes the client or handler that was given.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>Whether a cancelled call throws <see cref="OperationCanceledException"/>.</summary>
    public bool ThrowOperationCanceledOnCancellation { get; set; }

    /// <summary>Whether call credentials travel over a connection without TLS.</summary>
    public bool UnsafeUseInsecureChannelCallCredentials { get; set; }

    /// <summary>The HTTP version; null means 2.</summary>
    public Version? HttpVersion { get; set; }

    /// <summary>How strictly the HTTP version is kept; null means exactly.</summary>
    public HttpVersionPolicy? HttpVersionPolicy { get; set; }
}
