using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Server.Scheduling;

namespace PhysIntuition.Server.Tests;

/// <summary>What the scheduler does behind the reply of a call that ran on its caller's thread.</summary>
public sealed class SchedulerTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>
{
    private readonly WorkLane _lane = new(new WorkShare());

    private Scheduler Scheduler => shared.Server.Services.GetRequiredService<Scheduler>();

    [Fact]
    public async Task RunOrSubmit_ManySlots_PreparesBehindTheReplyUntilTheNextCallWaits()
    {
        var (first, second) = (new PreparedWork(_lane, slots: 256, waits: true), new PreparedWork(_lane, slots: 256));
        Scheduler.RunOrSubmit(first, prepares: true);
        Assert.True(first.Answered.IsCompleted);   // whatever is prepared, its caller does not wait for it

        await first.Preparing.WaitAsync(RunningServer.Patience);
        Assert.False(second.Answered.IsCompleted);
        Scheduler.RunOrSubmit(second, prepares: true);

        Assert.True(await first.Prepared.WaitAsync(RunningServer.Patience));
        Assert.True(second.Answered.IsCompleted);   // on its caller's thread, once that preparation has ended
        Assert.False(await second.Prepared.WaitAsync(RunningServer.Patience));   // nobody waits
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(256, false)]
    public void RunOrSubmit_FewSlotsOrInProcess_LeavesTheLaneFreeAtOnce(int slots, bool prepares)
    {
        var (first, second) = (new PreparedWork(_lane, slots), new PreparedWork(_lane, slots));
        Scheduler.RunOrSubmit(first, prepares);
        Scheduler.RunOrSubmit(second, prepares);

        Assert.True(second.Answered.IsCompleted);
        Assert.False(first.Preparing.IsCompleted || second.Preparing.IsCompleted);
    }

    /// <summary>Does nothing, and says when.</summary>
    /// <param name="lane">Where it queues.</param>
    /// <param name="slots">Its weight.</param>
    /// <param name="waits">Prepare until the next call waits.</param>
    private sealed class PreparedWork(WorkLane lane, int slots, bool waits = false)
        : Work(lane, slots, CancellationToken.None)
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _preparing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<bool> _prepared = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Answered => _answered.Task;

        public Task Preparing => _preparing.Task;

        /// <summary>Whether another call waited at its end.</summary>
        public Task<bool> Prepared => _prepared.Task;

        public override IPendingWorlds? Begin() => null;

        public override void Finish()
        {
        }

        public override void Done() => _answered.SetResult();

        public override void Failed(Exception failure) => _answered.SetException(failure);

        public override void Prepare(Func<bool> isWanted)
        {
            _preparing.SetResult();
            _prepared.SetResult(waits ? SpinWait.SpinUntil(isWanted, RunningServer.Patience) : isWanted());
        }
    }
}
