namespace PhysIntuition.Environments.Tasks;

/// <summary>Will any block fall when this one is pushed?</summary>
/// <remarks>
/// <para>Sees: a tower that stands, and an arrow on one block; its length is the speed that the push would give to a
/// free block, 0.4 of a block's width for each m/s.</para>
/// <para>Acts: yes or no; as a number 1 or 0.</para>
/// <para>Scores: 1 if right, 0 if wrong, -1 if the answer cannot be read; <c>reward=signed</c> pays -1 for
/// wrong.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: class, number of blocks, pushed block, direction and speed are drawn first, so none of them tells
/// the class; towers are simulated until one stands unpushed and has the class pushed, also when the pushed block
/// and what it carries begin 1 mm nearer to the other outcome.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class PushOutcome : ITask
{
    private const float Nudge = 0.001f;       // m
    private const float MostMargin = 0.48f;   // 0.5 is a straight tower
    private const float LeastShift = 0.06f, MostShift = 0.16f;   // of a width, between the members of a pair

    public TaskSpec Spec { get; } = new()
    {
        Name = "PushOutcome",
        Version = 1,
        Summary = "Will any block fall when the marked one is pushed?",
        Answer = AnswerAxis.YesNo,
        Reward = new(-1, 1),
        Anchors = new(0.5, 1),
        OptionsType = typeof(PushOutcomeOptions),
        HasPairs = true,
        Heuristic = "sliding distance against the margin",
    };

    public string Question(Episode episode) =>
        "The picture shows a tower of blocks that are stacked and not glued. The arrow is a sudden push on one "
        + "block. A free block would leave with a speed of 1 m/s for each 0.4 of its width that the arrow is "
        + "long. Will any block fall?";

    public BuildStep Arrange(SceneBuilder draft)
    {
        var options = draft.OptionsAs<PushOutcomeOptions>();
        var plan = draft.Fixed(SeedUse.Plan);
        var isFalling = (plan.NextBits() & 1) != 0;
        var count = plan.NextInt(options.Blocks.Min, options.Blocks.Max + 1);
        var pushed = Math.Max(1, count - 1 - plan.NextInt(0, 2));   // the top block or the one below it
        var slide = Scenery.Draw(options.Slide, ref plan);
        var direction = plan.NextInt(0, 2) == 0 ? -1 : 1;

        var geometry = draft.Fresh(SeedUse.Geometry);
        var column = Towers.Rent(count);
        Towers.DrawBlocks(column, options, ref geometry);
        // else the weakest contact of a tall tower is hardly ever the pushed one
        column.CalmBelow(pushed, 2.0 / count);
        var (margin, shift) = DrawMargin(options, isFalling, slide / (count - pushed), ref geometry);
        if (!column.TryScaleTo(margin, isExact: false))
        {
            return draft.Reject("neighbours hardly touch");
        }

        column.Margin(out var weakest, out var weakSide);
        if (weakest != pushed - 1)
        {
            return draft.Reject("the weakest contact is not the pushed one");
        }

        if (weakSide != direction)
        {
            column.Mirror();
        }

        var world = draft.Episode.World;
        Towers.Add(column, draft.Episode, Scenery.SetPhysics(draft));
        var speed = direction * SpeedFor(world, pushed, slide * (float)column.Widths[pushed]);
        if (options.Pairs)
        {
            isFalling = Robustness.IsYesOf(isFalling, draft.Episode.Seed);
            if (!AskForPair(draft, column, pushed, speed, shift * direction * (float)column.Widths[pushed], isFalling))
            {
                return draft.Reject("neighbours hardly touch");
            }
        }

        Show(draft, options, count, pushed, speed);
        draft.Episode.State = new()
        {
            IsYes = isFalling, Expert = Answer.OfYes(isFalling), Subject = pushed, Scale = (float)column.Widths[pushed],
            Margin = (float)column.Margin(out _, out _),
        };
        if (options.Pairs)
        {
            return BuildStep.Simulate;
        }

        draft.Judged.CopyFrom(draft.Episode.World);
        Push(draft.Judged, pushed, speed);
        draft.Counterfactuals.Settle(
            draft.Judged, Settling.ToFirstFall(draft.Judged, Towers.LowestHeight(draft.Judged)));

        return BuildStep.Simulate;
    }

    public BuildStep Review(SceneBuilder draft) => draft.OptionsAs<PushOutcomeOptions>().Pairs
        ? Robustness.ReviewPair(draft, draft.Counterfactuals.Count)
        : Robustness.Review(draft, nudges: 1, NudgeTowardsOther);

    public Answer Guess(Episode episode)
    {
        var (world, arrow) = (episode.World, episode.Overlays[0]);
        var speed = (arrow.To.X - arrow.From.X) / (episode.State.Scale * Arrows.WidthsPerSpeed);
        var moved = new World();
        moved.CopyFrom(world);
        var distance = MathF.CopySign(speed * speed / (2 * SlowingOf(world, episode.State.Subject)), speed);
        OffsetRule.MoveTo(moved, episode.State.Subject,
            world.Bodies[episode.State.Subject].Position + new Vector3(distance, 0f, 0f));

        return Answer.OfYes(Laws.TowerMargin(moved, moved.Bodies.Count) < 0);
    }

    public Answer? Read(Picture picture, Episode hint) =>
        SeenScene.Pushed(picture, hint, ((PushOutcomeOptions)hint.Options).BlockWidth) is { } seen
            ? Guess(seen)
            : null;

    public Verdict Judge(StepContext turn) => YesNo.Judge(turn, ((PushOutcomeOptions)turn.Episode.Options).Reward,
        yes: "a block falls", no: "all blocks stay up");

    public void Consequence(StepContext turn)
    {
        var (episode, arrow) = (turn.Episode, turn.Episode.Overlays[0]);
        var speed = (arrow.To.X - arrow.From.X) / (episode.State.Scale * Arrows.WidthsPerSpeed);
        Push(turn.Counterfactuals.Settle(episode.World, Settling.ToRest(episode.World)).World, episode.State.Subject,
            speed);
    }

    // Of the pushed contact; of a pair that of the standing member, and by how much less the falling one has.
    private static (float Margin, float Shift) DrawMargin(
        PushOutcomeOptions options, bool isFalling, float moved, ref RandomStream random)
    {
        var least = (float)Towers.LeastMargin;
        var critical = Math.Max(1.5f * least, moved);   // what the common centre of mass moves
        if (!options.Pairs)
        {
            return (isFalling ? random.NextFloat(least, critical) : random.NextFloat(critical, MostMargin), 0f);
        }

        var shift = random.NextFloat(LeastShift, MostShift);
        var margin = critical + (random.NextFloat(-1f, 1f) * MostShift) + (shift / 2);

        return (Math.Clamp(margin, least + shift, MostMargin), shift);
    }

    // Further along the push is nearer to a fall.
    private static void NudgeTowardsOther(SceneBuilder draft, World world) =>
        NudgeTowardsOther(world, draft.Episode.State.Subject, draft.Episode.State.IsYes);

    private static void NudgeTowardsOther(World world, int pushed, bool isFalling)
    {
        var way = MathF.CopySign(Nudge, world.Pushes[0].Vector.X);
        Towers.Shift(world, pushed - 1, world.Bodies.Count, isFalling ? -way : way);
    }

    // The falling member stands further along the push; the episode and the column become the one that is shown.
    // Whether neighbours of both look stacked is asked for both, so that both are accepted or neither.
    private static bool AskForPair(
        SceneBuilder draft, Column column, int pushed, float speed, float distance, bool isFalling)
    {
        var (world, standing, falling) = (draft.Episode.World, draft.Judged, new World());
        standing.CopyFrom(world);
        falling.CopyFrom(world);
        Towers.Shift(falling, pushed - 1, column.Count, distance);
        if (isFalling)
        {
            world.CopyFrom(falling);
        }

        Push(standing, pushed, speed);
        Push(falling, pushed, speed);
        Robustness.AskForPair(
            draft, standing, falling, Settling.ToFirstFall(world, Towers.LowestHeight(world)), nudges: 1,
            (nudged, isOfFalling) => NudgeTowardsOther(nudged, pushed, isOfFalling));
        column.Shift(pushed - 1, distance);
        var areStacked = column.AreStacked();
        if (!isFalling)
        {
            column.Shift(pushed - 1, -distance);
        }

        return areStacked;
    }

    // v² = 2 a d, with friction below by all that stands on the block and itself, and above by what stands on it.
    private static float SpeedFor(World world, int pushed, float distance) =>
        MathF.Sqrt(2f * SlowingOf(world, pushed) * distance);

    private static float SlowingOf(World world, int pushed)
    {
        var above = 0f;
        for (var k = pushed + 1; k < world.Bodies.Count; k++)
        {
            above += world.Bodies[k].Mass;
        }

        return world.GroundFriction * world.Gravity * (1f + (2f * above / world.Bodies[pushed].Mass));
    }

    private static void Show(SceneBuilder draft, PushOutcomeOptions options, int count, int pushed, float speed)
    {
        Scenery.Paint(draft);
        var body = draft.Episode.World.Bodies[pushed];
        draft.Episode.Overlays.Add(Arrows.Of(body, new(speed, 0f, 0f)));
        double width = options.BlockWidth.Max, height = count * width * options.BlockHeight.Max;
        var reach = (0.9 + (0.15 * count) + Arrows.WidthsPerSpeed * 2) * width;
        Scenery.SetView(draft, reach, height, depth: width / 2);
    }

    private static void Push(World world, int index, float speed)
    {
        var impulse = new Vector3(speed * world.Bodies[index].Mass, 0f, 0f);
        world.Pushes.Add(new ExternalForce(index, impulse, Vector3.Zero, world.Time, Duration: 0f));
    }
}
