using static PhysIntuition.Environments.Tasks.SlideScenes;

namespace PhysIntuition.Environments.Tasks;

/// <summary>Which of four pushes led from the first picture to the second?</summary>
/// <remarks>
/// <para>Sees: above, a red block and a tower at rest, and four arrows A to D for pushes on the red block, as long as
/// the speed that each gives to it; below, the same blocks where they came to rest after one of the pushes.</para>
/// <para>Acts: A, B, C or D; as a number 0 to 3.</para>
/// <para>Scores: 1 if right, 0 if wrong, -1 if the answer cannot be read; <c>reward=signed</c> pays -1 for
/// wrong.</para>
/// <para>Ends: after one answer. What is shown then is the end below and, under it, where the push that was answered
/// leads.</para>
/// <para>Scenes: four speeds are drawn and put beside the letters in random order; which of them it was is drawn
/// apart from that, each as likely as the others. All four are simulated. Every two of the ends differ in at least
/// 0.6 times as many pixels as a block covers, and where blocks fall, a start that is 1 mm off leads nearest to the
/// same end.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Cause : IPictureTask
{
    private const double Before = 0.64;     // height of the upper panel over the picture's; both are to one scale
    private const float Lift = 0.25f;       // m from the tower's top to the lowest arrow
    private const float Spacing = 0.5f;     // m from arrow to arrow
    private const float LetterSize = 0.38f, LetterGap = 0.35f;   // m
    private const float Longest = 2f;       // m: what the fastest push's arrow measures
    private const float LeastLead = 0.18f;  // m between the lengths of two arrows: more than perspective takes

    /// <summary>What the picture shows, in words.</summary>
    internal const string Story =
        "The upper picture shows a red block and other blocks at rest. Then the red block got a sudden push along the "
        + "ground; the lower picture shows where all blocks came to rest.";

    public TaskSpec Spec { get; } = new()
    {
        Name = "Cause",
        Version = 1,
        Summary = "Which of four pushes led from the first picture to the second?",
        Observations = ObservationSpec.PictureOnly,
        Answer = [AnswerAxis.Choice("arrow", Panels.Letters)],
        Reward = new(-1, 1),
        Anchors = new(0.25, 1),
        OptionsType = typeof(CauseOptions),
        Heuristic = "work of friction, momentum where blocks meet, then the push whose end is nearest",
    };

    public string Question(Episode episode) => string.Create(CultureInfo.InvariantCulture,
        $"{Story} The arrows A, B, C and D are four pushes: each would give the red block a speed of 1 m/s for each "
        + $"{PushLength(episode.Options):0.00} m of its length. {Facts(episode)} Which of the arrows, A, B, C or D, "
        + $"was the push?");

    public BuildStep Arrange(SceneBuilder draft)
    {
        var (episode, right) = (draft.Episode, draft.Fixed(SeedUse.Plan).NextInt(0, Ways));
        var ways = LayBefore(draft, right);
        if (!AreLikelyToDiffer(ways))
        {
            return draft.Reject(FourEnds.Alike);
        }

        Scenery.Paint(draft, Red);
        if (!TryAddArrows(episode, ways))
        {
            return draft.Reject("two arrows are hardly of different lengths");
        }

        foreach (var way in ways)
        {
            Settle(draft.Counterfactuals, way);
        }

        var tower = TopOf(episode.World);
        Scenery.SetView(draft, RegionX, Math.Max(tower + Lift + (Ways * Spacing), 2 * tower), RegionZ,
            panel: (float)(1 / Before));
        episode.State = StateOf(episode, new Answer(right)) with { Choice = right };

        return BuildStep.Simulate;
    }

    public BuildStep Review(SceneBuilder draft)
    {
        if (draft.Round > 1)
        {
            return FourEnds.AreRobust(draft) ? Accept(draft.Episode) : draft.Reject(FourEnds.Unsure);
        }

        if (FourEnds.FaultOf(draft, RegionX, RegionZ) is { } fault)
        {
            return draft.Reject(fault);
        }

        var step = FourEnds.AskForNudges(draft, LayBefore(draft, draft.Episode.State.Choice), static _ => Red);

        return step == BuildStep.Accepted ? Accept(draft.Episode) : step;
    }

    public Answer Guess(Episode episode)
    {
        var end = PlacesIn(episode.Panels[0]);

        return new(Enumerable.Range(0, Ways).MinBy(i => Apart(end, Predict(Pushed(episode, i)))));
    }

    public Answer? Read(Picture picture, Episode hint) => SeenSlide.ReadPush(picture, hint);

    public Verdict Judge(StepContext turn) => ChoiceRule.Judge(turn, ((CauseOptions)turn.Episode.Options).Reward);

    /// <summary>Where the push that was answered leads.</summary>
    public void Consequence(StepContext turn)
    {
        if (turn.Answer.IsLegal)
        {
            Settle(turn.Counterfactuals, Pushed(turn.Episode, (int)turn.Answer[0]));
        }
    }

    public void Compose(Episode episode, World world, in FrameFormat format, IRenderer renderer, Span<byte> rgb) =>
        Panels.Compose(episode, PanelsOf(episode, world), format, renderer, rgb);

    /// <summary>m of arrow for each m/s.</summary>
    internal static float PushLength(TaskOptions options) => LengthPerSpeed(options, Longest);

    /// <summary>Before above, the end below; after an answer that, and where the answer leads, half as large.</summary>
    /// <param name="episode">Whose only panel is the end.</param>
    /// <param name="world">The episode's own, or the one after an answer.</param>
    /// <param name="share">Height of the upper panel over the picture's, in [0.5, 1).</param>
    internal static Panel[] PanelsOf(Episode episode, World world, double share = Before)
    {
        var (rest, sky) = (1 - share, 1 - ((1 - share) / share));   // the lower panels leave out what is high above
        var (before, end) = (new Panel(episode.World, null, (0, 0, 1, share)), episode.Panels[0]);

        return ReferenceEquals(world, episode.World)
            ? [before, new(end, null, (0, share, 1, rest), [], sky)]
            : [before, new(end, "end", (0.25, share, 0.5, rest / 2), [], sky),
                new(world, "yours", (0.25, share + (rest / 2), 0.5, rest / 2), [], sky)];
    }

    /// <summary>The scene as a push leaves it.</summary>
    /// <param name="episode">Whose first marks are the arrows.</param>
    /// <param name="arrow">Which push.</param>
    internal static World Pushed(Episode episode, int arrow)
    {
        var mark = episode.Overlays[arrow];

        return SlideScenes.Pushed(episode.World, (mark.To.X - mark.From.X) / PushLength(episode.Options));
    }

    /// <summary>The four pushed scenes; the episode's own is the one before any push.</summary>
    internal static World[] LayBefore(SceneBuilder draft, int right)
    {
        var ways = Lay(draft, Difference.Push, right);
        var bodies = draft.Episode.World.Bodies;
        bodies[Red] = bodies[Red] with { LinearVelocity = Vector3.Zero };

        return ways;
    }

    private static float TopOf(World world) =>
        world.Bodies[^1].Position.Y + world.Bodies[^1].HalfExtents.Y;

    // Only the end that is shown stays, so that an episode does not hold what would tell the others.
    private static BuildStep Accept(Episode episode)
    {
        var end = episode.Panels[episode.State.Choice];
        episode.Panels.Clear();
        episode.Panels.Add(end);

        return BuildStep.Accepted;
    }

    // One above the other over the tower, A at the top; a letter where each begins.
    private static bool TryAddArrows(Episode episode, World[] ways)
    {
        for (var i = 0; i < Ways; i++)
        {
            var red = ways[i].Bodies[Red];
            var from = red.Position with { Y = TopOf(ways[i]) + Lift + (Spacing * (Ways - 1 - i)) };
            var way = red.LinearVelocity * PushLength(episode.Options);
            foreach (var other in episode.Overlays)
            {
                if (MathF.Abs(MathF.Abs(other.To.X - other.From.X) - MathF.Abs(way.X)) < LeastLead)
                {
                    return false;
                }
            }

            episode.Overlays.Add(new(OverlayKind.Arrow, from, from + way, 0.06f, Paints.Mark));
        }

        for (var i = 0; i < Ways; i++)
        {
            var (from, to) = (episode.Overlays[i].From, episode.Overlays[i].To);
            var gap = LetterGap + (i % 2 * LetterSize);   // in two columns: in small pictures rows are narrow
            var place = from - new Vector3(to.X < from.X ? -gap : gap, 0f, 0f);
            episode.Overlays.Add(new(OverlayKind.Label, place, default, LetterSize, Vector3.Zero, Panels.Letters[i]));
        }

        return true;
    }
}
