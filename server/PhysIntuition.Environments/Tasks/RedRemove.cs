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
internal sealed class RedRemove : ITask
{
    private const float Spread = 0.55f;   // most stand with the red block, and about half without it

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

    public string Question(Episode episode) =>
        "The picture shows blocks that are stacked and not glued; one of them is red. "
        + "Will any other block fall when the red block is taken away?";

    public BuildStep Arrange(SceneBuilder draft) => PyramidScenes.Arrange(draft, Spread, Spread, hasRed: true);

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

    public Answer Guess(Episode episode) => Answer.OfYes(Laws.HasUnsupported(episode.World, episode.State.Subject));

    public Answer? Read(Picture picture, Episode hint) =>
        SeenScene.Rows(picture, hint) is { } seen ? Guess(seen) : null;

    public Verdict Judge(StepContext turn) => YesNo.Judge(turn, ((PyramidOptions)turn.Episode.Options).Reward,
        yes: "a block falls", no: "the others stay");

    public void Consequence(StepContext turn)
    {
        var world = turn.Episode.World;
        Scenery.TakeAway(turn.Counterfactuals.Settle(world, Settling.ToRest(world)).World, turn.Episode.State.Subject);
    }

    private static BuildStep ReviewPair(SceneBuilder draft)
    {
        var count = draft.Counterfactuals.Count;
        return Settling.HasAnyFallen(draft.Counterfactuals[count - 2].Outcome)
            || Settling.HasAnyFallen(draft.Counterfactuals[count - 1].Outcome)
            ? draft.Reject("it falls with the red block in place")
            : Robustness.ReviewPair(draft, count - 2);
    }
}
