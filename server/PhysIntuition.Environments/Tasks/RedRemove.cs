using System.Numerics;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Players;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tasks;

/// <summary>Will any other block fall when the red one is taken away?</summary>
/// <remarks>
/// <para>Sees: a pyramid that stands, with one red block below its top row.</para>
/// <para>Acts: yes or no; as a number 1 or 0.</para>
/// <para>Scores: 1 if right, 0 if wrong, -1 if the answer cannot be read; <c>reward=signed</c> pays -1 for
/// wrong.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: the class, the rows and the red block are drawn first; arrangements are simulated with and without
/// the red block until they stand with it and have the class without it, also after nudges of 1 mm. Simulations are
/// spared where statics alone tells that the blocks stand with 5 % of a block's width to spare.</para>
/// <para>v1: first release.</para>
/// </remarks>
public sealed class RedRemove : ITask
{
    private const int Nudges = 2;
    private const float Spread = 0.55f;   // most stand with the red block, and about half without it

    /// <inheritdoc/>
    public TaskSpec Spec { get; } = new()
    {
        Name = "RedRemove",
        Version = 1,
        Summary = "Will any other block fall when the red one is taken away?",
        Answer = AnswerAxis.YesNo,
        Reward = new(-1, 1),
        Anchors = new(0.5, 1),
        OptionsType = typeof(PyramidOptions),
        HasPairs = true,
        Heuristic = "each block's centre against its remaining supports",
    };

    /// <inheritdoc/>
    public string Question(Episode episode) =>
        "The picture shows blocks that are stacked and not glued; one of them is red. "
        + "Will any other block fall when the red block is taken away?";

    /// <inheritdoc/>
    public BuildStep Arrange(SceneBuilder draft)
    {
        var random = draft.Fixed(SeedUse.Plan);
        var isFalling = (random.NextBits() & 1) != 0;
        var plan = Pyramids.Draw(draft.OptionsAs<PyramidOptions>(), ref random);
        var red = random.NextInt(0, plan.Count - plan.CountOf(plan.Rows - 1));
        var geometry = draft.Fresh(SeedUse.Geometry);
        if (draft.OptionsAs<PyramidOptions>().Pairs)
        {
            return ArrangePair(draft, plan, red, Robustness.IsYesOf(isFalling, draft.Episode.Seed), ref geometry);
        }

        if (!Pyramids.TryAdd(draft, plan, Spread, ref geometry))
        {
            return draft.Reject("a block hangs in the air");
        }

        var surelyStands = LoadPaths.SurelyStands(draft.Episode.World, removed: red);
        if (surelyStands && isFalling)
        {
            return draft.Reject(Robustness.OtherClass);
        }

        Pyramids.Show(draft, plan, red);
        SetState(draft, plan, red, isFalling);
        draft.Memory = surelyStands ? 0 : Nudges;
        var settle = Settling.ToFirstFall(draft.Episode.World, plan.Height);
        draft.Judged.CopyFrom(draft.Episode.World);
        Scenery.TakeAway(draft.Judged, red);
        draft.Counterfactuals.Settle(draft.Judged, settle);

        return BuildStep.Simulate;
    }

    /// <inheritdoc/>
    public BuildStep Review(SceneBuilder draft)
    {
        if (draft.OptionsAs<PyramidOptions>().Pairs)
        {
            return ReviewPair(draft);
        }

        var (nudges, settle) = ((int)draft.Memory, draft.Counterfactuals[0].Settle);
        var step = Robustness.Review(draft, nudges);
        if (step == BuildStep.Rejected || LoadPaths.SurelyStands(draft.Episode.World))
        {
            return step;
        }

        if (draft.Round == 1)
        {
            draft.Counterfactuals.Settle(draft.Episode.World, settle);   // with the red block: must stand
            return BuildStep.Simulate;
        }

        return Settling.HasAnyFallen(draft.Counterfactuals[nudges].Outcome)
            ? draft.Reject("it falls with the red block in place")
            : step;
    }

    /// <inheritdoc/>
    public Answer Guess(Episode episode) => Answer.OfYes(Laws.HasUnsupported(episode.World, episode.State.Subject));

    /// <inheritdoc/>
    public Answer? Read(Picture picture, Episode hint) =>
        SeenScene.Rows(picture, hint) is { } seen ? Guess(seen) : null;

    /// <inheritdoc/>
    public Verdict Judge(StepContext turn) => YesNo.Judge(turn, ((PyramidOptions)turn.Episode.Options).Reward,
        yes: "a block falls", no: "the others stay");

    /// <inheritdoc/>
    public void Consequence(StepContext turn)
    {
        var world = turn.Episode.World;
        Scenery.TakeAway(turn.Counterfactuals.Settle(world, Settling.ToRest(world)).World, turn.Episode.State.Subject);
    }

    private static BuildStep ArrangePair(
        SceneBuilder draft, in Pyramids.Plan plan, int red, bool isFalling, ref RandomStream geometry)
    {
        var (standing, falling) = (draft.Episode.World, draft.Judged);
        if (!Pyramids.TryAdd(draft, plan, Spread, ref geometry)
            || !Pyramids.TryShift(standing, falling, plan, ref geometry))
        {
            return draft.Reject("a block hangs in the air");
        }

        if (LoadPaths.SurelyStands(falling, removed: red))
        {
            return draft.Reject(Robustness.OtherClass);
        }

        Pyramids.Show(draft, plan, red);
        SetState(draft, plan, red, isFalling);
        var settle = Settling.ToFirstFall(standing, plan.Height);
        Robustness.AskForPair(draft, Without(standing, red), Without(falling, red), settle, Nudges);
        draft.Counterfactuals.Settle(standing, settle);   // with the red block: both must stand
        draft.Counterfactuals.Settle(falling, settle);
        if (isFalling)
        {
            standing.CopyFrom(falling);
        }

        return BuildStep.Simulate;
    }

    private static BuildStep ReviewPair(SceneBuilder draft)
    {
        var count = draft.Counterfactuals.Count;
        return Settling.HasAnyFallen(draft.Counterfactuals[count - 2].Outcome)
            || Settling.HasAnyFallen(draft.Counterfactuals[count - 1].Outcome)
            ? draft.Reject("it falls with the red block in place")
            : Robustness.ReviewPair(draft, count - 2);
    }

    private static void SetState(SceneBuilder draft, in Pyramids.Plan plan, int red, bool isFalling) =>
        draft.Episode.State = new()
        {
            IsYes = isFalling, Expert = Answer.OfYes(isFalling), Subject = red, Scale = plan.Width, Margin = float.NaN,
        };

    private static World Without(World world, int red)
    {
        var copy = new World();
        copy.CopyFrom(world);
        Scenery.TakeAway(copy, red);

        return copy;
    }
}
