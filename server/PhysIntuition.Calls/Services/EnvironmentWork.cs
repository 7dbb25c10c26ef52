namespace PhysIntuition.Server.Services;

/// <summary>A call on an environment, wherever it came from; its reply may point into a page.</summary>
internal abstract class EnvironmentWork<T>(
    HostedEnvironment environment, int weight, CallContext context)
    : Work<Held<T>>(environment.Lane, weight, context.Cancellation, context.IsToldInOrder)
{
    /// <summary>The memory that the reply points into, held once for whoever awaits it; null: none.</summary>
    protected ReplyBuffer? ReplyBuffer { get; set; }

    /// <summary>The environment.</summary>
    protected HostedEnvironment Environment { get; } = environment;

    /// <summary>The reply's message.</summary>
    protected abstract T Message { get; }

    public sealed override IPendingWorlds? Begin()
    {
        Environment.ThrowIfClosed();
        return BeginCall();
    }

    public override void Failed(Exception failure)
    {
        ReplyBuffer?.Release();   // a replay that was found, in a batch whose simulation failed
        ReplyBuffer = null;
        Environment.Batch.Abandon();
        base.Failed(failure);
    }

    protected sealed override Held<T> Answer() => new(Message, ReplyBuffer);

    protected abstract IPendingWorlds? BeginCall();
}

/// <summary>A call that changes the environment; answered from the replay window if it was done before.</summary>
internal abstract class NumberedWork<T>(
    HostedEnvironment environment, ulong stepId, ServerMetrics metrics, CallContext context)
    : EnvironmentWork<T>(environment, environment.Slots, context)
{
    private bool _isReplay;

    protected sealed override T Message => MessageOf(ReplyBuffer!)!;

    /// <summary>The request's number; 0: none.</summary>
    protected ulong StepId { get; } = stepId;

    public sealed override void Finish()
    {
        if (!_isReplay)
        {
            ReplyBuffer = FinishCall();
        }
    }

    public sealed override void Prepare(Func<bool> isWanted) => Environment.Prepare(isWanted);

    protected sealed override IPendingWorlds? BeginCall()
    {
        Environment.LeaveShown(StepId);
        ReplyBuffer = Environment.Window.Find(StepId);
        _isReplay = ReplyBuffer is not null;
        if (!_isReplay)
        {
            return BeginChange();
        }

        metrics.Replayed();
        if (MessageOf(ReplyBuffer!) is null)
        {
            RefuseReplay(ReplyBuffer!);
        }

        return null;
    }

    /// <summary>Checks the request and begins to change the environment.</summary>
    protected abstract IPendingWorlds? BeginChange();

    /// <summary>Writes the reply.</summary>
    protected abstract ReplyBuffer FinishCall();

    /// <summary>The reply that a page holds; null: it answered another kind of request.</summary>
    protected abstract T? MessageOf(ReplyBuffer page);

    // Lets the page go first: it is its own call's.
    private void RefuseReplay(ReplyBuffer page)
    {
        var kind = page.Step is null ? "reset or restore" : "step";
        ReplyBuffer = null;
        page.Release();
        Throw.OutOfOrder("step_id", "WRONG_STEP_ID",
            $"'step_id' {StepId} was a {kind}. Repeat the same request, or take the next number.");
    }
}

/// <summary>A reply and the memory that it points into, held until whoever sends it disposes of it.</summary>
/// <param name="Message">The reply.</param>
/// <param name="ReplyBuffer">The memory; null: the reply points nowhere.</param>
internal readonly record struct Held<T>(T Message, ReplyBuffer? ReplyBuffer = null) : IDisposable
{
    public void Dispose() => ReplyBuffer?.Release();
}
