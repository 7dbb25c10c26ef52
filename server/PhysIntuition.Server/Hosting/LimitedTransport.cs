using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace PhysIntuition.Server.Hosting;

/// <summary>Kestrel's sockets; a connection beyond the limit is closed before the next one is accepted.</summary>
/// <remarks>A limit behind the listener comes too late: under load it accepts faster than the thread pool closes, until
/// no descriptor is left.</remarks>
internal sealed class LimitedTransport(SocketTransportFactory sockets, ConnectionLimit limit)
    : IConnectionListenerFactory
{
    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken) =>
        new Listener(await sockets.BindAsync(endpoint, cancellationToken), limit);

    private sealed class Listener(IConnectionListener inner, ConnectionLimit limit) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken)
        {
            while (await inner.AcceptAsync(cancellationToken) is { } connection)
            {
                if (limit.Admit(connection))
                {
                    return connection;
                }

                connection.Abort();
                await connection.DisposeAsync();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
