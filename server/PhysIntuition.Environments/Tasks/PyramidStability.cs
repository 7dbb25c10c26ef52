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
internal sealed class PyramidStability : ITask
{
    private const float Spread = 1.3f;       // both classes come about as often
    private const float PairSpread = 0.9f;   // most stand before their upper rows are shifted

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

    public string Question(Episode episode) =>
        "The picture shows rows of blocks that are stacked and not glued. Will any block fall?";

    public BuildStep Arrange(SceneBuilder draft) => PyramidScenes.Arrange(draft, Spread, PairSpread, hasRed: false);

    public BuildStep Review(SceneBuilder draft) => draft.OptionsAs<PyramidOptions>().Pairs
        ? Robustness.ReviewPair(draft, draft.Counterfactuals.Count)
        : Robustness.Review(draft, nudges: (int)draft.Memory);

    public Answer Guess(Episode episode) => Answer.OfYes(Laws.HasUnsupported(episode.World, removed: -1));

    public Answer? Read(Picture picture, Episode hint) =>
        SeenScene.Rows(picture, hint) is { } seen ? Guess(seen) : null;

    public Verdict Judge(StepContext turn) => YesNo.Judge(turn, ((PyramidOptions)turn.Episode.Options).Reward,
        yes: "a block falls", no: "all blocks stay");
}
