namespace PhysIntuition.Server.Services;

/// <summary>The calls of a session, whatever protocol they came by.</summary>
internal sealed class EnvironmentCalls(EnvironmentServices services, Drain drain)
{
    /// <summary>What environments share.</summary>
    public EnvironmentServices Services => services;

    /// <summary>Scores answers without an environment.</summary>
    /// <param name="caller">Who asks; wants the scope score.</param>
    /// <param name="share">Whose place in the queue it takes.</param>
    /// <param name="request">As it came.</param>
    /// <param name="cancellation">Fires when nobody waits any more.</param>
    public Task<ScoreReply> ScoreAsync(
        Caller caller, WorkShare share, ScoreRequest request, CancellationToken cancellation)
    {
        caller.Require(Scopes.Score);
        var work = new ScoreWork(share, request, services.Quota.Limits, services.Simulator, cancellation);
        services.Scheduler.Submit(work);
        return work.Reply;
    }

    /// <summary>Opens an environment.</summary>
    public CreateReply Create(CallContext context, CreateRequest request)
    {
        drain.ThrowIfStarted();
        return Create(context, request, EnvironmentPlan.From(request, services.Quota.Limits));
    }

    /// <summary>Opens an environment of a request that was checked.</summary>
    public CreateReply Create(CallContext context, CreateRequest request, EnvironmentPlan plan)
    {
        var session = context.Session;
        var (environment, _) = session.AddOnce(request.CreateId, plan.Slots, plan.BufferBytes, number =>
        {
            var refusal = "";
            var shared = plan.SharedBuffers > 0 ? Share(plan, context, out refusal) : null;
            if (shared is null)
            {
                HostedEnvironment.CheckReplyBytes(plan.Observe, plan.Slots, shared, services.Quota.Limits);
            }

            return new HostedEnvironment(number, plan, session.Share, shared, services)
            {
                CreateId = request.CreateId,
                MemoryRefused = refusal,
            };
        });
        return new CreateReply
        {
            Environment = environment.Describe(),
            SharedMemory = environment.DescribeMemory(),
            SharedMemoryRefused = environment.MemoryRefused,
        };
    }

    /// <summary>Opens an environment under the number that it had elsewhere, its slots without episodes.</summary>
    public HostedEnvironment Reopen(Session session, uint number, EnvironmentPlan plan, ulong createId) =>
        session.Reopen(number, plan.Slots, plan.BufferBytes, known =>
            new HostedEnvironment(known, plan, session.Share, shared: null, services) { CreateId = createId });

    /// <summary>Closes an environment; closing twice is fine.</summary>
    public static CloseReply Close(CallContext context, CloseRequest request)
    {
        context.Session.Remove(request.Environment);
        return new CloseReply();
    }

    /// <summary>Starts episodes.</summary>
    public Task<Held<ResetReply>> ResetAsync(CallContext context, ResetRequest request) => Run(context,
        new ResetWork(context.Session.Find(request.Environment), request, services.Metrics, context));

    /// <summary>Answers.</summary>
    public Task<Held<StepReply>> StepAsync(CallContext context, StepRequest request) => Run(context,
        new StepWork(context.Session.Find(request.Environment), request, services.Metrics, context));

    /// <summary>Shows slots as they are.</summary>
    public Task<Held<RenderReply>> RenderAsync(CallContext context, RenderRequest request) => Run(context,
        new RenderWork(context.Session.Find(request.Environment), request, context));

    /// <summary>Captures slots.</summary>
    public Task<Held<SnapshotReply>> SnapshotAsync(CallContext context, SnapshotRequest request) => Run(context,
        new SnapshotWork(context.Session.Find(request.Environment), request, services.Seal, context));

    /// <summary>Goes on from captured slots.</summary>
    public Task<Held<ResetReply>> RestoreAsync(CallContext context, RestoreRequest request) => Run(context,
        new RestoreWork(context.Session.Find(request.Environment), request, services.Seal, services.Metrics, context));

    /// <summary>Opens an environment whose slots go on from those of another.</summary>
    public Task<Held<ForkReply>> ForkAsync(CallContext context, ForkRequest request)
    {
        drain.ThrowIfStarted();
        var session = context.Session;
        var origin = session.Find(request.Environment);
        var slots = origin.ReadSlots(request.Slots);
        var plan = origin.Plan.ToForkPlan(slots.Length, request, services.Quota.Limits);
        var (fork, isRepeat) = session.AddOnce(request.CreateId, plan.Slots, plan.BufferBytes, number =>
            new HostedEnvironment(number, plan, session.Share, shared: null, services)
            {
                CreateId = request.CreateId,
            });
        // A fork that may be asked for again is carried out even if the connection is lost meanwhile.
        context = request.CreateId == 0 ? context : context with { Cancellation = CancellationToken.None };
        return Run(context, new ForkWork(session, origin, fork, request, slots, isRepeat, context));
    }

