using static PhysIntuition.Environments.Tasks.SlideScenes;

namespace PhysIntuition.Environments.Tasks;

/// <summary>How hard was the push that led from the first picture to the second?</summary>
/// <remarks>
/// <para>Sees: above, a red block and a tower at rest; below, the same blocks where they came to rest after a sudden
/// push on the red block: the scenes of Cause-v1 without its arrows.</para>
/// <para>Acts: impulse, whole N s; to the right is positive.</para>
/// <para>Scores: 1 for the right impulse, falling linearly to 0 where the error is as large as that; -1 if the answer
/// cannot be read.</para>
/// <para>Ends: after one answer. What is shown then is the end below and, under it, where the impulse that was
/// answered leads.</para>
/// <para>Scenes: as in Cause-v1; the red block moves by at least 0.15 m.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Impulse : IPictureTask
{
    private const float LeastMove = 0.15f;   // m
    private const double Half = 0.5;         // height of the upper panel over the picture's

    public TaskSpec Spec { get; } = new()
    {
        Name = "Impulse",
        Version = 1,
        Summary = "How hard was the push that led from the first picture to the second?",
        Observations = ObservationSpec.PictureOnly,
        Answer = [new("impulse", -10_000, 10_000, "N s") { Input = AnswerInput.Number }],
        Reward = new(-1, 1),
        Anchors = new(0.05, 1),
        OptionsType = typeof(ImpulseOptions),
        Heuristic = "work of friction and momentum, from the end back",
    };

    public string Question(Episode episode) =>
        $"{Cause.Story} {Facts(episode)} How large was the impulse, in N s? To the right is positive.";

    public BuildStep Arrange(SceneBuilder draft)
    {
        var episode = draft.Episode;
        var right = draft.Fixed(SeedUse.Plan).NextInt(0, Ways);
        var way = Cause.LayBefore(draft, right)[right];
        var (red, speed) = (episode.World.Bodies[Red], way.Bodies[Red].LinearVelocity.X);
        var impulse = Math.Round((double)red.Mass * speed);
        if (Math.Abs(impulse) > Spec.Answer[0].Max)
        {
            return draft.Reject("the push is too hard to ask for");
        }

        Scenery.Paint(draft, Red);
        SetView(draft);
        episode.State = StateOf(episode, new Answer(impulse));
        Settle(draft.Counterfactuals, way);

        return BuildStep.Simulate;
    }

    public BuildStep Review(SceneBuilder draft)
    {
        var (episode, trial) = (draft.Episode, draft.Counterfactuals[0]);
        if (FourEnds.FaultOf(draft, RegionX, RegionZ) is { } fault)
        {
            return draft.Reject(fault);
        }

        if (MathF.Abs(trial.World.Bodies[Red].Position.X - episode.State.Start.X) < LeastMove)
        {
            return draft.Reject("the red block hardly moves");
        }

        episode.OutcomeHash = SceneHash.OfOutcome(trial);

        return BuildStep.Accepted;
    }

    public Answer Guess(Episode episode) =>
        Rounded(episode.World.Bodies[Red].Mass * SpeedOf(episode.World, episode.Panels[0]));

    public Answer? Read(Picture picture, Episode hint) => SeenSlide.ReadEnd(
        picture, hint, PanelsOf(hint, hint.World)) is { } seen
        ? Rounded(hint.World.Bodies[Red].Mass * SpeedOf(seen.Before, seen.After)) : null;

    public Verdict Judge(StepContext turn)
    {
        var right = turn.Episode.State.Expert[0];

        return DistanceRule.Score(turn, Math.Abs(turn.Answer[0] - right), Math.Abs(right)) with
        {
            Distance = double.NaN,
        };
    }

    /// <summary>Where the impulse that was answered leads.</summary>
    public void Consequence(StepContext turn)
    {
        if (turn.Answer.IsLegal)
        {
            Settle(turn.Counterfactuals, Pushed(turn.Episode.World, turn.Answer[0]));
        }
    }

    public void Compose(Episode episode, World world, in FrameFormat format, IRenderer renderer, Span<byte> rgb) =>
        Panels.Compose(episode, PanelsOf(episode, world), format, renderer, rgb);

    private static Panel[] PanelsOf(Episode episode, World world) => Cause.PanelsOf(episode, world, Half);

    /// <summary>The scene as an impulse on the red block leaves it.</summary>
    /// <param name="before">At rest.</param>
    /// <param name="impulse">N s.</param>
    internal static World Pushed(World before, double impulse) =>
        SlideScenes.Pushed(before, (float)(impulse / before.Bodies[Red].Mass));

    /// <summary>The red block's speed after the push, by friction's work and by momentum; the tower is taken as one
    /// body. It is found by halving: the farther the blocks came, the faster it was.</summary>
    internal static double SpeedOf(World before, World end)
    {
        const int halvings = 40;
        var (low, high) = (0.0, 100.0);   // m/s
        var way = end.Bodies[Red].Position.X - before.Bodies[Red].Position.X;
        for (var i = 0; i < halvings; i++)
        {
            var speed = (low + high) / 2;
            var (red, _) = Predict(Pushed(before, Math.Sign(way) * speed * before.Bodies[Red].Mass));
            (low, high) = Math.Abs(red - before.Bodies[Red].Position.X) < Math.Abs(way) ? (speed, high) : (low, speed);
        }

        return Math.Sign(way) * low;
    }

    private Answer Rounded(double impulse) =>
        new(Math.Clamp(Math.Round(impulse), Spec.Answer[0].Min, Spec.Answer[0].Max));
}
