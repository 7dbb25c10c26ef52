using PhysIntuition.Environments.Batches;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Services;

/// <summary>A call on an environment, wherever it came from; its reply may point into a page.</summary>
internal abstract class EnvironmentWork(HostedEnvironment environment, int weight, CancellationToken cancellation)
    : Work(environment.Lane, weight, cancellation)
{
    /// <summary>Called once at the end with null, or with what went wrong.</summary>
    public required Action<EnvironmentWork, Exception?> Completed { get; init; }

    /// <summary>The memory that the reply points into, held once for whoever completes; null: none.</summary>
    public Page? Page { get; protected set; }

    /// <summary>The environment.</summary>
    protected HostedEnvironment Environment { get; } = environment;

    /// <summary>Puts the reply into its place in the stream's message.</summary>
    public abstract void Fill(RunReply reply);

    public sealed override IPendingWorlds? Begin()
    {
        Environment.ThrowIfClosed();
        return BeginCall();
    }

    public override void Done() => Completed(this, null);

    public override void Failed(Exception failure)
    {
        Page?.Release();   // a replay that was found, in a batch whose simulation failed
        Page = null;
        Environment.Batch.Abandon();
        Completed(this, failure);
    }

    protected abstract IPendingWorlds? BeginCall();
}

/// <summary>A call that changes the environment; answered from the replay window if it was done before.</summary>
internal abstract class NumberedWork(
    HostedEnvironment environment, ulong stepId, int weight, ServerMetrics metrics, CancellationToken cancellation)
    : EnvironmentWork(environment, weight, cancellation)
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
