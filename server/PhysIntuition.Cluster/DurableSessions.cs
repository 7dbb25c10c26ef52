using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using PhysIntuition.Faults;
using PhysIntuition.Server.Services;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;
using Call = PhysIntuition.V1.RunRequest.CallOneofCase;

namespace PhysIntuition.Server.Cluster;

/// <summary>Passes calls of durable sessions to whichever server holds them, and asks again where that one is gone.
/// </summary>
internal sealed class DurableSessions(
    IGrainFactory grains, SessionStore sessions, IOptions<ClusterOptions> options, IOptions<LimitOptions> limits,
    Drain drain, SessionServices services, TimeProvider time) : IDurableSessions
{
    private readonly ConcurrentDictionary<(DurableKey, uint), CallQueue> _queues = new();
    private readonly Retry _retry = new(options.Value.Patience, TimeSpan.FromMilliseconds(300), time);

    /// <inheritdoc/>
    public async Task<SessionInfo> OpenAsync(Caller caller, OpenSessionRequest request, string? id)
    {
        var (lease, token) = (sessions.CheckOpening(LeaseOf(request), id), DurableKey.NewToken());
        using var place = caller.Quota.TakeRequest();
        var grain = grains.GetGrain<ISessionGrain>(id ?? SessionKey.NewId());
        return SessionInfo.Parser.ParseFrom(
            await AskAsync(() =>
                grain.OpenAsync(token, SessionStore.NameOf(request), lease.TotalSeconds, caller.Id)));
    }

    /// <inheritdoc/>
    public async Task<SessionInfo> ResumeAsync(string id, string token) => SessionInfo.Parser.ParseFrom(
        await AskAsync(() => grains.GetGrain<ISessionGrain>(id).ResumeAsync(token)));

    /// <inheritdoc/>
    public Task CloseAsync(string id, string token) =>
        AskAsync(() => grains.GetGrain<ISessionGrain>(id).CloseAsync(token));

    /// <inheritdoc/>
    public async Task<RunReply> RunAsync(
        DurableKey key, Caller caller, RunRequest request, CancellationToken cancellation)
    {
        caller.ThrowIfEnded();
        using var place = caller.Quota.TakeRequest();
        var environment = Prepare(request);
        while (true)
        {
            if (_queues.GetOrAdd((key, environment), NewQueue).Add(request) is not { } replying)
            {
                continue;   // It has just ended, and goes.
            }

            var reply = await replying.WaitAsync(cancellation);
            return reply.ResultCase == RunReply.ResultOneofCase.Error
                ? throw FaultTable.ToException(reply.Error)
                : reply;
        }
    }

    private CallQueue NewQueue((DurableKey Key, uint Environment) session) => new(
        calls =>
        {
            var batch = Guid.NewGuid();   // the same for each attempt: what one of them did is not done again
            return ReachAsync(() => CallAsync(session.Key, batch, calls));
        },
        () => _queues.TryRemove(session, out _),
        limits.Value.MaxRequestsPerSession);

    private async Task<byte[][]> CallAsync(DurableKey key, Guid batch, RunRequest[] calls)
    {
        if (services.Awake.TryGetValue(key.Id, out var here))
        {
            return await here.CallHereAsync(key.Token, batch, calls);
        }

        var requests = calls.Select(call => call.ToByteArray()).ToArray();
        var replies = await grains.GetGrain<ISessionGrain>(key.Id).CallAsync(key.Token, batch, new(requests));
        return replies.Value;
    }

    // An opening that is asked for again must find what it opened, whether or not its client numbers it.
    private static uint Prepare(RunRequest request)
    {
        switch (request.CallCase)
        {
            case Call.Create:
                request.Create.CreateId = NumberOr(request.Create.CreateId);
                break;
            case Call.Fork:
                request.Fork.CreateId = NumberOr(request.Fork.CreateId);
                break;
            case Call.None or Call.Score:
                throw EnvironmentCalls.NoCall();
        }

        return request.CalledEnvironment;
    }

    private static ulong NumberOr(ulong number) =>
        number != 0 ? number : (ulong)Random.Shared.NextInt64(1, long.MaxValue);

    private static TimeSpan? LeaseOf(OpenSessionRequest request) =>
        request.LeaseSeconds == 0 ? null : TimeSpan.FromSeconds(request.LeaseSeconds);

    private async Task<byte[]> AskAsync(Func<Task<ReplyOrError>> call)
    {
        var outcome = await ReachAsync(call);
        return outcome.Error is { } error ? throw FaultTable.ToException(Error.Parser.ParseFrom(error)) : outcome.Reply;
    }

    private Task<T> ReachAsync<T>(Func<Task<T>> call) => _retry.RunAsync(
        // Sessions refuse in words: what is thrown comes from the way to them, such as from the store's client.
        call, gone => gone is not PhysIntuitionException, GiveUp,
        () =>
        {
            drain.ThrowIfStarted();
            services.Metrics.Retried();
        });

    private PhysIntuitionException GiveUp(Exception gone)
    {
        drain.ThrowIfStarted();
        return new PhysIntuitionException(Fault.Unavailable, "",
            $"No server of the cluster has taken the session over within {_retry.Patience.TotalSeconds:0} s " +
            $"({gone.Message.Split('\n')[0]}) Repeat the call.")
        {
            Reason = "SESSION_UNREACHABLE",
            RetryAfter = _retry.LongestPause,
        };
    }
}
