using Grpc.Core;

namespace PhysIntuition.Server;

/// <summary>The contract over gRPC. Thin by rule: find the session, hand over, reply.</summary>
/// <remarks>Faults become statuses in <see cref="FaultInterceptor"/>, never here.</remarks>
[NeededScope(Scopes.Play)]
internal sealed partial class EnvironmentGrpcService(
    EnvironmentCalls calls, SessionStore sessions, DurableCalls durable, ServerDescription server, Drain drain,
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
        return durable.OpenOrResume(request, context) ??
            Task.FromResult(request.ResumeId.Length > 0 || request.ResumeToken.Length > 0
                ? Resume(request)
                : Open(request, context));
    }

    public override Task<CloseSessionReply> CloseSession(CloseSessionRequest request, ServerCallContext context)
    {
        if (durable.Takes(context))
        {
            return durable.CloseAsync(context);
        }

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

    public override async Task<CreateReply> Create(CreateRequest request, ServerCallContext context)
    {
        if (durable.Takes(context))
        {
            return (await durable.RunAsync(context, new RunRequest { Create = request })).Create;
        }

        using var scope = CallScope.Enter(sessions, context);
        return calls.Create(UnaryCall.ContextOf(scope.Session, context), request);
    }

    public override Task<ResetReply> Reset(ResetRequest request, ServerCallContext context) => durable.Takes(context)
        ? ReplyAsync(durable.RunAsync(context, new RunRequest { Reset = request }), static reply => reply.Reset)
        : UnaryCall.RunAsync(sessions, context, call => calls.ResetAsync(call, request));

    public override Task<StepReply> Step(StepRequest request, ServerCallContext context) =>
        durable.Takes(context)
            ? ReplyAsync(durable.RunAsync(context, new RunRequest { Step = request }), static reply => reply.Step)
            : UnaryCall.RunAsync(sessions, context, call => calls.StepAsync(call, request));

    public override Task<RenderReply> Render(RenderRequest request, ServerCallContext context) =>
        durable.Takes(context)
            ? ReplyAsync(durable.RunAsync(context, new RunRequest { Render = request }), static reply => reply.Render)
            : UnaryCall.RunAsync(sessions, context, call => calls.RenderAsync(call, request));

    public override Task<SnapshotReply> Snapshot(SnapshotRequest request, ServerCallContext context) =>
        durable.Takes(context)
            ? ReplyAsync(durable.RunAsync(context, new RunRequest { Snapshot = request }), static said => said.Snapshot)
            : UnaryCall.RunAsync(sessions, context, call => calls.SnapshotAsync(call, request));

    public override Task<ResetReply> Restore(RestoreRequest request, ServerCallContext context) =>
        durable.Takes(context)
            ? ReplyAsync(durable.RunAsync(context, new RunRequest { Restore = request }), static reply => reply.Reset)
            : UnaryCall.RunAsync(sessions, context, call => calls.RestoreAsync(call, request));

    public override Task<ForkReply> Fork(ForkRequest request, ServerCallContext context) => durable.Takes(context)
        ? ReplyAsync(durable.RunAsync(context, new RunRequest { Fork = request }), static reply => reply.Fork)
        : UnaryCall.RunAsync(sessions, context, call => calls.ForkAsync(call, request));

    public override async Task<CloseReply> Close(CloseRequest request, ServerCallContext context)
    {
        if (durable.Takes(context))
        {
            return (await durable.RunAsync(context, new RunRequest { Close = request })).Close;
        }

        using var scope = CallScope.Enter(sessions, context);
        return EnvironmentCalls.Close(UnaryCall.ContextOf(scope.Session, context), request);
    }

    public override async Task Run(
        IAsyncStreamReader<RunRequest> requests, IServerStreamWriter<RunReply> responses, ServerCallContext context)
    {
        drain.ThrowIfStarted();
        Func<RunRequest, Task<Held<RunReply>>> run;
        if (durable.Takes(context))
        {
            run = durable.RunnerOf(context, request =>
                calls.ScoreAsync(context.Caller(), context.Caller().Share, request, context.CancellationToken));
        }
        else
        {
            var session = CallScope.Find(sessions, context);
            session.Touch();
            run = calls.RunnerOf(UnaryCall.ContextOf(session, context));
        }

        var loop = new RunLoop(run, calls.Services.Quota.Limits, logger, context.CancellationToken);
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
        context.GetHttpContext().Request.Headers.ContainsKey(SessionKey.IdHeader) && !durable.Takes(context)
            ? CallScope.Find(sessions, context).Share
            : context.Caller().Share;

    private static async Task<T> ReplyAsync<T>(Task<RunReply> call, Func<RunReply, T> read) => read(await call);

    // A client behind a load balancer names its session itself: then every call of it hashes to the same replica.
    private SessionInfo Open(OpenSessionRequest request, ServerCallContext context)
    {
        string? id = context.GetHttpContext().Request.Headers[SessionKey.IdHeader];
        var (session, token) = sessions.Open(context.Caller(), SessionStore.NameOf(request),
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
