using Grpc.Core;

namespace PhysIntuition.Server;

/// <summary>Calls over gRPC whose session is durable; without a cluster none is.</summary>
internal sealed class DurableCalls(IServiceProvider services)
{
    private readonly IDurableSessions? _sessions = services.GetService<IDurableSessions>();

    /// <summary>Whether a call's session is durable: its token says so.</summary>
    public bool Takes(ServerCallContext context) => _sessions is not null && DurableKey.Is(KeyOf(context).Token);

    /// <summary>Opens a durable session, or finds one again; null: it is not durable that was asked for.</summary>
    public Task<SessionInfo>? OpenOrResume(OpenSessionRequest request, ServerCallContext context)
    {
        if (request.ResumeId.Length > 0 || request.ResumeToken.Length > 0)
        {
            return _sessions is not null && DurableKey.Is(request.ResumeToken)
                ? _sessions.ResumeAsync(request.ResumeId, request.ResumeToken)
                : null;
        }

        if (!request.Durable)
        {
            return null;
        }

        if (_sessions is null)
        {
            Throw.OutOfOrder("durable", "NO_CLUSTER",
                "'durable' is true, but this server belongs to no cluster. Start it with --cluster redis://HOST:PORT " +
                "or --cluster postgres://HOST/DATABASE, or open the session without 'durable'.");
        }

        return _sessions.OpenAsync(
            context.Caller(), request, context.GetHttpContext().Request.Headers[SessionKey.IdHeader]);
    }

    /// <summary>Ends the session.</summary>
    public async Task<CloseSessionReply> CloseAsync(ServerCallContext context)
    {
        var key = KeyOf(context);
        await _sessions!.CloseAsync(key.Id, key.Token);
        return new CloseSessionReply();
    }

    /// <summary>Carries out one call.</summary>
    public Task<RunReply> RunAsync(ServerCallContext context, RunRequest request) =>
        RunAsync(KeyOf(context), context.Caller(), request, context.CancellationToken);

    /// <summary>Carries out the calls of a stream; Score wants no session.</summary>
    public Func<RunRequest, Task<Held<RunReply>>> RunnerOf(
        ServerCallContext context, Func<ScoreRequest, Task<ScoreReply>> score)
    {
        var (key, caller, end) = (KeyOf(context), context.Caller(), context.CancellationToken);
        return async request => new(request.CallCase == RunRequest.CallOneofCase.Score
            ? new RunReply { Score = await score(request.Score) }
            : await RunAsync(key, caller, request, end));
    }

    // A journal holds what was done; what was merely shown is not.
    private Task<RunReply> RunAsync(DurableKey key, Caller caller, RunRequest request, CancellationToken end)
    {
        if (request.Step is { } step)
        {
            step.ShowsNext = false;
        }

        return _sessions!.RunAsync(key, caller, request, end);
    }

    private static DurableKey KeyOf(ServerCallContext context)
    {
        var headers = context.GetHttpContext().Request.Headers;
        return new((string?)headers[SessionKey.IdHeader] ?? "", (string?)headers[SessionKey.TokenHeader] ?? "");
    }
}
