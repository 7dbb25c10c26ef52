namespace PhysIntuition.Server.Sessions;

/// <summary>Counts what many sessions use together, and refuses what goes beyond the limits.</summary>
/// <remarks>The server has one; each API token has one below it, and what is taken there is taken from both.</remarks>
internal sealed class Quota
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(50);

    private readonly Quota? _server;
    private readonly RateLimit? _rate;
    private readonly string _rateSetting = "";
    private readonly (string Setting, int Most) _maxSessions, _maxSlots, _maxRequests;
    private int _sessions;
    private int _slots;
    private int _requests;

    public Quota(IOptions<LimitOptions> options)
    {
        Limits = options.Value;
        _maxSessions = ($"{LimitOptions.Section}:{nameof(Limits.MaxSessions)}", Limits.MaxSessions);
        _maxSlots = ($"{LimitOptions.Section}:{nameof(Limits.MaxSlots)}", Limits.MaxSlots);
        _maxRequests = ($"{LimitOptions.Section}:{nameof(Limits.MaxRequests)}", Limits.MaxRequests);
    }

    private Quota(Quota server, ApiToken token, TimeProvider time)
    {
        (_server, Limits) = (server, server.Limits);
        _maxSessions = ($"max_sessions of token '{token.Name}'", token.MaxSessions ?? int.MaxValue);
        _maxSlots = ($"max_slots of token '{token.Name}'", token.MaxSlots ?? int.MaxValue);
        _maxRequests = ($"max_requests of token '{token.Name}'", token.MaxRequests ?? int.MaxValue);
        if (token.RequestsPerSecond is { } rate)
        {
            _rateSetting = $"requests_per_second of token '{token.Name}'";
            _rate = new RateLimit(rate, time);
        }
    }

    /// <summary>The server's limits, which hold for every session.</summary>
    public LimitOptions Limits { get; }

    /// <summary>Open sessions.</summary>
    public int Sessions => Volatile.Read(ref _sessions);

    /// <summary>Slots of all environments.</summary>
    public int Slots => Volatile.Read(ref _slots);

    /// <summary>Requests that wait or run.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>A quota of a token's own below this one.</summary>
    public Quota ForToken(ApiToken token, TimeProvider time) => new(this, token, time);

    /// <summary>Counts one session more.</summary>
    /// <param name="isMoved">It was granted at another server: a token's limit does not refuse it again.</param>
    public void AddSession(bool isMoved = false)
    {
        Take(ref _sessions, 1, _maxSessions, "sessions", s_retry * 20, isMoved);
        InServer(static server => server.AddSession(), ref _sessions, 1);
    }

    /// <summary>Counts one session less.</summary>
    public void RemoveSession()
    {
        Interlocked.Decrement(ref _sessions);
        _server?.RemoveSession();
    }

    /// <summary>Counts slots more.</summary>
    /// <param name="count">How many.</param>
    /// <param name="isMoved">As for <see cref="AddSession"/>.</param>
    public void AddSlots(int count, bool isMoved = false)
    {
        Take(ref _slots, count, _maxSlots, "slots", retry: null, isMoved);
        InServer(server => server.AddSlots(count), ref _slots, count);
    }

    /// <summary>Counts slots less.</summary>
    public void RemoveSlots(int count)
    {
        Interlocked.Add(ref _slots, -count);
        _server?.RemoveSlots(count);
    }

    /// <summary>Counts one waiting or running request more.</summary>
    public void AddRequest()
    {
        if (_rate?.TryTake() is { } wait)
        {
            Throw.TooFast(_rateSetting, wait);
        }

        Take(ref _requests, 1, _maxRequests, "request places", s_retry);
        InServer(static server => server.AddRequest(), ref _requests, 1);
    }

    /// <summary>Counts one request less.</summary>
    public void RemoveRequest()
    {
        Interlocked.Decrement(ref _requests);
        _server?.RemoveRequest();
    }

    /// <summary>A request place that is given back on disposal.</summary>
    public Holding TakeRequest()
    {
        AddRequest();
        return new Holding(RemoveRequest);
    }

    /// <summary>Slots that are given back on disposal.</summary>
    public Holding TakeSlots(int count)
    {
        AddSlots(count);
        return new Holding(() => RemoveSlots(count));
    }

    private void Take(
        ref int used, int count, (string Setting, int Most) limit, string things, TimeSpan? retry,
        bool isMoved = false)
    {
        if (Interlocked.Add(ref used, count) > limit.Most && !(isMoved && _server is not null))
        {
            Interlocked.Add(ref used, -count);
            Throw.LimitReached(limit.Setting, limit.Most, things, retry);
        }
    }

    // What the server refuses is not taken here either.
    private void InServer(Action<Quota> take, ref int used, int count)
    {
        if (_server is null)
        {
            return;
        }

        try
        {
            take(_server);
        }
        catch
        {
            Interlocked.Add(ref used, -count);
            throw;
        }
    }

    /// <summary>Something counted until it is disposed.</summary>
    public readonly struct Holding(Action release) : IDisposable
    {
        public void Dispose() => release();
    }
}
