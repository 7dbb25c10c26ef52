namespace PhysIntuition.Server.Services;

/// <summary>Reset.</summary>
internal sealed class ResetWork(
    HostedEnvironment environment, ResetRequest request, ServerMetrics metrics, CallContext context)
    : NumberedWork<ResetReply>(environment, request.StepId, metrics, context)
{
    protected override IPendingWorlds BeginChange() => Environment.BeginReset(request);

    protected override ReplyBuffer FinishCall() => Environment.FinishReset(StepId);

    protected override ResetReply? MessageOf(ReplyBuffer page) => page.Reset;
}

/// <summary>Step.</summary>
internal sealed class StepWork(
    HostedEnvironment environment, StepRequest request, ServerMetrics metrics, CallContext context)
    : NumberedWork<StepReply>(environment, request.StepId, metrics, context)
{
    protected override IPendingWorlds BeginChange() => Environment.BeginStep(request);

    protected override ReplyBuffer FinishCall() => Environment.FinishStep(request);

    protected override StepReply? MessageOf(ReplyBuffer page) => page.Step;
}

/// <summary>Restore.</summary>
internal sealed class RestoreWork(
    HostedEnvironment environment, RestoreRequest request, SnapshotSeal seal, ServerMetrics metrics,
    CallContext context)
    : NumberedWork<ResetReply>(environment, request.StepId, metrics, context)
{
    protected override IPendingWorlds BeginChange() =>
        Environment.BeginRestore(request, seal.Open(request.Snapshot.Span));

    protected override ReplyBuffer FinishCall() => Environment.FinishReset(StepId);

    protected override ResetReply? MessageOf(ReplyBuffer page) => page.Reset;
}

/// <summary>Render.</summary>
internal sealed class RenderWork(
    HostedEnvironment environment, RenderRequest request, CallContext context)
    : EnvironmentWork<RenderReply>(
        environment, request.Slots.Count == 0 ? environment.Slots : request.Slots.Count, context)
{
    private readonly RenderReply _reply = new();
    private int[] _slots = [];
    private ObservationPlan _observe = ObservationPlan.None;

    protected override RenderReply Message => _reply;

    public override void Finish() => ReplyBuffer = Environment.Render(_slots, _observe, _reply);

    protected override IPendingWorlds? BeginCall()
    {
        (var worlds, _slots, _observe) = Environment.BeginRender(request);
        return worlds;
    }
}

/// <summary>Snapshot.</summary>
internal sealed class SnapshotWork(
    HostedEnvironment environment, SnapshotRequest request, SnapshotSeal seal, CallContext context)
    : EnvironmentWork<SnapshotReply>(environment, 1, context)
{
    private readonly SnapshotReply _reply = new();

    protected override SnapshotReply Message => _reply;

    public override void Finish()
    {
        var slots = Environment.ReadSlots(request.Slots);
        _reply.Snapshot = UnsafeByteOperations.UnsafeWrap(
            seal.Close(slots.Length, (place, target) => Environment.Batch.Capture(slots[place], target)));
    }

    protected override IPendingWorlds? BeginCall() => null;
}

/// <summary>Fork: runs on the first environment's lane; nobody knows the second one yet.</summary>
internal sealed class ForkWork(
    Session session, HostedEnvironment environment, HostedEnvironment fork, ForkRequest request, int[] slots,
    bool isRepeat, CallContext context)
    : EnvironmentWork<ForkReply>(environment, slots.Length, context)
{
    private readonly ForkReply _reply = new();

    protected override ForkReply Message => _reply;

    public override void Finish()
    {
        if (!request.WithoutObservations)
        {
            ReplyBuffer = fork.FinishReset(stepId: 0);
            _reply.Observations.Add(ReplyBuffer.Reset!.Observations);
        }

        _reply.Environment = fork.Describe();
    }

    public override void Failed(Exception failure)
    {
        if (!isRepeat)
        {
            session.Remove(fork.Number);
        }

        base.Failed(failure);
    }

    protected override IPendingWorlds BeginCall() => fork.BeginFork(Environment, isRepeat ? null : slots, request);
}
