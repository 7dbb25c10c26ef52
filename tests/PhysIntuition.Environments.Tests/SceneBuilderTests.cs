using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests;

/// <summary>The way from candidate to candidate, seen by a task that refuses some.</summary>
public sealed class SceneBuilderTests
{
    [Fact]
    public void Reset_TaskThatRefusesCandidates_GetsTheNextOneUntilItAccepts()
    {
        var task = new PickyTask { Wanted = 3 };
        var (batch, report) = Open(task);
        batch.Reset(5UL);

        Assert.Equal([0, 1, 2, 3], task.Seen.Select(seen => seen.Candidate));
        Assert.Equal((1L, 3L), (report.Accepted, report.Rejected));
        Assert.Equal(0.75, report.RejectedShare);
        Assert.Equal([("even", 2L), ("odd", 1L)], report.Reasons.Select(reason => (reason.Key, reason.Value)));
    }

    [Fact]
    public void Fixed_CandidatesOfOnePlan_AreTheSameAndFreshOnesAreNot()
    {
        var task = new PickyTask { Wanted = 50 };
        Open(task).Batch.Reset(5UL);

        Assert.Single(task.Seen.Select(seen => seen.Fixed).Distinct());
        Assert.Equal(51, task.Seen.Select(seen => seen.Fresh).Distinct().Count());
        Assert.All(task.Seen, seen => Assert.NotEqual(seen.Fixed, seen.Fresh));
    }

    [Fact]
    public void Fixed_PurposesOrSeeds_HaveStreamsOfTheirOwn()
    {
        var (one, other) = (new PickyTask(), new PickyTask());
        Open(one).Batch.Reset(5UL);
        Open(other).Batch.Reset(6UL);

        var draws = Enum.GetValues<SeedUse>().SelectMany(use => new[] { one, other }.Select(task => task.Draw(use)));
        Assert.Equal(2 * Enum.GetValues<SeedUse>().Length, draws.Distinct().Count());

        // The same seed again: the same numbers.
        var again = new PickyTask();
        Open(again).Batch.Reset(5UL);
        Assert.Equal(one.Seen, again.Seen);
    }

    [Fact]
    public void Reset_PlanThatNeverFits_IsDrawnAgainAndSoIsWhatIsFixed()
    {
        // The first plan has 4096 candidates.
        var task = new PickyTask { Wanted = 4096 };
        Open(task).Batch.Reset(5UL);

        Assert.Equal(4097, task.Seen.Count);
        Assert.Equal(2, task.Seen.Select(seen => seen.Fixed).Distinct().Count());
        Assert.Equal(task.Seen[0].Fixed, task.Seen[4095].Fixed);
        Assert.NotEqual(task.Seen[0].Fixed, task.Seen[4096].Fixed);
    }

    [Fact]
    public void Reset_TaskThatAcceptsNothing_IsToldSeedCountAndLastReason()
    {
        var fault = Assert.Throws<PhysIntuitionException>(
            () => Open(new PickyTask { Wanted = int.MaxValue }).Batch.Reset(77UL));

        // Four plans: 4096, and 512 three times.
        Assert.Equal("options", fault.Field);
        Assert.Equal("'options' leave no scene for Picky-v1, seed 77: 5632 candidates were rejected, the last because: "
            + "odd. Widen the options' ranges.", fault.Message);
    }

    [Fact]
    public void Review_RoundsOfSimulation_AreCountedAndMemoryLastsAsLongAsTheCandidate()
    {
        var task = new PickyTask { Wanted = 2, Rounds = 3 };
        Open(task).Batch.Reset(5UL);

        // Of each candidate the rounds 1 to 3, each with what was remembered in the one before.
        Assert.Equal(
            [(0, 1, 0.0), (0, 2, 1.0), (0, 3, 2.0), (1, 1, 0.0), (1, 2, 1.0), (1, 3, 2.0), (2, 1, 0.0), (2, 2, 1.0),
                (2, 3, 2.0)],
            task.Reviews);
        Assert.All(task.Fallen, way => Assert.InRange(way, 0.99f, 1.01f));   // each world asked for was simulated
    }

    [Fact]
    public void Reset_CandidateThatIsRefused_LeavesNothingInTheScene()
    {
        var (batch, _) = Open(new PickyTask { Wanted = 3 });
        batch.Reset(5UL);
        var episode = batch.EpisodeFor(0);

        Assert.Single(episode.World.Bodies);
        Assert.Single(episode.Appearances);
        Assert.Equal(3, episode.State.Choice);
        Assert.NotEqual(0UL, episode.SceneHash);
    }

    private static (EnvironmentBatch Batch, DraftReport Report) Open(PickyTask task)
    {
        var report = new DraftReport();
        var batch = new EnvironmentBatch(
            task, new BatchOptions { Slots = 1, Split = Split.Test }, Given.Simulator, Given.Renderer)
        {
            Report = report,
        };

        return (batch, report);
    }

    // A cube that falls 1 m; accepts one candidate, after some rounds of simulation of each.
    private sealed class PickyTask : ITask
    {
        private SceneBuilder? _draft;

        public int Wanted { get; init; }

        public int Rounds { get; init; }

        public List<(int Candidate, ulong Fixed, ulong Fresh)> Seen { get; } = [];

        public List<(int Candidate, int Round, double Memory)> Reviews { get; } = [];

        public List<float> Fallen { get; } = [];

        public TaskSpec Spec { get; } = new()
        {
            Name = "Picky", Version = 1, Summary = "Does the cube fall?", Answer = AnswerAxis.YesNo,
            Reward = new(-1, 1), Anchors = new(0.5, 1), OptionsType = typeof(StabilityOptions), Heuristic = "yes",
        };

        public ulong Draw(SeedUse use) => _draft!.Fixed(use).NextBits();

        public BuildStep Arrange(SceneBuilder draft)
        {
            _draft = draft;
            Seen.Add((draft.Candidate, draft.Fixed(SeedUse.Plan).NextBits(), draft.Fresh(SeedUse.Plan).NextBits()));
            var world = draft.Episode.World;
            Scenery.SetPhysics(draft);
            world.Bodies.Add(Scenery.Cuboid(world, new(0f, 1.2f, 0f), new(0.2f), 500f));
            Scenery.Paint(draft);
            Scenery.SetView(draft, halfWidth: 1, height: 2, depth: 0.2);
            draft.Episode.State = new() { IsYes = true, Choice = draft.Candidate, Expert = Answer.OfYes(true) };

            return Rounds > 0 ? Ask(draft) : Decide(draft);
        }

        public BuildStep Review(SceneBuilder draft)
        {
            Reviews.Add((draft.Candidate, draft.Round, draft.Memory));
            Fallen.Add(draft.Episode.World.Bodies[0].Position.Y - draft.Counterfactuals[0].World.Bodies[0].Position.Y);
            draft.Memory = draft.Round;

            return draft.Round < Rounds ? Ask(draft) : Decide(draft);
        }

        public string Question(Episode episode) => Spec.Summary;

        public Answer Guess(Episode episode) => Answer.OfYes(true);

        public Verdict Judge(StepContext turn) => new(1, IsOver: true, "Right.");

        private static BuildStep Ask(SceneBuilder draft)
        {
            draft.Counterfactuals.Clear();
            draft.Counterfactuals.Settle(draft.Episode.World, Settling.ToRest(draft.Episode.World));

            return BuildStep.Simulate;
        }

        private BuildStep Decide(SceneBuilder draft) => draft.Candidate == Wanted
            ? BuildStep.Accepted
            : draft.Reject(draft.Candidate % 2 == 0 ? "even" : "odd");
    }
}
