using System.Threading.Channels;
using Grpc.Core;
using Grpc.Health.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.HealthCheck;

/// <summary>The health service over statuses that the application sets.</summary>
public class HealthServiceImpl : Health.V1.Health.HealthBase
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ServingStatus> _statuses =
        new(StringComparer.Ordinal);

    private readonly Dictionary<string, List<ChannelWriter<ServingStatus>>> _watchers =
        new(StringComparer.Ordinal);

    /// <summary>Sets the status of a service; the empty name is the server as a whole.</summary>
    public void SetStatus(string service, ServingStatus status)
    {
        ArgumentNullException.ThrowIfNull(service);
        lock (_gate)
        {
            _statuses[service] = status;
            Tell(service, status);
        }
    }

    /// <summary>Forgets a service.</summary>
    public void ClearStatus(string service)
    {
        ArgumentNullException.ThrowIfNull(service);
        lock (_gate)
        {
            _statuses.Remove(service);
            Tell(service, ServingStatus.ServiceUnknown);
        }
    }

    /// <summary>Forgets all services.</summary>
    public void ClearAll()
    {
        lock (_gate)
        {
            foreach (var service in _statuses.Keys.ToArray())
            {
                ClearStatus(service);
            }
        }
    }

    /// <inheritdoc />
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            return _statuses.TryGetValue(request.Service, out var status)
                ? Task.FromResult(new HealthCheckResponse { Status = status })
                : throw new RpcException(new Status(
                    StatusCode.NotFound, $"Service '{request.Service}' has no health status."));
        }
    }

    /// <inheritdoc />
    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        // Room for one: a slow watcher misses what is past, never what is now.
        var changes = Channel.CreateBounded<ServingStatus>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        Subscribe(request.Service, changes.Writer);
        try
        {
            ServingStatus? told = null;
            await foreach (var status in changes.Reader.ReadAllAsync(context.CancellationToken).ConfigureAwait(false))
            {
                if (status != told)
                {
                    told = status;
                    await responseStream.WriteAsync(new HealthCheckResponse { Status = status }).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            Unsubscribe(request.Service, changes.Writer);
        }
    }

    internal bool Knows(string service)
    {
        lock (_gate)
        {
            return _statuses.ContainsKey(service);
        }
    }

    /// <summary>Ends every watch, so that the server can stop.</summary>
    internal void CompleteWatchers()
    {
        lock (_gate)
        {
            foreach (var watcher in _watchers.Values.SelectMany(list => list))
            {
                watcher.TryComplete();
            }
        }
    }

    private void Subscribe(string service, ChannelWriter<ServingStatus> watcher)
    {
        lock (_gate)
        {
            if (!_watchers.TryGetValue(service, out var list))
            {
                _watchers.Add(service, list = []);
            }

            list.Add(watcher);
            watcher.TryWrite(_statuses.GetValueOrDefault(
                service, ServingStatus.ServiceUnknown));
        }
    }

    private void Unsubscribe(string service, ChannelWriter<ServingStatus> watcher)
    {
        lock (_gate)
        {
            if (_watchers.TryGetValue(service, out var list) && list.Remove(watcher) && list.Count == 0)
            {
                _watchers.Remove(service);
            }
        }
    }

    private void Tell(string service, ServingStatus status)
    {
        foreach (var watcher in _watchers.GetValueOrDefault(service, []))
        {
            watcher.TryWrite(status);
        }
    }
}
