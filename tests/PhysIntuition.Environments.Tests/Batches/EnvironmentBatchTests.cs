using System.Buffers;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests.Batches;

public sealed class EnvironmentBatchTests
{
    private static readonly SlotAction s_yes = SlotAction.OfNumbers(1);

    [Fact]
    public void Reset_OneSeed_GivesSlotISeedPlusI()
    {
        var batch = Given.Batch("Stability-v1", slots: 4);
        batch.Reset(100);
        var listed = Given.Batch("Stability-v1", slots: 4);
        listed.Reset(default, [100, 101, 102, 103]);

        Assert.Equal([100UL, 101, 102, 103], batch.Results.Seeds);
        Assert.Equal(listed.Results.SceneHashes, batch.Results.SceneHashes);
        Assert.Equal(4, batch.Results.SceneHashes.Distinct().Count());
    }

    [Fact]
    public void Reset_WithoutSeeds_GoesOnAsAfterTheSameSeed()
    {
        var (a, b) = (Given.Batch("Stability-v1", 3), Given.Batch("Stability-v1", 3));
        foreach (var batch in (EnvironmentBatch[])[a, b])
        {
            batch.Reset(7);
            batch.Reset(default, default);
            batch.Reset(default, default);
        }

        Assert.Equal(a.Results.SceneHashes, b.Results.SceneHashes);
        Assert.NotEqual(7UL, a.Results.Seeds[0]);
    }

    [Fact]
    public void Reset_WithMask_LeavesTheOthersAlone()
    {
        var batch = Given.Batch("Stability-v1", 3);
        batch.Reset(1);
        var before = (ulong[])batch.Results.SceneHashes.Clone();

        batch.Reset([false, true, false], [0, 999, 0]);

        Assert.Equal(before[0], batch.Results.SceneHashes[0]);
        Assert.NotEqual(before[1], batch.Results.SceneHashes[1]);
        Assert.Equal([false, true, false], batch.Results.WasReset);
    }

    [Fact]
    public void Step_NextStepMode_ResetsInTheStepAfterTheLast()
    {
        var batch = Given.Batch("Stability-v1", 2, mode: AutoresetMode.NextStep);
        batch.Reset(5);
        var first = (ulong[])batch.Results.SceneHashes.Clone();

        batch.Step([s_yes, s_yes]);
        Assert.Equal([true, true], batch.Results.Terminated);
        Assert.Equal(first, batch.Results.SceneHashes);

        batch.Step([default, default]);
        Assert.Equal([0.0, 0.0], batch.Results.Rewards);
        Assert.Equal([false, false], batch.Results.Terminated);
        Assert.Equal([true, true], batch.Results.WasReset);
        Assert.NotEqual(first[0], batch.Results.SceneHashes[0]);
    }

    [Fact]
    public void Step_SameStepMode_KeepsTheFinalEpisodeReadable()
    {
        var batch = Given.Batch("Stability-v1", 1, mode: AutoresetMode.SameStep);
        batch.Reset(5);
        var (first, question) = (batch.Results.SceneHashes[0], Given.Picture(batch, 0));

        batch.Step([s_yes]);

        Assert.True(batch.Results.Terminated[0] && batch.Results.HasFinal[0]);
        Assert.Equal((first, 5UL, 1),
            (batch.Results.FinalSceneHashes[0], batch.Results.FinalSeeds[0], batch.Results.FinalSteps[0]));
        Assert.NotEqual(first, batch.Results.SceneHashes[0]);
        Assert.Equal(0, batch.Results.Steps[0]);
        Assert.NotEqual(question, Given.Picture(batch, 0));
        Assert.Equal(question.Length, Given.Picture(batch, 0, time: ObservationTime.Final).Length);
    }

    [Fact]
    public void Step_AutoresetModes_GiveTheSameSequenceOfEpisodes()
    {
        var (next, same) = (Given.Batch("Stability-v1", 1, mode: AutoresetMode.NextStep),
            Given.Batch("Stability-v1", 1, mode: AutoresetMode.SameStep));
        next.Reset(3);
        same.Reset(3);
        for (var k = 0; k < 3; k++)
        {
            next.Step([s_yes]);
            next.Step([default]);
            same.Step([s_yes]);

            Assert.Equal(next.Results.SceneHashes[0], same.Results.SceneHashes[0]);
        }
    }

    [Fact]
    public void Step_EndedEpisodeWithoutAutoreset_IsAnError()
    {
        var batch = Given.Batch("Stability-v1", 1);
        batch.Reset(1);
        batch.Step([s_yes]);

        Assert.Equal(Fault.OutOfOrder, Assert.Throws<PhysIntuitionException>(() => batch.Step([s_yes])).Fault);
    }

