using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;
using PhysIntuition.Faults;
using PhysIntuition.Server.Services;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Cluster;

/// <summary>A durable session: what a server's own session is, rebuilt from the store wherever it wakes.</summary>
/// <param name="services">What the sessions of this server share.</param>
[Reentrant, PreferLocalPlacement]
internal sealed partial class SessionGrain(SessionServices services) : Grain, ISessionGrain
{
    private readonly SemaphoreSlim _opening = new(1);   // environments open one after the other
    private readonly SemaphoreSlim _storing = new(1);
    private readonly Dictionary<uint, DurableEnvironment> _environments = [];
    private readonly StoredRecord<SessionRecord> _stored = new("session");
    private readonly Stack<Journal> _free = [];
    private readonly Dictionary<Guid, Task<byte[][]>> _running = [];
    private RecordStore _store = null!;
    private TaskScheduler _turns = null!;
    private Task? _waking;
    private SessionRecord? _record;   // null: there is no such session
    private string? _admitted;        // the token, once somebody has shown it: the store has only its hash
    private Session? _session;        // null while it is not open
    private IGrainTimer? _lease;
    private long _changes, _storedChanges;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_store, _turns) = (services.StoreOf(this.GetGrainId()), TaskScheduler.Current);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        EndSession();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ReplyOrError> OpenAsync(string token, string client, double leaseSeconds, string owner) =>
        AnswerAsync(async () =>
        {
            await AwakeAsync();
            if (_record is not null && !(Admits(token) && _record.EndReason.Length == 0))
            {
                Throw.OutOfOrder(SessionKey.IdHeader, "SESSION_EXISTS",
                    $"There is a session '{this.GetPrimaryKeyString()}'. Choose another id, or resume it with " +
                    "resume_id and resume_token.");
            }

            if (_record is null)
            {
                BeginSession(new SessionRecord
                {
                    TokenHash = Hash(token), Client = client, LeaseSeconds = leaseSeconds, Owner = owner,
                });
                await StoreSessionAsync();
            }

            return new SessionInfo
            {
                Id = this.GetPrimaryKeyString(),
                Token = token,
                LeaseSeconds = (uint)leaseSeconds,
            };
        });

    /// <inheritdoc/>
    public Task<ReplyOrError> ResumeAsync(string token) => AnswerAsync(async () =>
    {
        var session = await AdmitAsync(token);
        await CheckNewestAsync(session);
        return new SessionInfo
        {
            Id = session.Id,
            LeaseSeconds = (uint)session.Lease.TotalSeconds,
            IsResumed = true,
            Environments = { session.Environments.Select(environment => environment.Describe()) },
        };
    });

    /// <inheritdoc/>
    public Task<ReplyOrError> CloseAsync(string token) => AnswerAsync(async () =>
    {
        await AwakeAsync();
        if (_record?.EndReason != "SESSION_CLOSED" || !Admits(token))
        {
            await AdmitAsync(token);
            await EndAsync("SESSION_CLOSED",
                $"Session '{this.GetPrimaryKeyString()}' was closed by its client at " +
                $"{services.Time.GetUtcNow():u}. Open a new one.");
        }

        return new CloseSessionReply();
    });

    private async Task<Session> AdmitAsync(string token)
    {
        await AwakeAsync();
        if (_record is null)
        {
            DeactivateOnIdle();
            Throw.NotFound(SessionKey.IdHeader, "UNKNOWN_SESSION",
                "The cluster knows no such session: it was closed or expired long ago, or the store lost it. Open a " +
                "new one.");
        }

        if (!Admits(token))
        {
            Throw.NotAuthenticated(SessionKey.TokenHeader,
                $"'{SessionKey.TokenHeader}' is not this session's token. Send the token that OpenSession returned.");
        }

        if (_record.EndReason.Length > 0)
        {
            Throw.NotFound(SessionKey.IdHeader, _record.EndReason, _record.EndMessage);
        }

        if (_session!.Owner.HasEnded)
        {
            Forget(_session);
            throw new OrleansException("The API token that opened the session has changed; ask again.");
        }

        _session.Touch();
        return _session;
    }

    private bool Admits(string token)
    {
        if (_admitted is not null && token.Length == _admitted.Length && CryptographicOperations.FixedTimeEquals(
            MemoryMarshal.AsBytes(token.AsSpan()), MemoryMarshal.AsBytes(_admitted.AsSpan())))
        {
            return true;
        }

        var isRight = CryptographicOperations.FixedTimeEquals(_record!.TokenHash, Hash(token));
        _admitted = isRight ? token : _admitted;
        return isRight;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private async Task<ReplyOrError> AnswerAsync(Func<Task<IMessage>> call)
    {
        try
        {
            return new ReplyOrError { Reply = (await call()).ToByteArray() };
        }
        catch (Exception failure) when (failure is not OrleansException)
        {
            return new ReplyOrError { Error = (await RefuseAsync(failure, environment: null)).ToByteArray() };
        }
    }

    // A refusal tells of a state, too.
    private async Task<Error> RefuseAsync(Exception failure, DurableEnvironment? environment)
    {
        try
        {
            if (failure is PhysIntuitionException { Fault: not Fault.Unavailable })
            {
                await CheckNewestAsync(_session, environment);
            }

            return Describe(failure);
        }
        catch (Exception other) when (other is not OrleansException)
        {
            return Describe(other);
        }
    }

    private Error Describe(Exception failure)
    {
        var reference = Guid.NewGuid().ToString("N")[..8];
        var error = FaultTable.ToError(failure, reference);
        if (error.Reason == "INTERNAL")
        {
            Log.Failed(services.Logger, this.GetPrimaryKeyString(), reference, failure);
        }

        return error;
    }

    private void BeginSession(SessionRecord record, bool isMoved = false)
    {
        var (lease, owner) = (TimeSpan.FromSeconds(record.LeaseSeconds), services.OwnerOf(record.Owner));
        owner.Quota.AddSession(isMoved);
        _record = record;
        _session = new Session(this.GetPrimaryKeyString(), "", record.Client, lease, owner, services.Time);
        services.Metrics.Held(1);
        services.Awake[_session.Id] = this;
        var every = TimeSpan.FromSeconds(Math.Clamp(lease.TotalSeconds / 4, 1, 60));
        _lease = this.RegisterGrainTimer(
            CheckLeaseAsync, new GrainTimerCreationOptions(every, every) { Interleave = true });
    }

    private void EndSession()
    {
        if (_session is not null)
        {
            _session.End();
            _session.Owner.Quota.RemoveSession();
            services.Metrics.Held(-1);
            services.Awake.TryRemove(new(_session.Id, this));
            _session = null;
            _lease?.Dispose();
            _environments.Clear();
            _free.Clear();
        }
    }

    private async Task CheckLeaseAsync()
    {
        if (_session is { IsExpired: true } session)
        {
            await EndAsync("SESSION_EXPIRED", SessionStore.Expired(session, services.Time));
        }
    }

    // What is kept of an ended session is how it ended.
    private async Task EndAsync(string reason, string message)
    {
        Journal[] journals = [.. _environments.Values.Select(environment => environment.Journal), .. _free];
        (_record!.EndReason, _record.EndMessage) = (reason, message);
        _record.Environments.Clear();
        await StoreSessionAsync();
        EndSession();
        await Task.WhenAll(journals.Select(journal => journal.ClearAsync()));
        DeactivateOnIdle();
    }

    // Changes that come while the store writes are written together.
    private async Task StoreSessionAsync()
    {
        var (wanted, session) = (++_changes, _session);
        await _storing.WaitAsync();
        try
        {
            if (_storedChanges < wanted)
            {
                await OrForgetAsync(session, async () =>
                {
                    CheckStill(session);
                    var now = _changes;
                    await _store.WriteAsync(_stored, _record!);
                    _storedChanges = now;
                });
            }
        }
        finally
        {
            _storing.Release();
        }
    }

    // A server that was cut off and given up holds its sessions until it hears of it, while others go on with them:
    // what is answered without a write would be old.
    private async Task CheckNewestAsync(Session? session, DurableEnvironment? environment = null)
    {
        bool[] found;
        await _storing.WaitAsync();
        try
        {
            found = await Task.WhenAll(
                _store.IsNewestAsync(_stored),
                environment?.Journal.IsNewestAsync(environment.Number) ?? Task.FromResult(true));
        }
        finally
        {
            _storing.Release();
        }

        CheckStill(session);
        if (found.Contains(false))
        {
            Forget(session);
            throw new OrleansException("Another server has gone on with the session; ask again.");
        }
    }

    // Where work fails half-way, memory is ahead of the store.
    private async Task OrForgetAsync(Session? session, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch
        {
            Forget(session);
            throw;
        }
    }

    // Whoever comes next rebuilds the session from what was stored.
    private void Forget(Session? session)
    {
        if (ReferenceEquals(session, _session))
        {
            EndSession();
            _waking = null;
            DeactivateOnIdle();
        }
    }

    // What a call found after its session was forgotten says nothing of the one that took its place.
    private void CheckStill(Session? session)
    {
        if (!ReferenceEquals(session, _session))
        {
            throw new OrleansException("The session was rebuilt meanwhile; ask again.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 501, Level = LogLevel.Error, Message = "Session {Session} failed ({Reference}).")]
        public static partial void Failed(ILogger logger, string session, string reference, Exception failure);

        [LoggerMessage(EventId = 502, Level = LogLevel.Information,
            Message = "Session {Session} woke here: {Environments} environments, {Calls} calls carried out again, " +
                "{Milliseconds:0} ms.")]
        public static partial void Woke(
            ILogger logger, string session, int environments, int calls, double milliseconds);
    }
}
