using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests.Batches;

/// <summary>Episodes that are begun before they are asked for are the same, and cost fewer simulations.</summary>
public sealed class ReadAheadTests
{
    private const AutoresetMode NextStep = AutoresetMode.NextStep;

    public static TheoryData<string> Tasks => Given.SceneTasks;

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_ByTheSlotsOwnStream_GivesTheEpisodesOfItsSeeds(string task)
    {
        const int slots = 3, rounds = 12;
        var (batch, seeds, hashes) = (Given.Batch(task, slots), new List<ulong>(), new List<ulong>());
        batch.Reset(5);
        for (var round = 0; round < rounds; round++)
        {
            batch.Reset(default, default);
            if (round % 3 == 1)
            {
                batch.PrepareAhead(static () => false);
            }

            seeds.AddRange(batch.Results.Seeds);
            hashes.AddRange(batch.Results.SceneHashes);
        }

        var fresh = Given.Batch(task, slots * rounds);
        fresh.Reset(default, [.. seeds]);

        Assert.Equal(fresh.Results.SceneHashes, hashes);
        Assert.Equal(seeds.Count, seeds.Distinct().Count());
    }

    [Fact]
    public void Reset_OneSlotAgainAndAgain_SimulatesManyEpisodesAtATime()
    {
        const int rounds = 60;
        var simulator = new CountingSimulator();
        var batch = new EnvironmentBatch(
            TaskCatalog.Find("Stability-v1"), new BatchOptions { Autoreset = AutoresetMode.Disabled }, simulator);
        batch.Reset(5);
        for (var round = 0; round < rounds; round++)
        {
            batch.Reset(default, default);
        }

        Assert.True(simulator.Calls < rounds / 3, $"{simulator.Calls} simulations for {rounds} episodes");
    }

    [Fact]
    public void Reset_GivenSeeds_SimulatesNothingElse()
    {
        var simulator = new CountingSimulator();
        var batch = new EnvironmentBatch(
            TaskCatalog.Find("CollisionStop-v1"), new BatchOptions { Autoreset = AutoresetMode.Disabled }, simulator);
        for (var seed = 0UL; seed < 20; seed++)
        {
            batch.Reset(seed);
        }

        Assert.Equal(simulator.Calls, simulator.Worlds);
    }

    [Fact]
    public void Step_StatesOptionsAndSeedsThatChangeOnTheWay_GoOnAsWithoutReadingAhead()
    {
        var (ahead, plain) = (Play(slots: 4, report: null), Play(slots: 4, report: new DraftReport()));

        Assert.Equal(plain, ahead);
        Assert.Equal(plain, Play(slots: 4, report: null, prepares: true));
    }