    [Fact]
    public void Step_BadCalls_AreRefusedAndChangeNothing()
    {
        var batch = Given.Batch("Offset-v1", 2);
        Refuse(Fault.OutOfOrder, "actions", () => batch.Step([SlotAction.OfNumbers(1, 2), SlotAction.OfNumbers(1, 2)]));
        batch.Reset(1);
        Refuse(Fault.InvalidArgument, "actions", () => batch.Step([SlotAction.OfNumbers(1, 2)]));
        Refuse(Fault.InvalidArgument, "actions[1]", () => batch.Step([SlotAction.OfNumbers(1, 2),
            SlotAction.OfNumbers(1)]));
        Refuse(Fault.InvalidArgument, "actions[0].y",
            () => batch.Step([SlotAction.OfNumbers(1, double.NaN), SlotAction.OfNumbers(1, 2)]));
        Refuse(Fault.InvalidArgument, "actions[0].x",
            () => batch.Step([SlotAction.OfNumbers(0.5, 1), SlotAction.OfNumbers(1, 2)]));
        Refuse(Fault.InvalidArgument, "seed", () => batch.Reset(SceneSeed.OpenLimit));
        Refuse(Fault.InvalidArgument, "mask", () => batch.Reset([true], default));

        batch.Step(Given.ExpertActions(batch));
        Assert.All(batch.Results.Rewards, reward => Assert.InRange(reward, 9.99, 10));
    }

    [Fact]
    public void Reset_OptionsPerSlot_AreHonouredAndStay()
    {
        var task = new Stability();
        var batch = Given.Batch("Stability-v1", 2);
        TaskOptions[] options =
            [OptionsReader.Read(task.Spec, """{"blocks":{"min":2,"max":2}}"""),
             OptionsReader.Read(task.Spec, """{"blocks":{"min":9,"max":9}}""")];

        batch.Reset(default, [1, 1], options);
        batch.Reset(default, default);

        Assert.Equal(2, batch.View.Episode(0).World.Bodies.Count);
        Assert.Equal(9, batch.View.Episode(1).World.Bodies.Count);
    }

    [Fact]
    public void Step_HeldOutSplit_WithholdsWhatTellsTheLabel()
    {
        var batch = Given.Batch("Stability-v1", 8, Split.Heldout);
        batch.Reset(default, [ulong.MaxValue, 1, 2, 3, 4, 5, 6, 7]);
        var question = Given.Picture(batch, 0);

        batch.Step([.. Enumerable.Repeat(s_yes, 8)]);

        Assert.All(batch.Results.Rewards, reward => Assert.Equal(0, reward));
        Assert.All(batch.Results.Verdicts, Assert.Null);
        Assert.All(batch.Results.OutcomeHashes, hash => Assert.Equal(0UL, hash));
        Assert.All(batch.Results.Margins, margin => Assert.True(float.IsNaN(margin)));
        Assert.All(batch.Results.Seeds, seed => Assert.Equal(0UL, seed));
        Assert.Equal(question, Given.Picture(batch, 0));
        Assert.Contains(Enumerable.Range(0, 8), i => batch.TrueReward(i) == 1);
        foreach (var look in (Action[])[() => batch.View.Expert(0), () => batch.View.Episode(0),
            () => batch.View.State([0], new float[1000])])
        {
            Refuse(Fault.NotAllowed, null, look);
        }
    }

    [Fact]
    public void Restore_CapturedSlot_GoesOnBitForBit()
    {
        var batch = Given.Batch("OffsetRetry-v1", 2, mode: AutoresetMode.NextStep);
        batch.Reset(11);
        SlotAction[] first = [SlotAction.OfNumbers(10, 150), SlotAction.OfNumbers(-20, 150)];
        batch.Step(first);
        var captured = new ArrayBufferWriter<byte>();
        batch.Capture(0, captured);
        var other = Given.Batch("OffsetRetry-v1", 2, mode: AutoresetMode.NextStep);
        other.Reset(900);

        other.Restore(1, captured.WrittenSpan);
        other.Fork(0, batch, 0);

        Assert.Equal(batch.View.Prompt(0), other.View.Prompt(1));
        Assert.Equal(Given.Picture(batch, 0), Given.Picture(other, 1));
        for (var k = 0; k < 4; k++)
        {
            batch.Step(first);
            other.Step([first[0], first[0]]);
            Assert.Equal(batch.Results.SceneHashes[0], other.Results.SceneHashes[0]);
            Assert.Equal(batch.Results.SceneHashes[0], other.Results.SceneHashes[1]);
            Assert.Equal(batch.Results.Rewards[0], other.Results.Rewards[1]);
        }
    }

    [Fact]
    public void Restore_IntoASlotOfOtherOptions_BringsItsOwn()
    {
        var batch = Given.Batch("Offset-v1", 1);
        batch.Reset(default, [3], [new OffsetOptions { Form = AnswerForm.One }]);
        var captured = new ArrayBufferWriter<byte>();
        batch.Capture(0, captured);
        var other = Given.Batch("Offset-v1", 2);
        other.Reset(900);
        var own = other.OptionsOf(1);

        other.Restore(0, captured.WrittenSpan);
        var read = other.OptionsOf(0);
        other.Restore(0, captured.WrittenSpan);

        Assert.Equal(batch.OptionsOf(0), read);
        Assert.NotEqual(own, read);
        Assert.Same(read, other.OptionsOf(0));   // the slot has them: they are not read again
        Assert.Equal(batch.View.Prompt(0), other.View.Prompt(0));
        batch.Reset(default, default);
        other.Reset(default, default);
        Assert.Equal(batch.View.Prompt(0), other.View.Prompt(0));
    }

