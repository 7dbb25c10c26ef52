using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Players;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tasks;

/// <summary>Will any block of this pyramid fall?</summary>
/// <remarks>
/// <para>Sees: rows of blocks with gaps between them, each block resting on one or more blocks below.</para>
/// <para>Acts: yes or no; as a number 1 or 0.</para>
/// <para>Scores: 1 if right, 0 if wrong, -1 if the answer cannot be read; <c>reward=signed</c> pays -1 for
/// wrong.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: the class and the rows are drawn first, so both classes are equally frequent for each number of
/// blocks; arrangements are simulated until one has the class, also after each block was nudged by 1 mm. Simulations
/// are spared where statics alone tells that the pyramid stands with 5 % of a block's width to spare.</para>
/// <para>v1: first release.</para>
/// </remarks>
public sealed class PyramidStability : ITask
{
    private const int Nudges = 2;
    private const float Spread = 1.3f;       // both classes come about as often
    private const float PairSpread = 0.9f;   // most stand before their upper rows are shifted

    /// <inheritdoc/>
    public TaskSpec Spec { get; } = new()
    {
        Name = "PyramidStability",
        Version = 1,
        Summary = "Will any block of this pyramid fall?",
        Answer = AnswerAxis.YesNo,
        Reward = new(-1, 1),
        Anchors = new(0.5, 1),
        OptionsType = typeof(PyramidOptions),
        HasPairs = true,
        Heuristic = "each block's centre against its supports",
    };

    /// <inheritdoc/>
    public string Question(Episode episode) =>
        "The picture shows rows of blocks that are stacked and not glued. Will any block fall?";

    /// <inheritdoc/>
    public BuildStep Arrange(SceneBuilder draft)
    {
        var random = draft.Fixed(SeedUse.Plan);
        var isFalling = (random.NextBits() & 1) != 0;
        var plan = Pyramids.Draw(draft.OptionsAs<PyramidOptions>(), ref random);
        var geometry = draft.Fresh(SeedUse.Geometry);
        if (draft.OptionsAs<PyramidOptions>().Pairs)
        {
            return ArrangePair(draft, plan, Robustness.IsYesOf(isFalling, draft.Episode.Seed), ref geometry);
        }

        if (!Pyramids.TryAdd(draft, plan, Spread, ref geometry))
        {
            return draft.Reject("a block hangs in the air");
        }

        var surelyStands = LoadPaths.SurelyStands(draft.Episode.World);
        if (surelyStands && isFalling)
        {
            return draft.Reject(Robustness.OtherClass);
        }

        Pyramids.Show(draft, plan, red: -1);
        SetState(draft, plan, isFalling);
        draft.Memory = surelyStands ? 0 : Nudges;
        draft.Judged.CopyFrom(draft.Episode.World);
        draft.Counterfactuals.Settle(draft.Judged, Settling.ToFirstFall(draft.Judged, plan.Height));

        return BuildStep.Simulate;
    }

    /// <inheritdoc/>
    public BuildStep Review(SceneBuilder draft) => draft.OptionsAs<PyramidOptions>().Pairs
        ? Robustness.ReviewPair(draft, draft.Counterfactuals.Count)
        : Robustness.Review(draft, nudges: (int)draft.Memory);

    /// <inheritdoc/>
    public Answer Guess(Episode episode) => Answer.OfYes(Laws.HasUnsupported(episode.World, removed: -1));

    /// <inheritdoc/>
    public Answer? Read(Picture picture, Episode hint) =>
        SeenScene.Rows(picture, hint) is { } seen ? Guess(seen) : null;

    /// <inheritdoc/>
    public Verdict Judge(StepContext turn) => YesNo.Judge(turn, ((PyramidOptions)turn.Episode.Options).Reward,
        yes: "a block falls", no: "all blocks stay");

    private static BuildStep ArrangePair(
        SceneBuilder draft, in Pyramids.Plan plan, bool isFalling, ref RandomStream geometry)
    {
        var (standing, falling) = (draft.Episode.World, draft.Judged);
        if (!Pyramids.TryAdd(draft, plan, PairSpread, ref geometry)
            || !Pyramids.TryShift(standing, falling, plan, ref geometry))
        {
            return draft.Reject("a block hangs in the air");
        }

        if (LoadPaths.SurelyStands(falling))
        {
            return draft.Reject(Robustness.OtherClass);
        }

        Pyramids.Show(draft, plan, red: -1);
        SetState(draft, plan, isFalling);
        Robustness.AskForPair(draft, standing, falling, Settling.ToFirstFall(standing, plan.Height), Nudges);
        if (isFalling)
        {
            standing.CopyFrom(falling);
        }

        return BuildStep.Simulate;
    }

    private static void SetState(SceneBuilder draft, in Pyramids.Plan plan, bool isFalling) =>
        draft.Episode.State = new()
        {
            IsYes = isFalling, Expert = Answer.OfYes(isFalling), Scale = plan.Width, Margin = float.NaN,
        };
}
