namespace PhysIntuition.Environments.Tasks;

/// <summary>Where must the red block go to stand on top of the tower?</summary>
/// <remarks>
/// <para>Sees: a tower and a red block that stands on the ground beside it.</para>
/// <para>Acts: (x, y), whole hundredths of a metre: how far the red block moves to the right and up.</para>
/// <para>Scores: with d the distance in metres from the place centred on the top block and resting on it:
/// 10 - d on top (within half a block's width of the centre, and above the top), 5 - d beside; -5 inside the
/// tower, below ground, or if the answer cannot be read. <c>reward=physical</c> drops the block and pays as on top
/// only if the taller tower stands at rest with the block on it, else 5 - d.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: the tower stands, and still stands with the red block in its place. The right move lies within
/// 3 mm of whole hundredths.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Offset : ITask
{
    /// <summary>Answers' range: covers every place in the picture under any options.</summary>
    internal static IReadOnlyList<AnswerAxis> Axes { get; } =
        [new("x", -1000, 1000, "cm"), new("y", -500, 2000, "cm")];

    public TaskSpec Spec { get; } = new()
    {
        Name = "Offset",
        Version = 1,
        Summary = "Where must the red block go to stand on top of the tower?",
        Answer = Axes,
        Reward = new(-25, 10),
        Anchors = new(-3.7, 10),
        OptionsType = typeof(OffsetOptions),
        Heuristic = "difference of centres",
    };

    public string Question(Episode episode) => OffsetScenes.Question(episode);

    public BuildStep Arrange(SceneBuilder draft) => OffsetScenes.Arrange(draft);

    public BuildStep Review(SceneBuilder draft) => OffsetScenes.Review(draft);

    public void Act(StepContext turn) => OffsetRule.Act(turn, ((OffsetOptions)turn.Episode.Options).Reward);

    public Answer Guess(Episode episode) => OffsetRule.Guess(episode);

    public Answer? Read(Picture picture, Episode hint) =>
        OffsetRule.Read(picture, hint);

    public Verdict Judge(StepContext turn) => OffsetRule.Judge(turn, isOver: true);

    public void Consequence(StepContext turn) => OffsetRule.Consequence(turn);
}

/// <summary>What <see cref="Offset"/> lets its user choose.</summary>
public sealed record OffsetOptions : TowerOptions
{
    /// <summary>How answers are paid.</summary>
    public PlacementReward Reward { get; init; }
}
