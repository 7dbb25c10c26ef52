using System.Buffers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests.Batches;

/// <summary>What ended episodes show: the settled world, or the question as it stood.</summary>
public sealed class OutcomeTests
{
    private const int Slots = 40;   // not a multiple of any lane width

    public static TheoryData<string> Tasks => Given.SceneTasks;

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Step_ShowsOutcomes_SettlesAllSlotsTogetherWhereEachAloneWouldEnd(string task)
    {
        var (simulator, later) = (new CountingSimulator(), Given.Batch(task, Slots));
        var together = new EnvironmentBatch(later.Task, later.Options, simulator);
        foreach (var batch in (EnvironmentBatch[])[together, later])
        {
            batch.Reset(0);
            Given.PlayToTheEnd(batch, showsOutcomes: batch == together);
        }

        var calls = simulator.Calls;
        var states = States(together);

        Assert.Equal(calls, simulator.Calls);
        for (var slot = 0; slot < Slots; slot++)
        {
            var alone = new float[StateLayout.Length];
            later.View.State([slot], alone);
            Assert.Equal(alone, states[(slot * StateLayout.Length)..((slot + 1) * StateLayout.Length)]);
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Step_OutcomeIsTheQuestion_ShowsItAndSimulatesNothingForIt(string task)
    {
        var found = TaskCatalog.Find(task);
        var simulator = new CountingSimulator();
        var batch = new EnvironmentBatch(
            found, Given.Batch(task, Slots).Options with { Outcome = TerminalView.Question }, simulator,
            Given.Renderer);
        batch.Reset(0);
        var (worlds, questions) = (simulator.Worlds, States(batch));

        Given.PlayToTheEnd(batch, showsOutcomes: true);
        var judged = simulator.Worlds - worlds;
        var answered = States(batch);
        _ = Given.Picture(batch, 0);

        Assert.Equal(worlds + judged, simulator.Worlds);
        Assert.True(judged == 0 || task is "Push-v1" or "Jenga-v1" or "Build-v1", $"{judged} worlds were simulated.");
        if (found.Spec.MaxSteps == 1)
        {
            Assert.Equal(questions, answered);
        }
    }

    [Fact]
    public void Render_AsksForTheOutcomeOfAQuestion_ShowsTheSettledWorldOnceAndForAll()
    {
        var (simulator, settled) = (new CountingSimulator(), Given.Batch("Stability-v1", Slots));
        var batch = new EnvironmentBatch(
            settled.Task, settled.Options with { Outcome = TerminalView.Question }, simulator, Given.Renderer);
        foreach (var each in (EnvironmentBatch[])[batch, settled])
        {
            each.Reset(0);
            Given.PlayToTheEnd(each, showsOutcomes: false);
        }

        var question = Given.Picture(batch, 3);
        batch.BeginOutcomes([3, 3, 5]);
        Assert.Equal(2, batch.Pending.Count);
        new WorldRunner(simulator).Run(batch);
        var calls = simulator.Calls;

        Assert.Equal(Given.Picture(settled, 3), Given.Picture(batch, 3, outcome: TerminalView.Settled));
        Assert.Equal(question, Given.Picture(batch, 3));
        batch.BeginOutcomes([3, 5]);
        Assert.Empty(batch.Pending);
        Assert.Equal(calls, simulator.Calls);
    }

    [Fact]
    public void BeginOutcomes_RunningOrWithheldEpisodes_AskForNothing()
    {
        var (running, heldout) = (Given.Batch("Stability-v1", 2), Given.Batch("Stability-v1", 2, Split.Heldout));
        running.Reset(1);
        heldout.Reset(1);
        Given.PlayToTheEnd(heldout, showsOutcomes: true);

        running.BeginOutcomes([0, 1]);
        heldout.BeginOutcomes([0, 1]);

        Assert.Empty(running.Pending);
        Assert.Empty(heldout.Pending);
    }

    [Fact]
    public void Restore_EndedSlot_ShowsTheSameOutcome()
    {
        var batch = Given.Batch("PushOutcome-v1", 2);
        batch.Reset(4);
        Given.PlayToTheEnd(batch, showsOutcomes: false);
        var (before, settled) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        batch.Capture(0, before);
        var states = States(batch);
        batch.Capture(0, settled);
        var other = Given.Batch("PushOutcome-v1", 3);

        other.Restore(0, before.WrittenSpan);
        other.Restore(1, settled.WrittenSpan);
        other.Fork(2, batch, 0);

        var restored = States(other);
        for (var slot = 0; slot < 3; slot++)
        {
            Assert.Equal(states[..StateLayout.Length],
                restored[(slot * StateLayout.Length)..((slot + 1) * StateLayout.Length)]);
        }
    }

    [Fact]
    public void Abandon_EngineThatBroke_LeavesABatchThatPlaysOn()
    {
        var (simulator, whole) = (new CountingSimulator { IsBroken = true }, Given.Batch("Stability-v1", 4));
        var batch = new EnvironmentBatch(whole.Task, whole.Options, simulator);
        Assert.Throws<InvalidOperationException>(() => batch.Reset(7));

        batch.Abandon();
        simulator.IsBroken = false;
        batch.Reset(7);
        whole.Reset(7);

        Assert.Equal(whole.Results.SceneHashes, batch.Results.SceneHashes);
    }

    private static float[] States(EnvironmentBatch batch)
    {
        var states = new float[batch.Slots * StateLayout.Length];
        batch.View.State([.. Enumerable.Range(0, batch.Slots)], states);
        return states;
    }
}
