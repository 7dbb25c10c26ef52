namespace PhysIntuition.Environments.Tasks;

/// <summary>Where does the struck block stop?</summary>
/// <remarks>
/// <para>Sees: a block that slides towards a red one at rest; an arrow shows its speed, 0.2 m for each m/s.</para>
/// <para>Acts: x, whole hundredths of a metre: how far to the right of where it is now the red block stops.</para>
/// <para>Scores: 1 at the spot, falling linearly to 0 at a distance of 1 m; -1 if the answer cannot be read.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: masses, speed, restitution and friction decide; the place is the simulated one.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class CollisionStop : ITask
{
    private const int Red = 1;
    private const float MaxGap = 1.4f;    // m
    private const float Middle = -0.6f;   // m: between the blocks; leaves room to stop on the right
    private const double Scale = 1;   // m; where the reward reaches 0
    private const double SurelyTooFar = 11;   // m: a tenth beyond the answer's range, which needs no simulation
    private const string TooFar = "the red block hardly moves, or too far";

    public TaskSpec Spec { get; } = new()
    {
        Name = "CollisionStop",
        Version = 1,
        Summary = "Where does the struck block stop?",
        Answer = [new("x", -1000, 1000, "cm")],
        Reward = new(-1, 1),
        Anchors = new(0.05, 1),
        OptionsType = typeof(CollisionOptions),
        Heuristic = "momentum, restitution, then v² / 2 mu g",
    };

    public string Question(Episode episode) => string.Create(CultureInfo.InvariantCulture,
        $"A block slides towards the red block, which rests. The arrow shows its speed, 1 m/s for each 0.2 m; both "
        + $"are of the same material, the friction coefficient is {episode.World.GroundFriction:0.##}, they "
        + $"{CollisionScenes.Rebound(episode.World)}, and the red block is {episode.State.Scale * 100:0} "
        + $"hundredths of a metre wide. How many hundredths of a metre to the right (x) of where it is now does "
        + $"the red block stop? Left is negative.");

    public BuildStep Arrange(SceneBuilder draft)
    {
        var options = draft.OptionsAs<CollisionOptions>();
        var isMirrored = (draft.Fixed(SeedUse.Plan).NextBits() & 1) != 0;
        var random = draft.Fresh(SeedUse.Geometry);
        var (left, right) = (Scenery.Draw(options.BlockWidth, ref random) / 2, Scenery.Draw(options.BlockWidth,
            ref random) / 2);
        var speed = Scenery.Draw(options.Speed, ref random);
        var gap = random.NextFloat(0.6f, MaxGap);

        var density = Scenery.SetPhysics(draft);
        var world = draft.Episode.World;
        gap = CollisionScenes.WithinReach(gap, MaxGap, speed, world);
        var (start, rest) = (Middle - left - (gap / 2), Middle + right + (gap / 2));
        var pair = new CollisionScenes.Pair(start, speed, left, rest, 0f, right);
        var meeting = CollisionScenes.Meet(pair, world.GroundFriction, world.Gravity, world.GroundRestitution);
        if (!meeting.DoMeet || Laws.SlideOf((float)meeting.RightSpeed, world) > SurelyTooFar)
        {
            return draft.Reject(meeting.DoMeet ? TooFar : "friction keeps them apart");
        }

        CollisionScenes.Add(draft, pair, density, isMirrored, Red);
        draft.Episode.State = new()
        {
            Subject = Red, Scale = 2 * right, Margin = float.NaN, Start = world.Bodies[Red].Position,
        };
        draft.Counterfactuals.Settle(world, Settling.ToRestAfterSlide(world, CollisionOptions.UsualFriction));

        return BuildStep.Simulate;
    }

    public BuildStep Review(SceneBuilder draft)
    {
        var (trial, facts) = (draft.Counterfactuals[0], draft.Episode.State);
        var rest = trial.World.Bodies[Red].Position;
        var distance = (double)rest.X - facts.Start.X;
        if (trial.Outcome.Ending == Ending.TimedOut || Math.Abs(distance) is < 0.05 or > 10)
        {
            return draft.Reject(TooFar);
        }

        draft.Episode.OutcomeHash = SceneHash.OfOutcome(trial);
        draft.Episode.State = facts with { Target = rest, Expert = new Answer(Math.Round(distance * 100)) };

        return BuildStep.Accepted;
    }

    public Answer Guess(Episode episode)
    {
        var way = Laws.SlideOf((float)CollisionScenes.SpeedAfter(episode.World, Red), episode.World);

        return Laws.Rounded(way, Spec.Answer[0]);
    }

    public Answer? Read(Picture picture, Episode hint) =>
        SeenScene.Sliders(
            picture, hint, hint.State.Scale, bodies: 2, CollisionScenes.LengthPerSpeed) is { } seen
            ? Guess(seen)
            : null;

    public Verdict Judge(StepContext turn)
    {
        var facts = turn.Episode.State;

        return DistanceRule.Judge(turn, (double)facts.Target.X - facts.Start.X, Scale);
    }
}
