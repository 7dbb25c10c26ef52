using static PhysIntuition.Environments.Tasks.SlideScenes;

namespace PhysIntuition.Environments.Tasks;

/// <summary>Which picture shows how the scene ends?</summary>
/// <remarks>
/// <para>Sees: above, a red block that slides along the ground towards a tower, with an arrow for its speed; below,
/// four pictures A to D of the same blocks at rest.</para>
/// <para>Acts: A, B, C or D; as a number 0 to 3.</para>
/// <para>Scores: 1 if right, 0 if wrong, -1 if the answer cannot be read; <c>reward=signed</c> pays -1 for
/// wrong.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: four scenes are drawn that differ in one thing: the red block's speed, its mass, its place, or the
/// friction; <c>differs</c> chooses. All four are simulated, the ends are the four pictures in random order, and one
/// of the four scenes is asked about, each as likely as the others. So the pictures below do not tell the answer.
/// Every two of them differ in at least 0.6 times as many pixels as a block covers, and where blocks fall, a start
/// that is 1 mm off leads nearest to the same picture.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class SlideOutcome : IPictureTask
{
    public TaskSpec Spec { get; } = new()
    {
        Name = "Outcome",
        Version = 1,
        Summary = "Which of four pictures shows how the scene ends?",
        Observations = ObservationSpec.PictureOnly,
        Answer = [AnswerAxis.Choice("picture", Panels.Letters)],
        Reward = new(-1, 1),
        Anchors = new(0.25, 1),
        OptionsType = typeof(OutcomeOptions),
        Heuristic = "work of friction, momentum where blocks meet, then the nearest picture",
    };

    public string Question(Episode episode) => string.Create(CultureInfo.InvariantCulture,
        $"The upper picture shows a red block that slides along the ground; the other blocks rest. Its speed is "
        + $"1 m/s for each {LengthPerSpeed(episode.Options):0.00} m of the arrow's length. {Facts(episode)} Which of "
        + $"the four pictures below, A, B, C or D, shows where all blocks come to rest?");

    public BuildStep Arrange(SceneBuilder draft)
    {
        var (episode, right) = (draft.Episode, draft.Fixed(SeedUse.Plan).NextInt(0, Ways));
        var ways = Lay(draft, draft.OptionsAs<OutcomeOptions>().Differs, right);
        if (!AreLikelyToDiffer(ways))
        {
            return draft.Reject(FourEnds.Alike);
        }

        foreach (var way in ways)
        {
            Settle(draft.Counterfactuals, way);
        }

        Show(draft);
        episode.State = StateOf(episode, new Answer(right)) with { Choice = right };

        return BuildStep.Simulate;
    }

    public BuildStep Review(SceneBuilder draft)
    {
        if (draft.Round > 1)
        {
            return FourEnds.AreRobust(draft) ? BuildStep.Accepted : draft.Reject(FourEnds.Unsure);
        }

        if (FourEnds.FaultOf(draft, RegionX, RegionZ) is { } fault)
        {
            return draft.Reject(fault);
        }

        var right = draft.Episode.State.Choice;
        var ways = Lay(draft, draft.OptionsAs<OutcomeOptions>().Differs, right);

        return FourEnds.AskForNudges(draft, ways, static _ => Red, right);
    }

    public Answer Guess(Episode episode)
    {
        var end = Predict(episode.World);

        return new(Enumerable.Range(0, episode.Panels.Count).MinBy(i => Apart(PlacesIn(episode.Panels[i]), end)));
    }

    public Answer? Read(Picture picture, Episode hint) => SeenSlide.Read(picture, hint);

    public Verdict Judge(StepContext turn) =>
        ChoiceRule.Judge(turn, ((OutcomeOptions)turn.Episode.Options).Reward);

    public void Consequence(StepContext turn) => Settle(turn.Counterfactuals, turn.Episode.World);

    public void Compose(Episode episode, World world, in FrameFormat format, IRenderer renderer, Span<byte> rgb) =>
        Panels.Compose(episode, Panels.SceneAndFour(episode, world), format, renderer, rgb);

    private static void Show(SceneBuilder draft)
    {
        var episode = draft.Episode;
        var red = episode.World.Bodies[Red];
        Scenery.Paint(draft, Red);
        episode.Overlays.Add(Arrows.Above(red, red.LinearVelocity, LengthPerSpeed(episode.Options)));
        SetView(draft);
    }
}
