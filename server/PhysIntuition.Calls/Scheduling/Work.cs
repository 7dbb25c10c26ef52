using System.Diagnostics;

namespace PhysIntuition.Server.Scheduling;

/// <summary>One call on its way through the scheduler. Exactly one of Done and Failed is called at the end.</summary>
/// <param name="lane">Calls of one lane run one after the other, in order.</param>
/// <param name="weight">Slots that take part; at least 1. Shares are measured in it.</param>
/// <param name="cancellation">Once it fires, the call is not begun.</param>
internal abstract class Work(WorkLane lane, int weight, CancellationToken cancellation)
{
    /// <summary>Where it queues.</summary>
    public WorkLane Lane { get; } = lane;

    /// <summary>Slots that take part.</summary>
    public int Weight { get; } = Math.Max(1, weight);

    /// <summary>Fires when nobody waits any more.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>What went wrong so far; null: nothing.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>When it was submitted, for the queue's metrics.</summary>
    public long Submitted { get; set; }

    /// <summary>What it is called in traces: "step", "reset", ...</summary>
    public string Name => GetType().Name.Replace("Work", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Its span from submission to reply; null: nobody traces it.</summary>
    public Activity? Span { get; set; }

    /// <summary>Checks the request and begins it.</summary>
    /// <returns>Worlds to simulate before <see cref="Finish"/>; null: none.</returns>
    public abstract IPendingWorlds? Begin();

    /// <summary>Reads the results; nothing else runs on this lane meanwhile.</summary>
    public abstract void Finish();

    /// <summary>Tells the caller that the reply is there. Called off the scheduler's locks.</summary>
    public abstract void Done();

    /// <summary>Does for the lane's next call what can be done while its caller is busy with the reply.</summary>
    /// <param name="isWanted">Asked again and again: whether a call waits, here or elsewhere.</param>
    public virtual void Prepare(Func<bool> isWanted)
    {
    }

    /// <summary>Tells the caller what went wrong.</summary>
    public abstract void Failed(Exception failure);

    /// <summary>Begins it, if anybody still waits; what goes wrong is kept for <see cref="Tell"/>.</summary>
    public IPendingWorlds? TryBegin()
    {
        try
        {
            Cancellation.ThrowIfCancellationRequested();
            return Begin();
        }
        catch (Exception failure)
        {
            Fail(failure);
            return null;
        }
    }

    /// <summary>Finishes it, unless something went wrong before.</summary>
    public void TryFinish()
    {
        try
        {
            if (Failure is null)
            {
                Finish();
            }
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    /// <summary>Keeps what went wrong, the first time.</summary>
    public void Fail(Exception failure) => Failure ??= failure;

    /// <summary>Tells the caller how it ended.</summary>
    public void Tell()
    {
        if (Failure is null)
        {
            Done();
        }
        else
        {
            Failed(Failure);
        }
    }
}

/// <summary>Work with a reply.</summary>
/// <param name="lane">Calls of one lane run one after the other, in order.</param>
/// <param name="weight">Slots that take part.</param>
/// <param name="cancellation">Once it fires, the call is not begun.</param>
/// <param name="isToldInOrder">Whoever awaits the reply goes on on the worker, before the lane's next call runs, so
/// that replies of a lane are seen in order; it must do little there. Else it goes on on a thread of its own.</param>
/// <typeparam name="T">The reply.</typeparam>
internal abstract class Work<T>(
    WorkLane lane, int weight, CancellationToken cancellation, bool isToldInOrder = false)
    : Work(lane, weight, cancellation)
{
    private readonly TaskCompletionSource<T> _reply = new(
        isToldInOrder ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The reply, or what went wrong.</summary>
    public Task<T> Reply => _reply.Task;

    public sealed override void Done() => _reply.TrySetResult(Answer());

    public override void Failed(Exception failure) => _reply.TrySetException(failure);

    /// <summary>The reply, once everything is finished.</summary>
    protected abstract T Answer();
}

/// <summary>The calls of one environment: one runs, the others wait in order.</summary>
/// <param name="share">Whose share it takes from.</param>
internal sealed class WorkLane(WorkShare share)
{
    private volatile bool _isRunning;
    private volatile Worker? _preparer;

    /// <summary>Whose share it takes from.</summary>
    public WorkShare Share { get; } = share;

    /// <summary>Calls that wait; guarded by the scheduler.</summary>
    public Queue<Work> Waiting { get; } = [];

    /// <summary>Whether a call runs; set by the scheduler, and seen by whoever prepares the next call.</summary>
    public bool IsRunning { get => _isRunning; set => _isRunning = value; }

    /// <summary>Who is about to prepare the next call; null: whoever runs one should.</summary>
    public Worker? Preparer { get => _preparer; set => _preparer = value; }

    /// <summary>Whether who prepares the next call takes it if it comes meanwhile; guarded by the scheduler.</summary>
    public bool IsHeard { get; set; }

    /// <summary>Held while the next call is prepared; whoever runs it waits for the end of that.</summary>
    public Lock Preparation { get; } = new();
}

/// <summary>One session's claim on the machine.</summary>
internal sealed class WorkShare
{
    /// <summary>Lanes with a call to run and none running; guarded by the scheduler.</summary>
    public Queue<WorkLane> Ready { get; } = [];

    /// <summary>Slots that may run before others have their turn; guarded by the scheduler.</summary>
    public int Credit { get; set; }
}
