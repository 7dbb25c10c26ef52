using Grpc.Core;
using Grpc.Net.Client;

namespace PhysIntuition.Client;

/// <summary>The servers of a client, of which it talks to one until nobody answers there.</summary>
internal sealed class Servers : IDisposable
{
    private readonly ClientOptions _options;
    private readonly Uri[] _addresses;
    private readonly Lock _lock = new();
    private readonly List<GrpcChannel> _channels = [];   // of those that were left, too: calls may be under way
    private int _at;

    public Servers(ClientOptions options)
    {
        (_options, _addresses) = (options, [options.Address, .. options.Fallbacks]);
        Stub = Dial();
    }

    /// <summary>How many there are.</summary>
    public int Count => _addresses.Length;

    /// <summary>The one in use.</summary>
    public Uri Address => _addresses[_at];

    /// <summary>Calls to the one in use.</summary>
    public EnvironmentService.EnvironmentServiceClient Stub { get; private set; }

    /// <summary>Goes on with the next one, unless another call has done so already.</summary>
    /// <param name="from">The one that did not answer.</param>
    public void MoveOn(EnvironmentService.EnvironmentServiceClient from)
    {
        lock (_lock)
        {
            if (Count > 1 && from == Stub)
            {
                _at = (_at + 1) % Count;
                Stub = Dial();
            }
        }
    }

    /// <summary>Makes a call, and moves on where nobody answers.</summary>
    public async Task<T> AskAsync<T>(Func<EnvironmentService.EnvironmentServiceClient, AsyncUnaryCall<T>> call)
    {
        var stub = Stub;
        try
        {
            using var one = call(stub);
            return await one.ConfigureAwait(false);
        }
        catch (RpcException gone) when (ServerAddress.IsAway(gone))
        {
            MoveOn(stub);
            throw;
        }
    }

    public void Dispose() => _channels.ForEach(channel => channel.Dispose());

    private EnvironmentService.EnvironmentServiceClient Dial()
    {
        var channel = GrpcChannel.ForAddress(ServerAddress.Authority(Address), new GrpcChannelOptions
        {
            HttpHandler = ServerAddress.CreateHandler(Address),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = _options.MaxMessageBytes,
            MaxSendMessageSize = _options.MaxMessageBytes,
            // The package waits up to two minutes between attempts; a server that is back should be found at once.
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(100),
            MaxReconnectBackoff = TimeSpan.FromSeconds(1),
        });
        _channels.Add(channel);
        return new EnvironmentService.EnvironmentServiceClient(channel);
    }
}