    [Fact]
    public void PrepareAhead_WhileNobodyWaits_LeavesNothingToArrange()
    {
        var task = new CountedTask();
        var batch = new EnvironmentBatch(
            task, new BatchOptions { Slots = 8, Autoreset = AutoresetMode.Disabled }, Given.Simulator);
        batch.Reset(5);
        batch.PrepareAhead(static () => false);
        Assert.Equal(8, task.Arranged);   // a caller who gives seeds has nothing begun

        batch.Reset(default, default);
        batch.PrepareAhead(static () => false);
        var asked = 0;
        var before = task.Arranged;
        batch.Reset(default, default);
        Assert.Equal(before, task.Arranged);

        batch.PrepareAhead(() => ++asked > 3);
        Assert.Equal(before + 3, task.Arranged);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void TryShowNext_AtTheEndOfAllEpisodes_ShowsWhatTheNextStepGivesAndChangesNothing(string task)
    {
        const int slots = 3, rounds = 4;
        var (plain, batch) = (Given.Batch(task, slots, mode: NextStep), Given.Batch(task, slots, mode: NextStep));
        var shown = 0;
        plain.Reset(5);
        batch.Reset(5);
        Assert.False(batch.TryShowNext(_ => Assert.Fail("Episodes go on.")));
        for (var round = 0; round < rounds; round++)
        {
            Given.PlayToTheEnd(plain, showsOutcomes: true);
            Given.PlayToTheEnd(batch, showsOutcomes: true);
            var ended = Seen(batch);
            string? next = null;
            shown += batch.TryShowNext(ahead => next = Seen(ahead)) ? 1 : 0;
            Assert.Equal(ended, Seen(batch));

            plain.Step(new SlotAction[slots]);
            batch.Step(new SlotAction[slots]);
            Assert.Equal(Seen(plain), Seen(batch));
            Assert.Equal(Seen(plain), next ?? Seen(plain));
        }

        // Scenes that are arranged without simulation are always shown.
        Assert.True(shown == rounds || !TaskCatalog.Find(task).Spec.Id.StartsWith("Count", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void BeginStep_ThatShowsNext_HasTheNextEpisodesReadyAndChangesNothing(string task)
    {
        const int slots = 3;
        int[] all = [0, 1, 2];
        var (plain, batch) = (Given.Batch(task, slots, mode: NextStep), Given.Batch(task, slots, mode: NextStep));
        plain.Reset(5);
        batch.Reset(5);
        for (var step = 0; step < 4; step++)
        {
            var actions = Given.ExpertActions(plain);
            plain.Step(actions);
            batch.BeginStep(actions, showsNext: true);
            new WorldRunner(batch.Simulator).Run(batch);
            Assert.Equal(Seen(plain), Seen(batch));
            Assert.Equal(Array.TrueForAll(all, batch.IsDone), batch.TryShowNext(_ => { }));
        }
    }

    [Fact]
    public void TryShowNext_OneEpisodeGoesOn_OrSlotsThatDoNotGoOnByThemselves_ShowsNothing()
    {
        var batch = Given.Batch("Count-v1", 2, mode: NextStep);
        batch.Reset(5);
        batch.Step(Given.ExpertActions(batch), [true, false]);
        Assert.False(batch.TryShowNext(_ => Assert.Fail("An episode goes on.")));

        var disabled = new EnvironmentBatch(
            batch.Task, new BatchOptions { Autoreset = AutoresetMode.Disabled }, Given.Simulator);
        disabled.Reset(5);
        disabled.Step(Given.ExpertActions(disabled));
        Assert.False(disabled.TryShowNext(_ => Assert.Fail("It is reset by hand.")));
    }

    [Fact]
    public void Reset_ComesToASeedWithoutAScene_IsToldThenAndNotBefore()
    {
        var batch = new EnvironmentBatch(
            new PickyTask(), new BatchOptions { Autoreset = AutoresetMode.Disabled }, Given.Simulator);
        batch.Reset(5);
        var scenes = 0;
        var error = Assert.Throws<PhysIntuitionException>(() =>
        {
            for (; scenes < 1000; scenes++)
            {
                batch.Reset(default, default);
                Assert.True(PickyTask.HasScene(batch.Results.Seeds[0]));
            }
        });

        Assert.Equal("options", error.Field);
        Assert.True(scenes > 3, $"{scenes} scenes");
        batch.Reset(default, default);   // the seed after it
        Assert.True(batch.Results.WasReset[0]);
    }

    [Fact]
    public void Abandon_EngineThatBreaksWhileReadingAhead_LosesNothing()
    {
        var (simulator, whole) = (new CountingSimulator(), Given.Batch("Stability-v1", 1));
        var batch = new EnvironmentBatch(whole.Task, whole.Options, simulator);
        foreach (var each in (EnvironmentBatch[])[batch, whole])
        {
            each.Reset(3);
            each.Reset(default, default);
        }

        simulator.IsBroken = true;
        while (true)   // some resets find their episode made
        {
            try
            {
                batch.Reset(default, default);
            }
            catch (InvalidOperationException)
            {
                break;
            }

            whole.Reset(default, default);
        }

        batch.Abandon();
        simulator.IsBroken = false;
        whole.Reset(default, default);   // the seed of the call that broke
        for (var round = 0; round < 20; round++)
        {
            batch.Reset(default, default);
            whole.Reset(default, default);
            Assert.Equal(whole.Results.SceneHashes, batch.Results.SceneHashes);
        }
    }

    // A report counts candidates of the episodes that are asked for, so nothing is read ahead beside it.
    private static List<ulong> Play(int slots, DraftReport? report, bool prepares = false)
    {
        var batch = Given.Batch("PushOutcome-v1", slots, mode: AutoresetMode.NextStep);
        batch.Report = report;
        var hashes = new List<ulong>();
        var state = new ArrayBufferWriter<byte>();
        var other = OptionsReader.Read(batch.Task.Spec, """{"blocks":{"min":3,"max":3}}""");
        batch.Reset(9);
        for (var step = 0; step < 24; step++)
        {
            bool[] mask = [true, step % 3 != 0, true, step % 5 != 1];
            batch.Step([.. Enumerable.Repeat(SlotAction.OfNumbers(1), slots)], mask);
            switch (step)
            {
                case 6:
                    batch.Capture(1, state);
                    break;
                case 10:
                    batch.Restore(2, state.WrittenSpan);
                    break;
                case 13:
                    batch.Fork(0, batch, 3);
                    break;
                case 16:
                    batch.Reset([true, false, false, true], default, [other, null, null, null]);
                    break;
                case 19:
                    batch.Reset([false, true, false, false], [0, 77, 0, 0]);
                    break;
            }

            hashes.AddRange(batch.Results.SceneHashes);
            if (prepares)
            {
                batch.PrepareAhead(static () => false);
            }
        }

        return hashes;
    }

    // All that a learner may be told of a batch, in a row for each slot.
    private static string Seen(EnvironmentBatch batch)
    {
        var (results, state) = (batch.Results, new float[batch.Slots * StateLayout.Length]);
        int[] all = [.. Enumerable.Range(0, batch.Slots)];
        batch.View.State(all, state);
        return string.Join('\n', all.Select(slot => string.Join(' ',
            results.Seeds[slot], results.SceneHashes[slot], results.OutcomeHashes[slot], results.Rewards[slot],
            results.Terminated[slot], results.Truncated[slot], results.WasReset[slot], results.Steps[slot],
            results.Verdicts[slot], results.Distances[slot], results.Margins[slot], batch.View.Prompt(slot),
            Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(
                state.AsSpan(slot * StateLayout.Length, StateLayout.Length)))))));
    }

    /// <summary>Count, counting how often it arranges.</summary>
    private sealed class CountedTask : ITask
    {
        private readonly ITask _inner = TaskCatalog.Find("Count-v1");

        public int Arranged { get; private set; }

        public TaskSpec Spec => _inner.Spec;

        public BuildStep Arrange(SceneBuilder draft)
        {
            Arranged++;
            return _inner.Arrange(draft);
        }

        public string Question(Episode episode) => _inner.Question(episode);

        public Verdict Judge(StepContext turn) => _inner.Judge(turn);

        public Answer Guess(Episode episode) => _inner.Guess(episode);
    }

    /// <summary>Stability, but one seed in forty has no scene.</summary>
    private sealed class PickyTask : ITask
    {
        private readonly Stability _inner = new();

        public TaskSpec Spec => _inner.Spec;

        public static bool HasScene(ulong seed) => seed % 40 != 1;

        public BuildStep Arrange(SceneBuilder draft) =>
            HasScene(draft.Episode.Seed) ? _inner.Arrange(draft) : draft.Reject("no");

        public BuildStep Review(SceneBuilder draft) => _inner.Review(draft);

        public string Question(Episode episode) => _inner.Question(episode);

        public Verdict Judge(StepContext turn) => _inner.Judge(turn);

        public Answer Guess(Episode episode) => _inner.Guess(episode);
    }
}
