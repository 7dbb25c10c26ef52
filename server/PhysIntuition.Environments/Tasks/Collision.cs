namespace PhysIntuition.Environments.Tasks;

/// <summary>Does the red block move to the right after the two have met?</summary>
/// <remarks>
/// <para>Sees: two blocks of one material on the ground, at least one of them sliding towards the other; arrows show
/// speeds, 0.2 m for each m/s.</para>
/// <para>Acts: yes or no; as a number 1 or 0.</para>
/// <para>Scores: 1 if right, 0 if wrong, -1 if the answer cannot be read; <c>reward=signed</c> pays -1 for
/// wrong.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: the blocks are drawn without regard to the class and then mirrored where the class asks for it, so
/// nothing that a mirror leaves alone tells the class. Momentum and simulation agree on the direction.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Collision : ITask
{
    private const float MaxGap = 1.8f;        // m, between the blocks at the start
    private const double ClearSpeed = 0.15;   // of the closing speed: slower departures are too close to call

    public TaskSpec Spec { get; } = new()
    {
        Name = "Collision",
        Version = 1,
        Summary = "Does the red block move to the right after the two blocks have met?",
        Answer = AnswerAxis.YesNo,
        Reward = new(-1, 1),
        Anchors = new(0.5, 1),
        OptionsType = typeof(CollisionOptions),
        HasPairs = true,
        Heuristic = "momentum and restitution",
    };

    public string Question(Episode episode) =>
        "Two blocks of the same material slide on the ground and are about to meet. The arrows show their speeds, "
        + $"1 m/s for each 0.2 m; a block without an arrow rests. They {CollisionScenes.Rebound(episode.World)}. "
        + "Does the red block move to the right just after they have met?";

    public BuildStep Arrange(SceneBuilder draft)
    {
        var options = draft.OptionsAs<CollisionOptions>();
        var isRight = (draft.Fixed(SeedUse.Plan).NextBits() & 1) != 0;
        var random = draft.Fresh(SeedUse.Geometry);
        if (options.Pairs)
        {
            return ArrangePair(draft, options, Robustness.IsYesOf(isRight, draft.Episode.Seed));
        }

        var (left, right) = (Scenery.Draw(options.BlockWidth, ref random) / 2, Scenery.Draw(options.BlockWidth,
            ref random) / 2);
        var speed = Scenery.Draw(options.Speed, ref random);
        var counter = random.NextInt(0, 2) == 0 ? 0 : -speed * random.NextFloat(0.3f, 1f);
        var red = random.NextInt(0, 2);

        var density = Scenery.SetPhysics(draft);
        var world = draft.Episode.World;
        var gap = CollisionScenes.WithinReach(random.NextFloat(1f, MaxGap), MaxGap, speed, world);
        var pair = new CollisionScenes.Pair((-gap / 2) - left, speed, left, (gap / 2) + right, counter, right);
        var meeting = CollisionScenes.Meet(pair, world.GroundFriction, world.Gravity, world.GroundRestitution);
        var after = red == 0 ? meeting.LeftSpeed : meeting.RightSpeed;
        if (!meeting.DoMeet || Math.Abs(after) < ClearSpeed * meeting.Closing)
        {
            return draft.Reject(meeting.DoMeet ? "the red block hardly moves afterwards" : "friction keeps them apart");
        }

        var isMirrored = after > 0 != isRight;
        CollisionScenes.Add(draft, pair, density, isMirrored, red);
        var place = red == 0 ? meeting.LeftX : meeting.RightX;
        draft.Episode.State = new()
        {
            IsYes = isRight, Expert = Answer.OfYes(isRight), Subject = red, Margin = float.NaN,
            Target = new((float)(isMirrored ? -place : place), 0f, 0f),
        };
        draft.Counterfactuals.Settle(world, Settling.ToRestAfterSlide(world, CollisionOptions.UsualFriction));

        return BuildStep.Simulate;
    }

    public BuildStep Review(SceneBuilder draft)
    {
        var (trial, facts) = (draft.Counterfactuals[0], draft.Episode.State);
        var isPair = draft.OptionsAs<CollisionOptions>().Pairs;
        if (!Goes(trial, facts.Subject, facts.Target.X, facts.IsYes)
            || (isPair && !Goes(draft.Counterfactuals[1], facts.Subject, (float)draft.Memory, !facts.IsYes)))
        {
            return draft.Reject("simulation and momentum disagree");
        }

        draft.Episode.OutcomeHash = SceneHash.OfOutcome(trial);

        return BuildStep.Accepted;
    }

    public Answer Guess(Episode episode) =>
        Answer.OfYes(CollisionScenes.SpeedAfter(episode.World, episode.State.Subject) > 0);

    public Answer? Read(Picture picture, Episode hint) =>
        SeenScene.Sliders(
            picture, hint, SeenScene.Middle(((CollisionOptions)hint.Options).BlockWidth), bodies: 2,
            CollisionScenes.LengthPerSpeed) is { } seen ? Guess(seen) : null;

    public Verdict Judge(StepContext turn) => YesNo.Judge(turn, ((CollisionOptions)turn.Episode.Options).Reward,
        yes: "the red block moves to the right", no: "the red block moves to the left");

    private static bool Goes(Counterfactual trial, int red, float from, bool isRight)
    {
        const float clear = 0.02f;   // m: a body that ends nearer to where it was struck has no direction
        var way = trial.World.Bodies[red].Position.X - from;

        return trial.Outcome.Ending != Ending.TimedOut && MathF.Abs(way) >= clear && way > 0 == isRight;
    }

    // The same two blocks, the right one slower or faster than where the red one would stop, as little as is clear.
    private static BuildStep ArrangePair(SceneBuilder draft, CollisionOptions options, bool isRight)
    {
        var random = draft.Fresh(SeedUse.Geometry);
        var left = Scenery.Draw(options.BlockWidth, ref random) / 2;
        var right = Scenery.Draw(options.BlockWidth, ref random) / 2;
        var speed = Scenery.Draw(options.Speed, ref random);
        var (red, isMirrored) = (random.NextInt(0, 2), random.NextInt(0, 2) != 0);
        var density = Scenery.SetPhysics(draft);
        var world = draft.Episode.World;
        var gap = CollisionScenes.WithinReach(random.NextFloat(1f, MaxGap), MaxGap, speed, world);
        var pair = new CollisionScenes.Pair((-gap / 2) - left, speed, left, (gap / 2) + right, 0f, right);
        var away = CollisionScenes.WithSpeed(pair, red, goesRight: true, ClearSpeed, world);
        var back = CollisionScenes.WithSpeed(pair, red, goesRight: false, ClearSpeed, world);
        if (away is null || back is null)
        {
            return draft.Reject("no speed of the other block changes the outcome");
        }

        var (own, other) = isRight != isMirrored ? (away.Value, back.Value) : (back.Value, away.Value);
        CollisionScenes.Add(draft, own, density, isMirrored, red);
        var sign = isMirrored ? -1f : 1f;
        draft.Episode.State = new()
        {
            IsYes = isRight, Expert = Answer.OfYes(isRight), Subject = red, Margin = float.NaN,
            Target = new(sign * CollisionScenes.PlaceOf(own, red, world), 0f, 0f),
        };
        draft.Memory = sign * CollisionScenes.PlaceOf(other, red, world);
        var settle = Settling.ToRestAfterSlide(world, CollisionOptions.UsualFriction);
        draft.Counterfactuals.Settle(world, settle);
        Scenery.At(draft.Counterfactuals.Settle(world, settle).World, 1).LinearVelocity =
            new(sign * other.RightSpeed, 0f, 0f);

        return BuildStep.Simulate;
    }
}
