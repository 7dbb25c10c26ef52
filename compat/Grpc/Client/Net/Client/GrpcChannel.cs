using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Grpc.Net.Client.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>A channel over HTTP/2. Make one per address, share it between threads, dispose it at the end.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly HttpMessageInvoker _invoker;
    private readonly bool _ownsInvoker;
    private readonly CancellationTokenSource _disposal = new();
    private readonly ConcurrentDictionary<IMethod, MethodAddress> _addresses = new(ReferenceEqualityComparer.Instance);
    private int _isDisposed;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        Address = address;
        (_invoker, _ownsInvoker) = HttpTransport.Create(options);
        IsSecure = address.Scheme == Uri.UriSchemeHttps;
        CallCredentials = ChannelSecurity.Check(options.Credentials, IsSecure);
        UsesInsecureCallCredentials = options.UnsafeUseInsecureChannelCallCredentials;
        MaxSendMessageSize = options.MaxSendMessageSize;
        MaxReceiveMessageSize = options.MaxReceiveMessageSize;
        ThrowsOperationCanceled = options.ThrowOperationCanceledOnCancellation;
        HttpVersion = options.HttpVersion ?? System.Net.HttpVersion.Version20;
        HttpVersionPolicy = options.HttpVersionPolicy ?? System.Net.Http.HttpVersionPolicy.RequestVersionExact;
        Compressions = options.CompressionProviders is null
            ? CompressionSet.Default
            : CompressionSet.Of(options.CompressionProviders);
        Logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<GrpcChannel>();
    }

    internal Uri Address { get; }

    internal bool IsSecure { get; }

    internal IReadOnlyList<CallCredentials> CallCredentials { get; }

    internal bool UsesInsecureCallCredentials { get; }

    internal int? MaxSendMessageSize { get; }

    internal int? MaxReceiveMessageSize { get; }

    internal bool ThrowsOperationCanceled { get; }

    internal Version HttpVersion { get; }

    internal HttpVersionPolicy HttpVersionPolicy { get; }

    internal CompressionSet Compressions { get; }

    internal ILogger Logger { get; }

    internal CancellationToken Disposal => _disposal.Token;

    /// <summary>A channel to an address such as <c>http://localhost:5000</c>, with default options.</summary>
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>A channel to an address.</summary>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        return ForAddress(new Uri(address), channelOptions);
    }

    /// <summary>A channel to an address, with default options.</summary>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>A channel to an address.</summary>
    /// <exception cref="ArgumentException">The scheme is neither http nor https, or the options contradict.</exception>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException(
                $"Address '{address}' must start with http:// or https://.", nameof(address));
        }

        return new GrpcChannel(address, channelOptions);
    }

    /// <inheritdoc />
    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        return new HttpCallInvoker(this);
    }

    /// <summary>Cancels the calls in flight and closes the connections that the channel owns.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _disposal.Cancel();
        if (_ownsInvoker)
        {
            _invoker.Dispose();
        }
    }

    internal MethodAddress AddressOf(IMethod method)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        return _addresses.TryGetValue(method, out var known)
            ? known
            : _addresses.GetOrAdd(method, static (added, root) => new MethodAddress(root, added), Address);
    }

    internal Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _invoker is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            : _invoker.SendAsync(request, cancellationToken);

    /// <inheritdoc />
    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }
}