    /// <summary>Whichever call a request of a stream carries.</summary>
    public async Task<Held<RunReply>> RunAsync(CallContext context, RunRequest request)
    {
        switch (request.CallCase)
        {
            case RunRequest.CallOneofCase.Create:
                return new(new RunReply { Create = Create(context, request.Create) });
            case RunRequest.CallOneofCase.Close:
                return new(new RunReply { Close = Close(context, request.Close) });
            case RunRequest.CallOneofCase.Score:
                var session = context.Session;
                return new(new RunReply
                {
                    Score = await ScoreAsync(session.Owner, session.Share, request.Score, context.Cancellation),
                });
            case RunRequest.CallOneofCase.Reset:
                var reset = await ResetAsync(context, request.Reset);
                return new(new RunReply { Reset = reset.Message }, reset.ReplyBuffer);
            case RunRequest.CallOneofCase.Step:
                var step = await StepAsync(context, request.Step);
                return new(new RunReply { Step = step.Message }, step.ReplyBuffer);
            case RunRequest.CallOneofCase.Render:
                var render = await RenderAsync(context, request.Render);
                return new(new RunReply { Render = render.Message }, render.ReplyBuffer);
            case RunRequest.CallOneofCase.Snapshot:
                var snapshot = await SnapshotAsync(context, request.Snapshot);
                return new(new RunReply { Snapshot = snapshot.Message }, snapshot.ReplyBuffer);
            case RunRequest.CallOneofCase.Restore:
                var restore = await RestoreAsync(context, request.Restore);
                return new(new RunReply { Reset = restore.Message }, restore.ReplyBuffer);
            case RunRequest.CallOneofCase.Fork:
                var fork = await ForkAsync(context, request.Fork);
                return new(new RunReply { Fork = fork.Message }, fork.ReplyBuffer);
            default:
                throw NoCall();
        }
    }

    /// <summary>Carries out calls that change one environment, in one turn of the scheduler.</summary>
    /// <param name="environment">Whose calls.</param>
    /// <param name="requests">Resets, steps and restores, in order.</param>
    /// <param name="told">Told of each call before the next one begins; what it throws ends the row.</param>
    public Task RunRowAsync(HostedEnvironment environment, IEnumerable<RunRequest> requests, Action<RowCall> told)
    {
        var row = new RowWork(environment, [.. requests.Select(request => ToRowCall(environment, request))], told);
        services.Scheduler.Submit(row);
        return row.Reply;
    }

    /// <summary>What is told of a request of a stream that carries no call.</summary>
    public static PhysIntuition.Faults.PhysIntuitionException NoCall() => new(
        PhysIntuition.Faults.Fault.InvalidArgument, "call",
        "'call' is absent; a request carries exactly one call. Set one.") { Reason = "NO_CALL" };

    /// <summary>Carries out the requests of a stream, each in a place of the session.</summary>
    public Func<RunRequest, Task<Held<RunReply>>> RunnerOf(CallContext context)
    {
        context = context with { IsToldInOrder = true };
        return async request =>
        {
            context.Session.Enter();
            try
            {
                return await RunAsync(context, request);
            }
            finally
            {
                context.Session.Leave();
            }
        };
    }

    private RowCall ToRowCall(HostedEnvironment environment, RunRequest request) => request.CallCase switch
    {
        RunRequest.CallOneofCase.Reset => ToRowCall(request,
            new ResetWork(environment, request.Reset, services.Metrics, context: default),
            reply => new RunReply { Reset = reply }),
        RunRequest.CallOneofCase.Step => ToRowCall(request,
            new StepWork(environment, request.Step, services.Metrics, context: default),
            reply => new RunReply { Step = reply }),
        RunRequest.CallOneofCase.Restore => ToRowCall(request,
            new RestoreWork(environment, request.Restore, services.Seal, services.Metrics, context: default),
            reply => new RunReply { Reset = reply }),
        _ => throw NoCall(),
    };

    private static RowCall ToRowCall<T>(RunRequest request, EnvironmentWork<T> work, Func<T, RunReply> wrap) =>
        new(request, work, () =>
        {
            var held = work.Reply.GetAwaiter().GetResult();   // it is there
            return new(wrap(held.Message), held.ReplyBuffer);
        });

    private Task<T> Run<T>(CallContext context, Work<T> work)
    {
        if (context.RunsHere)
        {
            // In process the next call comes before another thread has begun.
            services.Scheduler.RunOrSubmit(work, prepares: !context.IsInProcess);
        }
        else
        {
            services.Scheduler.Submit(work);
        }

        return work.Reply;
    }

    private static SharedBuffers? Share(EnvironmentPlan plan, CallContext context, out string refusal)
    {
        if (!context.IsLocal)
        {
            refusal = "The client runs on another machine.";
            return null;
        }

        if (plan.ReplyBytes == 0)
        {
            refusal = "No tensors are observed.";
            return null;
        }

        var buffers = Math.Max(plan.SharedBuffers, plan.ReplayWindow + 1);
        return context.IsInProcess
            ? SharedBuffers.TryCreateAnonymous(buffers, plan.ReplyBytes, out refusal)
            : SharedBuffers.TryCreate(buffers, plan.ReplyBytes, out refusal);
    }
}

/// <summary>For whom a call is carried out, and how.</summary>
/// <param name="Session">The caller's session.</param>
/// <param name="Cancellation">Fires when nobody waits any more.</param>
internal readonly record struct CallContext(Session Session, CancellationToken Cancellation = default)
{
    /// <summary>The caller runs on this machine.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The caller runs in this process.</summary>
    public bool IsInProcess { get; init; }

    /// <summary>The caller waits: where nothing else does, the call is carried out on its thread.</summary>
    public bool RunsHere { get; init; }

    /// <summary>The caller goes on on the worker that answers: an environment's replies are told in order.</summary>
    public bool IsToldInOrder { get; init; }
}
