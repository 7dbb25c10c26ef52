namespace PhysIntuition.Environments.Tasks;

/// <summary>Where must the red weight stand so that the beam balances?</summary>
/// <remarks>
/// <para>Sees: a beam on a fulcrum with weights on it, held level, and a red weight on the ground in front of
/// it.</para>
/// <para>Acts: x, whole hundredths of a metre: how far to the right of the fulcrum the red weight's centre
/// stands.</para>
/// <para>Scores: 1 at the spot, falling linearly to 0 at a distance of 1 m; -1 if the answer cannot be read.
/// <c>reward=physical</c> puts the weight there, lets the beam go, and pays only if it stays level.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: all weights are cubes of one material. The right place is a whole number of hundredths, on the
/// beam, clear of the other weights; balance in that place is simulated.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Balance : ITask
{
    private const float BeamHalf = 2f;             // m, half length of the beam
    private const float BeamThickness = 0.12f;     // m
    private const float FulcrumHalf = 0.15f;       // m, half width: within it a centre of mass is in balance
    private const float FulcrumHeight = 0.6f;      // m
    private const int Fulcrum = 0;
    private const int Beam = 1;
    private const double Scale = 1;                // m; where the reward reaches 0

    public TaskSpec Spec { get; } = new()
    {
        Name = "Balance",
        Version = 1,
        Summary = "Where must the red weight stand so that the beam balances?",
        // Off the middle at the start, so that one sees what to drag.
        Answer = [new("x", -200, 200, "cm") { Start = 100 }],
        Reward = new(-1, 1),
        Anchors = new(0.2, 1),
        OptionsType = typeof(BalanceOptions),
        Heuristic = "sum of moments",
    };

    public string Question(Episode episode) => string.Create(CultureInfo.InvariantCulture,
        $"A beam of 4 m rests on a fulcrum at its middle and is held level. All weights on it are cubes of one "
        + $"material, and so is the red one on the ground, which is {episode.State.Scale * 100:0} hundredths of a "
        + $"metre wide. How many hundredths of a metre to the right (x) of the fulcrum must the red weight's "
        + $"centre be put so that the beam stays level when it is let go? Left is negative.");

    public BuildStep Arrange(SceneBuilder draft)
    {
        var options = draft.OptionsAs<BalanceOptions>();
        var count = draft.Fixed(SeedUse.Plan).NextInt(options.Weights.Min, options.Weights.Max + 1);
        var random = draft.Fresh(SeedUse.Geometry);
        var density = Scenery.SetPhysics(draft);
        var world = draft.Episode.World;
        AddBeam(world, density);

        var place = (random.NextInt(0, 2) == 0 ? -1 : 1) * random.NextInt(40, 176) / 100.0;
        var redHalf = Scenery.Draw(options.BlockWidth, ref random) / 2;
        var moment = place * redHalf * redHalf * redHalf;
        for (var i = 0; i < count; i++)
        {
            var half = Scenery.Draw(options.BlockWidth, ref random) / 2;
            var cube = (double)half * half * half;
            var x = i < count - 1 ? random.NextFloat(-1.7f, 1.7f) : -moment / cube;
            moment += x * cube;
            world.Bodies.Add(Scenery.Cuboid(world, OnBeam(x, half), new(half), density));
        }

        world.Bodies.Add(Scenery.Cuboid(world, OnBeam(place, redHalf), new(redHalf), density));
        if (!AreClear(world))
        {
            return draft.Reject("weights overlap or leave the beam");
        }

        Finish(draft, place, redHalf);

        return BuildStep.Simulate;
    }

    public BuildStep Review(SceneBuilder draft)
    {
        if (!IsLevel(draft.Counterfactuals[0]))
        {
            return draft.Reject("the beam tips although the moments balance");
        }

        draft.Episode.OutcomeHash = SceneHash.OfOutcome(draft.Counterfactuals[0]);

        return BuildStep.Accepted;
    }

    public void Act(StepContext turn)
    {
        if (((BalanceOptions)turn.Episode.Options).Reward == PlacementReward.Physical)
        {
            Consequence(turn);
        }
    }

    public Answer Guess(Episode episode)
    {
        var (moment, bodies) = (0.0, episode.World.Bodies);
        for (var i = Beam + 1; i < bodies.Count; i++)
        {
            moment += i == episode.State.Subject ? 0 : (double)bodies[i].Mass * bodies[i].Position.X;
        }

        return Laws.Rounded(-moment / bodies[episode.State.Subject].Mass, Spec.Answer[0]);
    }

    public Answer? Read(Picture picture, Episode hint) =>
        SeenScene.Beam(picture, hint, BeamHalf * 2, hint.State.Scale) is { } seen ? Guess(seen) : null;

    public Verdict Judge(StepContext turn)
    {
        var verdict = DistanceRule.Judge(turn, turn.Episode.State.Target.X, Scale);

        return turn.Counterfactuals.Count == 0 || IsLevel(turn.Counterfactuals[0])
            ? verdict
            : verdict with { Reward = 0, Reason = "The beam tips." };
    }

    public Vector3 Origin(Episode episode) => episode.State.Target with { X = 0f };

    public void Consequence(StepContext turn)
    {
        if (turn.Answer.IsLegal)
        {
            var facts = turn.Episode.State;
            var trial = turn.Counterfactuals.Settle(
                turn.Episode.World, Settling.ToRestOf(turn.Episode.World, facts.Scale));
            OffsetRule.MoveTo(trial.World, facts.Subject, OnBeam(turn.Answer[0] / 100, facts.Scale / 2));
        }
    }

    private static void AddBeam(World world, float density)
    {
        var fulcrum = Scenery.Cuboid(world, new(0f, FulcrumHeight / 2, 0f), new(FulcrumHalf, FulcrumHeight / 2, 0.3f),
            density);
        fulcrum.Motion = Motion.Fixed;
        world.Bodies.Add(fulcrum);
        var half = new Vector3(BeamHalf, BeamThickness / 2, 0.3f);
        world.Bodies.Add(Scenery.Cuboid(world, new(0f, FulcrumHeight + half.Y, 0f), half, density));
    }

    private static Vector3 OnBeam(double x, float half) => new((float)x, FulcrumHeight + BeamThickness + half, 0f);

    private static bool AreClear(World world)
    {
        for (var i = Beam + 1; i < world.Bodies.Count; i++)
        {
            var (place, half) = (world.Bodies[i].Position.X, world.Bodies[i].HalfExtents.X);
            if (MathF.Abs(place) + half > BeamHalf)
            {
                return false;
            }

            for (var k = i + 1; k < world.Bodies.Count; k++)
            {
                if (MathF.Abs(world.Bodies[k].Position.X - place) < half + world.Bodies[k].HalfExtents.X + 0.02f)
                {
                    return false;
                }
            }
        }

        return true;
    }

    // The balanced world is what is simulated; the one that is shown has the red weight on the ground.
    private static void Finish(SceneBuilder draft, double place, float redHalf)
    {
        var (episode, world) = (draft.Episode, draft.Episode.World);
        var red = world.Bodies.Count - 1;
        var target = world.Bodies[red].Position;
        draft.Counterfactuals.Settle(world, Settling.ToRestOf(world, 2 * redHalf));
        OffsetRule.MoveTo(world, red, new(0f, redHalf, 0.9f));
        Scenery.Paint(draft, red);
        Scenery.SetView(draft, halfWidth: BeamHalf, height: 1.6, depth: 1);
        episode.State = new()
        {
            Subject = red, Target = target, Start = world.Bodies[red].Position, Scale = 2 * redHalf, Margin = float.NaN,
            Expert = new Answer(Math.Round(place * 100)),
        };
    }

    // Level: neither end of the beam has come down by more than a tenth of the fulcrum's height.
    private static bool IsLevel(Counterfactual trial)
    {
        var beam = trial.World.Bodies[Beam];
        var slope = 2f * ((beam.Orientation.X * beam.Orientation.Y) + (beam.Orientation.W * beam.Orientation.Z));

        return MathF.Abs(slope) * BeamHalf < 0.1f * FulcrumHeight && trial.Outcome.Ending != Simulation.Ending.TimedOut;
    }
}
