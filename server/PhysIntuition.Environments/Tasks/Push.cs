namespace PhysIntuition.Environments.Tasks;

/// <summary>Which block must be pushed how, so that the red one stops in the ring and nothing falls?</summary>
/// <remarks>
/// <para>Sees: from above, a red block, a tower, each block with its number, and a ring on the ground.</para>
/// <para>Acts: (block, angle, impulse): the number on the block, the direction in degrees (0 to the right, 90 away
/// from the viewer), and how hard in N s.</para>
/// <para>Scores: 1 if the red block stops with its centre in the ring; outside, 1 - (distance from the ring over the
/// distance at the start), at least -1; minus 0.5 for each other block that fell, at least -1; -1 if the answer
/// cannot be read or names no block.</para>
/// <para>Ends: after one push.</para>
/// <para>Scenes: the straight way to the ring is free. The expert's impulse is found by simulating.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Push : ITask
{
    private const double Ring = 0.15;         // m, radius of the zone
    private const double FallCost = 0.5;      // for each other block that fell
    private const int SearchRounds = 5;       // corrections of the expert's impulse before the scene is given up
    private const float RegionX = 1.7f;       // m: everything stands within this half width,
    private const float RegionZ = 1.3f;       // m: and this half depth

    public TaskSpec Spec { get; } = new()
    {
        Name = "Push",
        Version = 1,
        Summary = "Push one block so that the red one stops in the ring and nothing falls.",
        Answer =
        [
            new("block", 1, 8, "1") { Input = AnswerInput.Arrow, Start = 1 }, new("angle", -180, 180, "degree"),
            new("impulse", 0, 2000, "N s", IsInteger: false),
        ],
        Reward = new(-1, 1),
        Anchors = new(-0.9, 1),
        OptionsType = typeof(PushOptions),
        Heuristic = "m sqrt(2 mu g d) towards the ring",
    };

    public string Question(Episode episode) => string.Create(CultureInfo.InvariantCulture,
        $"Seen from above the front: numbered blocks and a ring on the ground. Give one block a sudden push so "
        + $"that the red block stops in the ring and no other block falls. Say which block, in which direction "
        + $"(angle in degrees: 0 right, 90 away from you, 180 left, -90 towards you), and how hard (impulse in N "
        + $"s). Each block is {episode.State.Scale * 100:0} hundredths of a metre wide and weighs "
        + $"{episode.World.Bodies[0].Mass:0.#} kg; the friction coefficient is {episode.World.GroundFriction:0.##}.");

    public BuildStep Arrange(SceneBuilder draft)
    {
        var (episode, options) = (draft.Episode, draft.OptionsAs<PushOptions>());
        var count = draft.Fixed(SeedUse.Plan).NextInt(options.Blocks.Min, options.Blocks.Max + 1);
        var random = draft.Fresh(SeedUse.Geometry);
        var half = Scenery.Draw(options.BlockWidth, ref random) / 2;
        var start = new Vector3(random.NextFloat(-1.4f, 1.4f), half, random.NextFloat(-1f, 1f));
        var (angle, distance) = (random.NextInt(-179, 181), Scenery.Draw(options.Distance, ref random));
        var zone = start + (Direction(angle) * distance);
        var tower = new Vector3(random.NextFloat(-1.4f, 1.4f), half, random.NextFloat(-1f, 1f));
        if (MathF.Abs(zone.X) > RegionX || MathF.Abs(zone.Z) > RegionZ || IsInTheWay(tower, start, zone, half))
        {
            return draft.Reject("the ring is outside the picture or behind the tower");
        }

        var density = Scenery.SetPhysics(draft);
        AddBlocks(episode.World, start, tower, count, half, density);
        Show(draft, zone);
        episode.State = new()
        {
            Subject = 0, Start = start, Target = zone with { Y = 0 }, Scale = 2 * half, Margin = float.NaN, Choice =
                angle,
        };
        draft.Memory = ImpulseFor(episode.World, distance);
        Try(draft);

        return BuildStep.Simulate;
    }

    public BuildStep Review(SceneBuilder draft)
    {
        var (trial, facts) = (draft.Counterfactuals[0], draft.Episode.State);
        var impulse = Math.Round(draft.Memory * 10) / 10;
        if (trial.Outcome.Ending is not (Ending.Settled or Ending.Fell) || OthersFallen(trial) > 0)
        {
            return draft.Reject("the expert's push makes blocks fall");
        }

        if (DistanceToZone(trial.World, facts) < Ring / 2)
        {
            draft.Episode.OutcomeHash = SceneHash.OfOutcome(trial);
            draft.Episode.State = facts with { Expert = Answer.OfTriple(1, facts.Choice, impulse), Choice = 0 };

            return impulse <= Spec.Answer[2].Max ? BuildStep.Accepted : draft.Reject("the push is too hard to ask for");
        }

        if (draft.Round > SearchRounds)
        {
            return draft.Reject("no straight push reaches the ring");
        }

        // Way goes with the square of the impulse (friction's work), so the root of the ratio corrects it.
        var way = Math.Max(1e-3, Length(trial.World.Bodies[0].Position - facts.Start));
        draft.Memory *= Math.Sqrt(Length(facts.Target - facts.Start) / way);
        Try(draft);

        return BuildStep.Simulate;
    }

    public void Act(StepContext turn)
    {
        var world = turn.Episode.World;
        if (turn.Answer.IsLegal && turn.Answer[0] <= world.Bodies.Count)
        {
            var trial = turn.Counterfactuals.Settle(world, Settling.ToRestOf(world, turn.Episode.State.Scale));
            Apply(trial.World, (int)turn.Answer[0] - 1, turn.Answer[1], turn.Answer[2]);
        }
    }

    public Answer Guess(Episode episode)
    {
        var way = episode.State.Target - episode.State.Start;
        var angle = Angles.WholeDegreesOf(way.X, -way.Z);
        var impulse = Math.Min(Spec.Answer[2].Max, ImpulseFor(episode.World, Length(way)));

        return Answer.OfTriple(1, angle, Math.Round(impulse * 10) / 10);
    }

    public Verdict Judge(StepContext turn)
    {
        if (turn.Counterfactuals.Count == 0)
        {
            return new(-1, IsOver: true, turn.Answer.IsLegal ? "There is no block of that number." : "Unreadable.");
        }

        var (trial, facts) = (turn.Counterfactuals[0], turn.Episode.State);
        var distance = DistanceToZone(trial.World, facts);
        var atStart = Length(facts.Target - facts.Start) - Ring;
        var closeness = distance <= Ring ? 1 : 1 - ((distance - Ring) / atStart);
        var fallen = OthersFallen(trial);
        var reward = Math.Max(-1, closeness - (FallCost * fallen));

        return new(reward, IsOver: true, fallen > 0 ? "Other blocks fell." : distance <= Ring
            ? "The red block stopped in the ring." : "The red block stopped outside the ring.", distance);
    }

    public void Consequence(StepContext turn)
    {
    }

    /// <summary>The impulse that friction uses up over a distance: m sqrt(2 mu g d).</summary>
    internal static double ImpulseFor(World world, double distance) =>
        world.Bodies[0].Mass * Math.Sqrt(2.0 * world.GroundFriction * world.Gravity * distance);

    private static void Try(SceneBuilder draft)
    {
        draft.Counterfactuals.Clear();
        var facts = draft.Episode.State;
        var trial = draft.Counterfactuals.Settle(
            draft.Episode.World, Settling.ToRestOf(draft.Episode.World, facts.Scale));
        Apply(trial.World, 0, facts.Choice, Math.Round(draft.Memory * 10) / 10);
    }

    private static void Apply(World world, int index, double angle, double impulse) => world.Pushes.Add(
        new ExternalForce(index, Direction(angle) * (float)impulse, Vector3.Zero, world.Time, Duration: 0f));

    private static void AddBlocks(World world, Vector3 start, Vector3 tower, int count, float half, float density)
    {
        world.Bodies.Add(Scenery.Cuboid(world, start, new(half), density));
        for (var i = 0; i < count; i++)
        {
            var shift = new Vector3((i % 2 == 0 ? 0.2f : -0.2f) * half, 2 * half * i, 0f);
            world.Bodies.Add(Scenery.Cuboid(world, tower + shift, new(half), density));
        }
    }

    private static void Show(SceneBuilder draft, Vector3 zone)
    {
        var episode = draft.Episode;
        Scenery.Paint(draft, red: 0);
        episode.Overlays.Add(new(OverlayKind.Zone, zone with { Y = 0 }, default, (float)Ring, Paints.Mark));
        for (var i = 0; i < episode.World.Bodies.Count; i++)
        {
            episode.Overlays.Add(Labels.On(episode.World.Bodies[i], (i + 1).ToString(CultureInfo.InvariantCulture)));
        }

        Scenery.SetView(draft, halfWidth: RegionX + 0.3, height: 0.8, depth: RegionZ + 0.2);
    }

    // Whether the tower stands closer than a block's diagonal to the straight way, or to the ring's far side.
    private static bool IsInTheWay(Vector3 tower, Vector3 start, Vector3 zone, float half)
    {
        var (way, offset) = (zone - start, tower - start);
        var length = Length(way);
        var along = ((offset.X * way.X) + (offset.Z * way.Z)) / length;
        var nearest = start + (way * (float)(Math.Clamp(along, 0, length + half) / length));

        return Length(tower - nearest) < 4.2f * half;
    }

    private static int OthersFallen(Counterfactual trial) => BitOperations.PopCount(trial.Outcome.FallenBodies & ~1UL);

    private static double DistanceToZone(World world, in EpisodeState facts) =>
        Length(world.Bodies[0].Position - facts.Target);

    // On the ground: height does not count.
    private static double Length(Vector3 v) => Math.Sqrt(((double)v.X * v.X) + ((double)v.Z * v.Z));

    private static Vector3 Direction(double degrees)
    {
        var angle = Angles.FromDegrees(degrees);

        return new((float)Angles.Cos(angle), 0f, (float)-Angles.Sin(angle));
    }
}
