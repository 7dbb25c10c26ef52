using Grpc.Core;
using PhysIntuition.Server.Access;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Services;

/// <summary>The contract over gRPC. Thin by rule: find the session, hand over, reply.</summary>
/// <remarks>Faults become statuses in <see cref="Faults.FaultInterceptor"/>, never here.</remarks>
[NeededScope(Scopes.Play)]
internal sealed partial class EnvironmentGrpcService(
    EnvironmentCalls calls, SessionStore sessions, ServerDescription server, Drain drain,
    ILogger<EnvironmentGrpcService> logger) : EnvironmentService.EnvironmentServiceBase
{
    [NeededScope(Scopes.None)]
    public override Task<ServerInfo> GetServerInfo(GetServerInfoRequest request, ServerCallContext context) =>
        Task.FromResult(server.Info);

    [NeededScope(Scopes.None)]
    public override Task<ListTasksReply> ListTasks(ListTasksRequest request, ServerCallContext context) =>
        Task.FromResult(server.Tasks);

    [NeededScope(Scopes.None)]
    public override Task<TaskInfo> GetTask(GetTaskRequest request, ServerCallContext context) =>
        Task.FromResult(server.Task(request.Task));

    public override Task<SessionInfo> OpenSession(OpenSessionRequest request, ServerCallContext context)
    {
        drain.ThrowIfStarted();
        return Task.FromResult(request.ResumeId.Length > 0 || request.ResumeToken.Length > 0
            ? Resume(request)
            : Open(request, context));
    }

    public override Task<CloseSessionReply> CloseSession(CloseSessionRequest request, ServerCallContext context)
    {
        try
        {
            sessions.Close(CallScope.Find(sessions, context));
        }
        catch (PhysIntuition.Faults.PhysIntuitionException fault) when (fault.Reason == "SESSION_CLOSED")
        {
            // Closing a closed session is not an error.
        }

        return Task.FromResult(new CloseSessionReply());
    }

    public override Task<CreateReply> Create(CreateRequest request, ServerCallContext context)
    {
        using var scope = CallScope.Enter(sessions, context);
        return Task.FromResult(calls.Create(UnaryCall.ContextOf(scope.Session, context), request));
    }

    public override Task<ResetReply> Reset(ResetRequest request, ServerCallContext context) =>
        UnaryCall.RunAsync(sessions, context, call => calls.ResetAsync(call, request));

    public override Task<StepReply> Step(StepRequest request, ServerCallContext context) =>
        UnaryCall.RunAsync(sessions, context, call => calls.StepAsync(call, request));

    public override Task<RenderReply> Render(RenderRequest request, ServerCallContext context) =>
        UnaryCall.RunAsync(sessions, context, call => calls.RenderAsync(call, request));

    public override Task<SnapshotReply> Snapshot(SnapshotRequest request, ServerCallContext context) =>
        UnaryCall.RunAsync(sessions, context, call => calls.SnapshotAsync(call, request));

    public override Task<ResetReply> Restore(RestoreRequest request, ServerCallContext context) =>
        UnaryCall.RunAsync(sessions, context, call => calls.RestoreAsync(call, request));

    public override Task<ForkReply> Fork(ForkRequest request, ServerCallContext context) =>
        UnaryCall.RunAsync(sessions, context, call => calls.ForkAsync(call, request));

    public override Task<CloseReply> Close(CloseRequest request, ServerCallContext context)
    {
        using var scope = CallScope.Enter(sessions, context);
        return Task.FromResult(EnvironmentCalls.Close(UnaryCall.ContextOf(scope.Session, context), request));
    }

    public override async Task Run(
        IAsyncStreamReader<RunRequest> requests, IServerStreamWriter<RunReply> responses, ServerCallContext context)
    {
        drain.ThrowIfStarted();
        var session = CallScope.Find(sessions, context);
        session.Touch();
        var loop = new RunLoop(calls, UnaryCall.ContextOf(session, context), logger);
        await loop.RunAsync(requests, responses, drain.Started);
    }

    [NeededScope(Scopes.Score)]
    public override async Task<ScoreReply> Score(ScoreRequest request, ServerCallContext context)
    {
        drain.ThrowIfStarted();
        using var place = context.Caller().Quota.TakeRequest();
        return await calls.ScoreAsync(context.Caller(), ShareOf(context), request, context.CancellationToken);
    }

    [NeededScope(Scopes.Score)]
    public override async Task StreamDataset(
        StreamDatasetRequest request, IServerStreamWriter<DatasetChunk> responses, ServerCallContext context)
    {
        drain.ThrowIfStarted();
        using var place = context.Caller().Quota.TakeRequest();
        var stream = new DatasetStream(calls.Services, ShareOf(context), request, context.CancellationToken);
        using var slots = context.Caller().Quota.TakeSlots(stream.Slots);
        await stream.RunAsync(chunk => responses.WriteAsync(chunk, context.CancellationToken));
    }

    // Calls without a session share one place in the queue, one for each API token.
    private WorkShare ShareOf(ServerCallContext context) =>
        context.GetHttpContext().Request.Headers.ContainsKey(SessionKey.IdHeader)
            ? CallScope.Find(sessions, context).Share
            : context.Caller().Share;

    // A client behind a load balancer names its session itself: then every call of it hashes to the same replica.
    private SessionInfo Open(OpenSessionRequest request, ServerCallContext context)
    {
        if (request.Durable)
        {
            Faults.Throw.OutOfOrder("durable", "NO_CLUSTER",
                "'durable' is true, but this server belongs to no cluster. Start it with --cluster redis://HOST:PORT " +
                "or --cluster postgres://HOST/DATABASE, or open the session without 'durable'.");
        }

        var client = request.Client.Length <= 128 ? request.Client : request.Client[..128];
        string? id = context.GetHttpContext().Request.Headers[SessionKey.IdHeader];
        var (session, token) = sessions.Open(context.Caller(), client,
            request.LeaseSeconds == 0 ? null : TimeSpan.FromSeconds(request.LeaseSeconds), id);
        return new SessionInfo
        {
            Id = session.Id,
            Token = token,
            LeaseSeconds = (uint)session.Lease.TotalSeconds,
        };
    }

    private SessionInfo Resume(OpenSessionRequest request)
    {
        var session = sessions.Find(request.ResumeId, request.ResumeToken);
        session.Touch();
        return new SessionInfo
        {
            Id = session.Id,
            LeaseSeconds = (uint)session.Lease.TotalSeconds,
            IsResumed = true,
            Environments = { session.Environments.Select(environment => environment.Describe()) },
        };
    }
}
