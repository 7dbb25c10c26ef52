namespace PhysIntuition.Environments.Tasks;

/// <summary>Where does the pushed block come to rest?</summary>
/// <remarks>
/// <para>Sees: a red block on the ground with an arrow that shows its speed: 0.4 m of arrow for each m/s.</para>
/// <para>Acts: x, whole hundredths of a metre: how far to the right of where it is now the block stops.</para>
/// <para>Scores: 1 at the spot, falling linearly to 0 at a distance of 1 m; -1 if the answer cannot be read.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: speed, friction and gravity decide; the resting place is the simulated one.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class PushRest : ITask
{
    /// <summary>m of arrow for each m/s.</summary>
    internal const float LengthPerSpeed = 0.4f;

    private const double Scale = 1;   // m; where the reward reaches 0

    public TaskSpec Spec { get; } = new()
    {
        Name = "PushRest",
        Version = 1,
        Summary = "Where does the pushed block come to rest?",
        Answer = [new("x", -1000, 1000, "cm")],
        Reward = new(-1, 1),
        Anchors = new(0.05, 1),
        OptionsType = typeof(SlideOptions),
        Heuristic = "v² / 2 mu g",
    };

    public string Question(Episode episode) => string.Create(CultureInfo.InvariantCulture,
        $"The red block was just pushed along the ground. Its speed is 1 m/s for each 0.4 m of the arrow's length; "
        + $"the block is {episode.State.Scale * 100:0} hundredths of a metre wide, the friction coefficient is "
        + $"{episode.World.GroundFriction:0.##}. How many hundredths of a metre to the right (x) of where it is "
        + $"now does it stop? Left is negative.");

    public BuildStep Arrange(SceneBuilder draft)
    {
        var (episode, options) = (draft.Episode, draft.OptionsAs<SlideOptions>());
        var plan = draft.Fixed(SeedUse.Plan);
        var geometry = draft.Fresh(SeedUse.Geometry);
        var side = plan.NextInt(0, 2) == 0 ? -1f : 1f;
        var speed = Scenery.Draw(options.Speed, ref geometry) * side;
        var half = Scenery.Draw(options.BlockWidth, ref geometry) / 2;

        var density = Scenery.SetPhysics(draft);
        var body = Scenery.Cuboid(episode.World, new(-side * 1.2f, half, 0f), new(half), density);
        body.LinearVelocity = new(speed, 0f, 0f);
        episode.World.Bodies.Add(body);
        Scenery.Paint(draft, red: 0);
        episode.Overlays.Add(Arrows.Above(body, body.LinearVelocity, LengthPerSpeed));
        Scenery.SetView(draft, halfWidth: 2.4, height: 1.1, depth: 0.6);
        episode.State = new() { Scale = 2 * half, Start = body.Position, Margin = float.NaN };
        draft.Counterfactuals.Settle(
            episode.World, Settling.ToRestAfterSlide(episode.World, SlideOptions.UsualFriction));

        return BuildStep.Simulate;
    }

    public BuildStep Review(SceneBuilder draft)
    {
        var (trial, facts) = (draft.Counterfactuals[0], draft.Episode.State);
        var rest = trial.World.Bodies[0];
        if (trial.Outcome.Ending == Ending.TimedOut || rest.Position.Y < 0.95f * facts.Scale / 2)
        {
            return draft.Reject("the block does not come to rest upright");
        }

        var distance = (double)rest.Position.X - facts.Start.X;
        draft.Episode.OutcomeHash = SceneHash.OfOutcome(trial);
        draft.Episode.State = facts with
        {
            Target = rest.Position,
            Expert = new Answer(Math.Round(distance * 100)),
        };

        return Math.Abs(distance) <= 10 ? BuildStep.Accepted : draft.Reject("the block leaves the answer's range");
    }

    public Answer Guess(Episode episode)
    {
        var speed = episode.World.Bodies[0].LinearVelocity.X;

        return Laws.Rounded(Laws.SlideOf(speed, episode.World), Spec.Answer[0]);
    }

    public Answer? Read(Picture picture, Episode hint) =>
        SeenScene.Sliders(
            picture, hint, hint.State.Scale, bodies: 1, LengthPerSpeed) is { } seen ? Guess(seen) : null;

    public Verdict Judge(StepContext turn)
    {
        var facts = turn.Episode.State;

        return DistanceRule.Judge(turn, (double)facts.Target.X - facts.Start.X, Scale);
    }
}
