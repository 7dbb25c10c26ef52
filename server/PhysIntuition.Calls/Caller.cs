namespace PhysIntuition.Server;

/// <summary>Whoever calls: one API token, or everybody where no token is asked for.</summary>
/// <param name="name">For messages and logs.</param>
/// <param name="scopes">What it may do.</param>
/// <param name="quota">What it may use.</param>
internal sealed class Caller(string name, Scopes scopes, Quota quota)
{
    private volatile string _ended = "";

    /// <summary>The token's public part; empty: no token is asked for.</summary>
    public string Id { get; init; } = "";

    /// <summary>Whose token it is.</summary>
    public string Name => name;

    /// <summary>Whether no token is asked for.</summary>
    public bool IsEverybody { get; init; }

    /// <summary>What it may use.</summary>
    public Quota Quota => quota;

    /// <summary>Whether its token was revoked, changed or has expired.</summary>
    public bool HasEnded => _ended.Length > 0;

    /// <summary>Its claim on the machine for calls without a session.</summary>
    public WorkShare Share { get; } = new();

    /// <summary>Refuses what the token does not allow.</summary>
    /// <exception cref="PhysIntuitionException">NOT_ALLOWED, or NOT_AUTHENTICATED once the token has ended.</exception>
    public void Require(Scopes scope)
    {
        ThrowIfEnded();
        if ((scopes & scope) != scope)
        {
            var wanted = ScopeWords.Write(scope);
            Throw.NotAllowed("authorization", "NOT_ALLOWED",
                $"Token '{name}' has the scopes {ScopeWords.Write(scopes)}; this call wants {wanted}. Ask whoever " +
                $"runs the server for a token made with `./physintuition tokens create NAME --scopes {wanted}`.");
        }
    }

    /// <summary>Refuses everything once the token was revoked or has expired.</summary>
    public void ThrowIfEnded()
    {
        if (HasEnded)
        {
            Throw.NotAuthenticated("authorization", $"Token '{name}' {_ended}. Ask for a new one.");
        }
    }

    /// <summary>Ends it, also for sessions that are open.</summary>
    /// <param name="how">"was revoked", for the message.</param>
    public void End(string how) => _ended = how;
}

/// <summary>Whose API tokens this server takes.</summary>
internal interface ICallers
{
    /// <summary>The caller whose token has this id; null: nobody's has.</summary>
    Caller? FindCaller(string id);
}

/// <summary>A steady rate with bursts of one second's worth: the generic cell rate algorithm (ITU-T I.371).</summary>
internal sealed class RateLimit(double perSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly double _interval = 1 / perSecond;      // s between requests at the steady rate
    private readonly double _burst = Math.Max(0, 1 - (1 / perSecond));   // s that a caller may be ahead of it
    private readonly long _start = time.GetTimestamp();
    private double _next;                                   // when the next request would be on time, s after start

    /// <summary>Takes a place if there is one.</summary>
    /// <returns>How long to wait before the next try; null: the place is taken.</returns>
    public TimeSpan? TryTake()
    {
        lock (_lock)
        {
            var now = time.GetElapsedTime(_start).TotalSeconds;
            var ahead = Math.Max(_next - now, 0);
            if (ahead > _burst + 1e-9)
            {
                return TimeSpan.FromSeconds(ahead - _burst);
            }

            _next = now + ahead + _interval;
            return null;
        }
    }
}