    [Fact]
    public void Restore_DamagedBytes_IsRefused()
    {
        var batch = Given.Batch("Stability-v1", 1);
        batch.Reset(1);
        var captured = new ArrayBufferWriter<byte>();
        batch.Capture(0, captured);

        Refuse(Fault.InvalidArgument, "snapshot", () => batch.Restore(0, [1, 2, 3, 4, 5, 6, 7, 8]));
        Refuse(Fault.InvalidArgument, "snapshot", () => batch.Restore(0, captured.WrittenSpan[..^9]));
        Refuse(Fault.InvalidArgument, "snapshot",
            () => Given.Batch("Offset-v1", 1).Restore(0, captured.WrittenSpan));
    }

    [Fact]
    public void Run_SeveralBatchesTogether_GivesWhatEachGivesAlone()
    {
        var alone = Given.Batch("Stability-v1", 3);
        alone.Reset(40);
        var (a, b) = (Given.Batch("Stability-v1", 3), Given.Batch("RedRemove-v1", 3));
        a.BeginReset(default, [40, 41, 42]);
        b.BeginReset(default, [40, 41, 42]);

        new WorldRunner(Given.Simulator).Run([a, null, b], (_, failure) => throw failure);

        Assert.Equal(alone.Results.SceneHashes, a.Results.SceneHashes);
        Assert.All(b.Results.WasReset, Assert.True);
    }

    [Fact]
    public void Run_WorkThatFails_IsToldApartAndLeavesTheOthersAlone()
    {
        var (good, bad) = (Given.Batch("Stability-v1", 3), Fussy());
        good.BeginReset(default, [40, 41, 42]);
        bad.BeginReset(default, [5, 13]);
        var failures = new Exception?[2];

        new WorldRunner(Given.Simulator).Run([bad, good], (index, failure) => failures[index] = failure);

        Assert.Equal("options", Assert.IsType<PhysIntuitionException>(failures[0]).Field);
        Assert.Null(failures[1]);
        Assert.All(good.Results.WasReset, Assert.True);
    }

    [Fact]
    public void Reset_SeedWhosePlanFitsNoScene_PlansAgain()
    {
        // On ice few pyramids have the class that was drawn first: two plans with 64 simulations each find none.
        var batch = Given.Batch("RedRemove-v1", 1, Split.Train, options: """
            {"physics":{"friction":{"min":0.05,"max":0.05}}}
            """);
        batch.Report = new DraftReport();

        batch.Reset(26);

        Assert.InRange(batch.Report.Rejected, 2 * 64, 2 * 64 + 16);
        Assert.True(batch.IsOpen(0));
    }

    [Fact]
    public void Reset_SeedWithoutAScene_LeavesABatchThatPlaysOn()
    {
        var batch = Fussy();
        batch.Reset(default, [5, 6]);
        var before = batch.Results.SceneHashes[1];

        Refuse(Fault.InvalidArgument, "options", () => batch.Reset(default, [5, 13]));
        Assert.Empty(batch.Pending);
        batch.Reset([true, false], [7, 0]);

        Assert.Equal([true, false], batch.Results.WasReset);
        Assert.Equal(before, batch.Results.SceneHashes[1]);
        batch.Step([s_yes, s_yes]);
        Assert.Equal([true, true], batch.Results.Terminated);
    }

    private static EnvironmentBatch Fussy() => new(new FussyTask(), new BatchOptions { Slots = 2 }, Given.Simulator);

    private static void Refuse(Fault fault, string? field, Action call)
    {
        var error = Assert.Throws<PhysIntuitionException>(call);
        Assert.Equal(fault, error.Fault);
        Assert.Equal(field ?? error.Field, error.Field);
    }

    /// <summary>Stability, but seed 13 finds no scene once it has been simulated.</summary>
    private sealed class FussyTask : ITask
    {
        private readonly Stability _inner = new();

        public TaskSpec Spec => _inner.Spec;

        public BuildStep Arrange(SceneBuilder draft) => draft.Candidate > 0 && draft.Episode.Seed == 13
            ? draft.Reject("it never fits")
            : _inner.Arrange(draft);

        public BuildStep Review(SceneBuilder draft) =>
            draft.Episode.Seed == 13 ? draft.Reject("it never fits") : _inner.Review(draft);

        public string Question(Episode episode) => _inner.Question(episode);

        public Verdict Judge(StepContext turn) => _inner.Judge(turn);

        public Answer Guess(Episode episode) => _inner.Guess(episode);
    }
}
