using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace PhysIntuition.Server.Sessions;

/// <summary>All sessions of this server.</summary>
internal sealed partial class SessionStore(
    IOptions<LeaseOptions> options, TimeProvider time, ILogger<SessionStore> logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly ClosedSessions _closed = new(options.Value.Tombstones);

    /// <summary>All open sessions, in no order.</summary>
    public IEnumerable<Session> All => _sessions.Values;

    /// <summary>Opens a session.</summary>
    /// <param name="owner">Who pays for it.</param>
    /// <param name="client">What the client calls itself, for logs.</param>
    /// <param name="lease">Time without a request after which it ends; null: the default.</param>
    /// <param name="id">Chosen by a client whose load balancer hashes it; null: the server chooses.</param>
    /// <param name="token">The secret; null: a new one.</param>
    /// <returns>The session, and the secret that is told only once.</returns>
    public (Session Session, string Token) Open(
        Caller owner, string client, TimeSpan? lease, string? id = null, string? token = null)
    {
        var wanted = CheckOpening(lease, id);
        owner.Quota.AddSession();
        token ??= SessionKey.NewToken();
        var session = new Session(id ?? SessionKey.NewId(), token, client, wanted, owner, time);
        if (!_sessions.TryAdd(session.Id, session))
        {
            owner.Quota.RemoveSession();
            Throw.OutOfOrder(SessionKey.IdHeader, "SESSION_EXISTS",
                $"There is a session '{session.Id}'. Choose another id, or resume it with resume_id and resume_token.");
        }

        Log.Opened(logger, session.Id, client);
        return (session, token);
    }

    /// <summary>What a client calls itself, as much of it as logs keep.</summary>
    public static string NameOf(OpenSessionRequest request) =>
        request.Client.Length <= 128 ? request.Client : request.Client[..128];

    /// <summary>Checks what a client may choose of its session.</summary>
    /// <param name="lease">Time without a request after which it ends; null: the default.</param>
    /// <param name="id">Its name; null: the server chooses.</param>
    /// <returns>The lease.</returns>
    public TimeSpan CheckOpening(TimeSpan? lease, string? id)
    {
        var wanted = lease ?? options.Value.Lease;
        if (wanted > options.Value.MaxLease)
        {
            var most = (long)options.Value.MaxLease.TotalSeconds;
            Throw.OutOfRange("lease_seconds", (long)wanted.TotalSeconds, $"must be at most {most}",
                $"Ask for less, or raise {LeaseOptions.Section}:MaxLease.");
        }

        if (id is not null && !SessionKey.IsId(id))
        {
            Throw.OutOfRange(SessionKey.IdHeader, id, "must have 22 to 64 of the signs A-Z a-z 0-9 - _",
                "Choose such an id at random, or leave it to the server.");
        }

        return wanted;
    }

    /// <summary>The session of that id, if the secret is right.</summary>
    public Session Find(string? id, string? token)
    {
        if (string.IsNullOrEmpty(id))
        {
            Throw.OutOfOrder(SessionKey.IdHeader, "NO_SESSION",
                $"The call has no session. Call OpenSession and send its id and token as the metadata " +
                $"'{SessionKey.IdHeader}' and '{SessionKey.TokenHeader}'.");
        }

        if (!_sessions.TryGetValue(id, out var session))
        {
            ThrowMissing(id);
        }

        if (token is null || !session!.Admits(token))
        {
            Throw.NotAuthenticated(SessionKey.TokenHeader,
                $"'{SessionKey.TokenHeader}' is not this session's token. Send the token that OpenSession returned.");
        }

        return session;
    }

    /// <summary>Ends a session at its client's wish.</summary>
    public void Close(Session session) => End(session, new Tombstone("SESSION_CLOSED",
        $"Session '{session.Id}' was closed by its client at {time.GetUtcNow():u}. Open a new one."));

    /// <summary>What is said of a session whose lease has run out.</summary>
    public static string Expired(Session session, TimeProvider time) =>
        $"Session '{session.Id}' expired at {time.GetUtcNow():u} after {session.Lease.TotalSeconds:0} s without a " +
        "request. Open a new one; OpenSessionRequest.lease_seconds asks for a longer lease.";

    /// <summary>Ends every session whose lease has run out.</summary>
    public void Sweep()
    {
        foreach (var (_, session) in _sessions)
        {
            if (session.IsExpired)
            {
                End(session, new Tombstone("SESSION_EXPIRED", Expired(session, time)));
                Log.Expired(logger, session.Id, session.Lease);
            }
        }
    }

    /// <summary>Ends all sessions with the server: their shared memory has names that would stay.</summary>
    public void Dispose()
    {
        foreach (var (_, session) in _sessions)
        {
            session.End();
        }
    }

    private void End(Session session, Tombstone tombstone)
    {
        if (_sessions.TryRemove(session.Id, out _))
        {
            _closed.Add(session.Id, tombstone);
            session.End();
            session.Owner.Quota.RemoveSession();
        }
    }

    private void ThrowMissing(string id)
    {
        if (_closed.Find(id) is { } tombstone)
        {
            Throw.NotFound(SessionKey.IdHeader, tombstone.Reason, tombstone.Message);
        }

        Throw.NotFound(SessionKey.IdHeader, "UNKNOWN_SESSION",
            "This server knows no such session: it was opened at another server or before a restart. Open a new one.");
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 201, Level = LogLevel.Debug, Message = "Opened session {Session} for {Client}.")]
        public static partial void Opened(ILogger logger, string session, string client);

        [LoggerMessage(EventId = 202, Level = LogLevel.Information,
            Message = "Session {Session} expired: idle for {Lease}.")]
        public static partial void Expired(ILogger logger, string session, TimeSpan lease);
    }
}

/// <summary>Why sessions ended, for those who come back; a bounded memory, the oldest go first.</summary>
/// <param name="capacity">Ends remembered.</param>
internal sealed class ClosedSessions(int capacity)
{
    private readonly Dictionary<string, Tombstone> _byId = [];
    private readonly Queue<string> _order = [];

    /// <summary>Remembers an end.</summary>
    public void Add(string id, Tombstone tombstone)
    {
        if (capacity == 0)
        {
            return;
        }

        lock (_byId)
        {
            if (_order.Count == capacity)
            {
                _byId.Remove(_order.Dequeue());
            }

            if (_byId.TryAdd(id, tombstone))
            {
                _order.Enqueue(id);
            }
        }
    }

    /// <summary>What is remembered of a session; null: nothing.</summary>
    public Tombstone? Find(string id)
    {
        lock (_byId)
        {
            return _byId.GetValueOrDefault(id);
        }
    }
}

/// <summary>How a session ended.</summary>
/// <param name="Reason">For programs: SESSION_EXPIRED or SESSION_CLOSED.</param>
/// <param name="Message">For people: when and why, and what to do.</param>
internal sealed record Tombstone(string Reason, string Message);
