using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace PhysIntuition.Server.Hosting;

/// <summary>Takes so many connections, over both ports together, and closes those beyond.</summary>
internal sealed partial class ConnectionLimit
{
    private static readonly TimeSpan s_logEvery = TimeSpan.FromSeconds(10);

    private readonly ILogger<ConnectionLimit> _logger;
    private readonly TimeProvider _time;
    private readonly int _most;
    private int _open;
    private long _lastLog;

    /// <param name="limits">Say how many.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told how many, and when there are more.</param>
    /// <exception cref="PhysIntuitionException">So many do not fit into the process's descriptors.</exception>
    public ConnectionLimit(LimitOptions limits, TimeProvider time, ILogger<ConnectionLimit> logger)
    {
        (_time, _logger) = (time, logger);
        const string setting = $"{LimitOptions.Section}:{nameof(LimitOptions.MaxConnections)}";
        if (limits.MaxConnections > Descriptors.ForConnections)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, setting,
                $"{setting} is '{limits.MaxConnections}'; with {Descriptors.Limit} descriptors (ulimit -n) it must " +
                $"be at most {Descriptors.ForConnections}. Raise the limit of descriptors, or leave it 0.");
        }

        _most = limits.MaxConnections > 0 ? limits.MaxConnections : Descriptors.ForConnections;
        _lastLog = time.GetTimestamp() - (long)(s_logEvery.TotalSeconds * time.TimestampFrequency);
        Log.Takes(logger, _most, Descriptors.Limit);
    }

    /// <summary>Connections that are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Counts a connection until it is closed.</summary>
    /// <returns>Whether it may stay.</returns>
    public bool Admit(ConnectionContext connection)
    {
        if (Interlocked.Increment(ref _open) > _most)
        {
            Interlocked.Decrement(ref _open);
            Complain();
            return false;
        }

        connection.ConnectionClosed.Register(() => Interlocked.Decrement(ref _open));
        return true;
    }

    // A flood of connections is no flood of lines.
    private void Complain()
    {
        var last = Volatile.Read(ref _lastLog);
        if (_time.GetElapsedTime(last) >= s_logEvery &&
            Interlocked.CompareExchange(ref _lastLog, _time.GetTimestamp(), last) == last)
        {
            Log.Full(_logger, _most);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 411, Level = LogLevel.Information,
            Message = "Takes up to {Most} connections at a time, with {Limit} descriptors (ulimit -n).")]
        public static partial void Takes(ILogger logger, int most, int limit);

        [LoggerMessage(EventId = 412, Level = LogLevel.Warning,
            Message = "All {Most} connections are in use, and more are closed at once. Raise ulimit -n or " +
                "Limits:MaxConnections.")]
        public static partial void Full(ILogger logger, int most);
    }
}

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
