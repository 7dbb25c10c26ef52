namespace PhysIntuition.Server.Sessions;

/// <summary>Owns environments; outlives connections; ends when its lease runs out.</summary>
internal sealed class Session
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly Lock _opening = new();   // held while an environment that may be asked for twice is made
    private readonly Dictionary<uint, HostedEnvironment> _environments = [];
    private readonly Quota _quota;
    private readonly TimeProvider _time;
    private readonly byte[] _token;
    private long _lastUse;
    private int _requests;
    private int _slots;
    private long _bufferBytes;
    private uint _lastEnvironment;
    private bool _isEnded;

    /// <summary>An open session.</summary>
    /// <param name="id">Name on the wire.</param>
    /// <param name="token">Secret of whoever may use it.</param>
    /// <param name="client">What the client calls itself.</param>
    /// <param name="lease">Time without a request after which it ends.</param>
    /// <param name="owner">Who pays for it.</param>
    /// <param name="time">The clock.</param>
    public Session(string id, string token, string client, TimeSpan lease, Caller owner, TimeProvider time)
    {
        (Id, _token, Client, Lease, _time) = (id, Encoding.UTF8.GetBytes(token), client, lease, time);
        (Owner, _quota) = (owner, owner.Quota);
        _lastUse = time.GetTimestamp();
    }

    /// <summary>Name on the wire and in logs.</summary>
    public string Id { get; }

    /// <summary>What the client calls itself.</summary>
    public string Client { get; }

    /// <summary>Time without a request after which the session ends.</summary>
    public TimeSpan Lease { get; set; }

    /// <summary>Who opened it; what it uses counts as theirs.</summary>
    public Caller Owner { get; }

    /// <summary>Its claim on the machine.</summary>
    public WorkShare Share { get; } = new();

    /// <summary>Whether the lease has run out and nothing is running.</summary>
    public bool IsExpired =>
        Volatile.Read(ref _requests) == 0 && _time.GetElapsedTime(Volatile.Read(ref _lastUse)) >= Lease;

    /// <summary>Its environments, by number.</summary>
    public HostedEnvironment[] Environments
    {
        get
        {
            lock (_lock)
            {
                return [.. _environments.Values.OrderBy(environment => environment.Number)];
            }
        }
    }

    /// <summary>Whether this is the session's secret.</summary>
    public bool Admits(string token) => SessionKey.Matches(_token, token);

    /// <summary>Begins a request: renews the lease and takes a place. <see cref="Leave"/> gives it back.</summary>
    public void Enter()
    {
        Owner.ThrowIfEnded();
        var limit = _quota.Limits.MaxRequestsPerSession;
        if (Interlocked.Increment(ref _requests) > limit)
        {
            Interlocked.Decrement(ref _requests);
            Throw.LimitReached($"{LimitOptions.Section}:{nameof(LimitOptions.MaxRequestsPerSession)}", limit,
                "request places of this session", s_retry);
        }

        try
        {
            _quota.AddRequest();
        }
        catch
        {
            Interlocked.Decrement(ref _requests);
            throw;
        }

        Touch();
    }

    /// <summary>Ends a request.</summary>
    public void Leave()
    {
        Touch();
        Interlocked.Decrement(ref _requests);
        _quota.RemoveRequest();
    }

    /// <summary>Renews the lease.</summary>
    public void Touch() => Volatile.Write(ref _lastUse, _time.GetTimestamp());

    /// <summary>Adds an environment, or finds the one that the same number opened before.</summary>
    /// <param name="createId">The client's number; 0: none, always a new one.</param>
    /// <param name="slots">Slots that it will have.</param>
    /// <param name="bufferBytes">Bytes of observations that it will hold.</param>
    /// <param name="create">Makes the environment under the number that it gets.</param>
    public (HostedEnvironment Environment, bool IsRepeat) AddOnce(
        ulong createId, int slots, long bufferBytes, Func<uint, HostedEnvironment> create)
    {
        if (createId == 0)
        {
            return (Add(slots, bufferBytes, create), false);
        }

        lock (_opening)
        {
            var before = Environments.FirstOrDefault(environment => environment.CreateId == createId);
            return before is null ? (Add(slots, bufferBytes, create), false) : (before, true);
        }
    }

    /// <summary>Adds an environment under the number that it had elsewhere.</summary>
    public HostedEnvironment Reopen(uint number, int slots, long bufferBytes, Func<uint, HostedEnvironment> create)
    {
        _lastEnvironment = number - 1;
        return Add(slots, bufferBytes, create, isMoved: true);
    }

    /// <summary>Goes on behind this number of an environment.</summary>
    public void GoOnAfter(uint number) => _lastEnvironment = number;

    /// <summary>Adds an environment once its place is granted.</summary>
    /// <param name="slots">Slots that it will have.</param>
    /// <param name="bufferBytes">Bytes of observations that it will hold.</param>
    /// <param name="create">Makes the environment under the number that it gets.</param>
    /// <param name="isMoved">Whether its place was granted at another server.</param>
    private HostedEnvironment Add(
        int slots, long bufferBytes, Func<uint, HostedEnvironment> create, bool isMoved = false)
    {
        Reserve(slots, bufferBytes, isMoved);
        try
        {
            var environment = create(Interlocked.Increment(ref _lastEnvironment));
            lock (_lock)
            {
                if (!_isEnded)
                {
                    _environments.Add(environment.Number, environment);
                    return environment;
                }
            }

            environment.Dispose();
            Throw.NotFound(SessionKey.IdHeader, "SESSION_CLOSED", "The session was closed meanwhile. Open a new one.");
            return null;
        }
        catch
        {
            Release(slots, bufferBytes);
            throw;
        }
    }

    /// <summary>The environment of that number.</summary>
    public HostedEnvironment Find(uint number)
    {
        lock (_lock)
        {
            if (_environments.TryGetValue(number, out var environment))
            {
                return environment;
            }
        }

        var wasClosed = number >= 1 && number <= Volatile.Read(ref _lastEnvironment);
        Throw.NotFound("environment", wasClosed ? "ENVIRONMENT_CLOSED" : "UNKNOWN_ENVIRONMENT", wasClosed
            ? $"Environment {number} is closed. Create a new one."
            : $"This session has no environment {number}. Send the number that Create returned.");
        return null;
    }

    /// <summary>Closes an environment; nothing happens if it is closed already.</summary>
    public void Remove(uint number)
    {
        HostedEnvironment? environment;
        lock (_lock)
        {
            if (!_environments.Remove(number, out environment))
            {
                return;
            }
        }

        Release(environment.Slots, environment.BufferBytes);
        environment.Dispose();
    }

    /// <summary>Closes all environments and takes no more.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isEnded = true;
        }

        foreach (var environment in Environments)
        {
            Remove(environment.Number);
        }
    }

    private void Reserve(int slots, long bufferBytes, bool isMoved)
    {
        var limits = _quota.Limits;
        lock (_lock)
        {
            if (_environments.Count >= limits.MaxEnvironmentsPerSession)
            {
                Throw.LimitReached($"{LimitOptions.Section}:{nameof(LimitOptions.MaxEnvironmentsPerSession)}",
                    limits.MaxEnvironmentsPerSession, "environments of this session");
            }

            if (_slots + slots > limits.MaxSlotsPerSession)
            {
                Throw.LimitReached($"{LimitOptions.Section}:{nameof(LimitOptions.MaxSlotsPerSession)}",
                    limits.MaxSlotsPerSession, "slots of this session");
            }

            if (_bufferBytes + bufferBytes > limits.MaxBufferBytesPerSession)
            {
                Throw.LimitReached($"{LimitOptions.Section}:{nameof(LimitOptions.MaxBufferBytesPerSession)}",
                    limits.MaxBufferBytesPerSession, "bytes of observation buffers of this session");
            }

            _quota.AddSlots(slots, isMoved);
            _slots += slots;
            _bufferBytes += bufferBytes;
        }
    }

    private void Release(int slots, long bufferBytes)
    {
        lock (_lock)
        {
            _slots -= slots;
            _bufferBytes -= bufferBytes;
        }

        _quota.RemoveSlots(slots);
    }
}
