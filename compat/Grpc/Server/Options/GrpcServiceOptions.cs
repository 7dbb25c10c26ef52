using System.IO.Compression;
using Grpc.Net.Compression;

namespace Grpc.AspNetCore.Server;

/// <summary>What all services of a server share unless a service has options of its own.</summary>
public class GrpcServiceOptions
{
    private int? _maxReceiveMessageSize = 4 * 1024 * 1024;

    /// <summary>The largest response in bytes; null means no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>The largest request in bytes, 4 MiB by default; null means no limit.</summary>
    public int? MaxReceiveMessageSize
    {
        get => _maxReceiveMessageSize;
        set
        {
            _maxReceiveMessageSize = value;
            HasMaxReceiveMessageSize = true;
        }
    }

    /// <summary>Whether callers see the messages of unexpected exceptions.</summary>
    public bool? EnableDetailedErrors { get; set; }

    /// <summary>The compression of responses, if the caller accepts it; null means none.</summary>
    public string? ResponseCompressionAlgorithm { get; set; }

    /// <summary>How hard responses are compressed; null means the provider's default.</summary>
    public CompressionLevel? ResponseCompressionLevel { get; set; }

    /// <summary>Message compressions; when empty, gzip and deflate.</summary>
    public IList<ICompressionProvider> CompressionProviders { get; set; } = [];

    /// <summary>Interceptors, in the order in which they run.</summary>
    public InterceptorCollection Interceptors { get; } = [];

    /// <summary>Whether calls of unknown services go on to other endpoints instead of UNIMPLEMENTED.</summary>
    public bool? IgnoreUnknownServices { get; set; }

    internal bool HasMaxReceiveMessageSize { get; private set; }
}
