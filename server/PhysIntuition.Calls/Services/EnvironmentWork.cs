using PhysIntuition.Environments.Batches;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Scheduling;

namespace PhysIntuition.Server.Services;

/// <summary>A call on an environment, wherever it came from; its reply may point into a page.</summary>
internal abstract class EnvironmentWork<T>(
    HostedEnvironment environment, int weight, CancellationToken cancellation, bool isToldInOrder)
    : Work<Held<T>>(environment.Lane, weight, cancellation, isToldInOrder)
{
    /// <summary>The memory that the reply points into, held once for whoever awaits it; null: none.</summary>
    protected Page? Page { get; set; }

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
        Page?.Release();   // a replay that was found, in a batch whose simulation failed
        Page = null;
        Environment.Batch.Abandon();
        base.Failed(failure);
    }

    protected sealed override Held<T> Answer() => new(Message, Page);

    protected abstract IPendingWorlds? BeginCall();
}

/// <summary>A call that changes the environment; answered from the replay window if it was done before.</summary>
internal abstract class NumberedWork<T>(
    HostedEnvironment environment, ulong stepId, ServerMetrics metrics, CancellationToken cancellation,
    bool isToldInOrder)
    : EnvironmentWork<T>(environment, environment.Slots, cancellation, isToldInOrder)
{
    private bool _isReplay;

    /// <summary>The request's number; 0: none.</summary>
    protected ulong StepId { get; } = stepId;

    public sealed override void Finish()
    {
        if (!_isReplay)
        {
            Page = FinishCall();
        }
    }

    protected sealed override IPendingWorlds? BeginCall()
    {
        Page = Environment.Window.Find(StepId);
        _isReplay = Page is not null;
        if (!_isReplay)
        {
            return BeginChange();
        }

        metrics.Replayed();
        CheckReplay(Page!);
        return null;
    }

    /// <summary>Checks the request and begins to change the environment.</summary>
    protected abstract IPendingWorlds? BeginChange();

    /// <summary>Writes the reply.</summary>
    protected abstract Page FinishCall();

    /// <summary>Refuses a number that was given to another kind of request.</summary>
    protected abstract void CheckReplay(Page page);

    /// <summary>Lets the page go and says what is wrong.</summary>
    protected void RefuseReplay(Page page, string kind)
    {
        Page = null;
        page.Release();
        Faults.Throw.OutOfOrder("step_id", "WRONG_STEP_ID",
            $"'step_id' {StepId} was a {kind}. Repeat the same request, or take the next number.");
    }
}
