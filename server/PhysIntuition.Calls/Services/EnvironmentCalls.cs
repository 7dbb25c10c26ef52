using PhysIntuition.Server.Access;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;

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
    /// <param name="session">Who opens it.</param>
    /// <param name="request">As it came.</param>
    /// <param name="isLocal">The caller runs on this machine.</param>
    public CreateReply Create(Session session, CreateRequest request, bool isLocal)
    {
        drain.ThrowIfStarted();
        var plan = EnvironmentPlan.From(request, services.Quota.Limits);
        var (environment, _) = session.AddOnce(request.CreateId, plan.Slots, plan.BufferBytes, number =>
        {
            var refusal = "";
            var shared = plan.SharedBuffers > 0 ? Share(plan, isLocal, out refusal) : null;
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

    /// <summary>The work of a call on an open environment.</summary>
    /// <param name="session">Whose environment it is.</param>
    /// <param name="request">Reset, step, render, snapshot, restore or fork, as it came.</param>
    /// <param name="completed">Told once how it ended.</param>
    /// <param name="cancellation">Fires when nobody waits any more.</param>
    public EnvironmentWork Begin(
        Session session, RunRequest request, Action<EnvironmentWork, Exception?> completed,
        CancellationToken cancellation)
    {
        var metrics = services.Metrics;
        return request.CallCase switch
        {
            RunRequest.CallOneofCase.Reset =>
                new ResetWork(session.Find(request.Reset.Environment), request.Reset, metrics, cancellation)
                { Completed = completed },
            RunRequest.CallOneofCase.Step =>
                new StepWork(session.Find(request.Step.Environment), request.Step, metrics, cancellation)
                { Completed = completed },
            RunRequest.CallOneofCase.Render =>
                new RenderWork(session.Find(request.Render.Environment), request.Render, cancellation)
                { Completed = completed },
            RunRequest.CallOneofCase.Snapshot =>
                new SnapshotWork(
                    session.Find(request.Snapshot.Environment), request.Snapshot, services.Seal, cancellation)
                { Completed = completed },
            RunRequest.CallOneofCase.Restore =>
                new RestoreWork(
                    session.Find(request.Restore.Environment), request.Restore, services.Seal, metrics, cancellation)
                { Completed = completed },
            RunRequest.CallOneofCase.Fork => BeginFork(session, request.Fork, completed, cancellation),
            _ => throw new PhysIntuition.Faults.PhysIntuitionException(PhysIntuition.Faults.Fault.InvalidArgument,
                "call", "'call' is absent; a request carries exactly one call. Set one.") { Reason = "NO_CALL" },
        };
    }

    private ForkWork BeginFork(
        Session session, ForkRequest request, Action<EnvironmentWork, Exception?> completed,
        CancellationToken cancellation)
    {
        drain.ThrowIfStarted();
        var origin = session.Find(request.Environment);
        var slots = origin.ReadSlots(request.Slots);
        var plan = origin.Plan.ToForkPlan(slots.Length, request, services.Quota.Limits);
        var (fork, isRepeat) = session.AddOnce(request.CreateId, plan.Slots, plan.BufferBytes, number =>
            new HostedEnvironment(number, plan, session.Share, shared: null, services)
            {
                CreateId = request.CreateId,
            });
        // A fork that may be asked for again is carried out even if the connection is lost meanwhile.
        var end = request.CreateId == 0 ? cancellation : CancellationToken.None;
        return new ForkWork(origin, fork, request, slots, isRepeat, end)
        {
            Completed = (work, failure) =>
            {
                if (failure is not null && !isRepeat)
                {
                    session.Remove(fork.Number);
                }

                completed(work, failure);
            },
        };
    }

    private static SharedBuffers? Share(EnvironmentPlan plan, bool isLocal, out string refusal)
    {
        if (!isLocal)
        {
            refusal = "The client runs on another machine.";
            return null;
        }

        if (plan.ReplyBytes == 0)
        {
            refusal = "No tensors are observed.";
            return null;
        }

        return SharedBuffers.TryCreate(
            Math.Max(plan.SharedBuffers, plan.ReplayWindow + 1), plan.ReplyBytes, out refusal);
    }
}
