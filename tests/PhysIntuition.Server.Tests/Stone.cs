using PhysIntuition.Environments.Batches;
using PhysIntuition.Server.Scheduling;

namespace PhysIntuition.Server.Tests;

/// <summary>Lies on a lane, and on a worker, until it is lifted: what is sent behind it waits.</summary>
/// <param name="lane">Of an environment, or one of its own.</param>
internal sealed class Stone(WorkLane lane) : Work(lane, weight: 1, CancellationToken.None)
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _lifted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the worker has gone past it.</summary>
    public bool IsPassed { get; private set; }

    /// <summary>Puts a stone in the way of a server, and waits until it lies there.</summary>
    public static async Task<Stone> LayAsync(Scheduler scheduler, WorkLane? lane = null)
    {
        var stone = new Stone(lane ?? new WorkLane(new WorkShare()));
        scheduler.Submit(stone);
        await stone._begun.Task.WaitAsync(RunningServer.Patience);
        return stone;
    }

    public void Lift() => _lifted.SetResult();

    public override IPendingWorlds? Begin()
    {
        _begun.SetResult();
        IsPassed = _lifted.Task.Wait(RunningServer.Patience);
        return null;
    }

    public override void Finish()
    {
    }

    public override void Done()
    {
    }

    public override void Failed(Exception failure)
    {
    }
}
