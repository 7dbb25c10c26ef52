namespace PhysIntuition.Environments.Tasks;

/// <summary>How moves of the red block are scored.</summary>
/// <remarks>
/// Formula of "Can vision language models learn intuitive physics from interaction?" (arXiv 2602.06033), its
/// authors' training script: s the block's width, (x0, y0) the vector from the target place to the red block with
/// y0 the height to climb, (mx, my) the move, x = x0 + mx, y = my, d = sqrt(x² + (y - y0)²).
/// </remarks>
internal static class OffsetRule
{
    private const double OnTop = 10, Beside = 5, Illegal = -5;
    private const float FreePlace = 1e-3f;   // m; a dropped block starts at least this far from what it would touch

    /// <summary>The paper's score of a move.</summary>
    /// <param name="moveX">m to the right.</param>
    /// <param name="moveY">m up.</param>
    /// <param name="facts">Target place and block width.</param>
    public static PlacementScore Of(double moveX, double moveY, in EpisodeState facts)
    {
        double x = facts.Start.X - (double)facts.Target.X + moveX, climb = (double)facts.Target.Y - facts.Start.Y;
        var d = Math.Sqrt((x * x) + ((moveY - climb) * (moveY - climb)));
        var isOver = x > -facts.Scale / 2 && x < facts.Scale / 2;

        return (isOver, moveY) switch
        {
            (_, < 0) => new(Illegal, d, Place.BelowGround),
            (true, _) when moveY > climb => new(OnTop - d, d, Place.OnTop),
            (true, _) => new(Illegal, d, Place.Inside),
            _ => new(Beside - d, d, Place.Beside),
        };
    }

    /// <summary>From the red block's centre to the place on the block that was highest when the scene was
    /// made.</summary>
    public static Answer Guess(Episode episode)
    {
        var (bodies, facts) = (episode.World.Bodies, episode.State);
        var top = bodies[0];
        for (var k = 1; k < bodies.Count; k++)
        {
            top = k != facts.Subject && bodies[k].Position.Y > top.Position.Y ? bodies[k] : top;
        }

        var height = top.Position.Y + top.HalfExtents.Y + bodies[facts.Subject].HalfExtents.Y;
        double x = top.Position.X - (double)facts.Start.X, y = height - (double)facts.Start.Y;

        return Answer.OfPair(Math.Round(x * 100), Math.Ceiling(y * 100));
    }

    /// <summary>The same as it is seen; the red block's width, which the prompt tells, gives the scale.</summary>
    public static Answer? Read(Picture picture, Episode hint)
    {
        const double spare = 0.8;   // of a block's width: a little too high costs less than inside the tower
        var width = hint.State.Scale;
        var boxes = BlockFinder.Find(picture, FaceForm.Cube);
        var red = boxes.FindIndex(static box => box.IsRed);
        if (red < 0 || boxes.Count < 2)
        {
            return Answer.OfPair(0, 0);
        }

        var top = boxes[red == 0 ? 1 : 0];
        foreach (var box in boxes)
        {
            top = !box.IsRed && box.CentreY < top.CentreY ? box : top;
        }

        var scale = width * 100 / boxes[red].Width;
        var x = (top.CentreX - boxes[red].CentreX) * scale;
        var y = ((boxes[red].CentreY - top.CentreY) * scale) + (width * 100 * ((top.Height / top.Width) + spare));

        return Answer.OfPair(Math.Clamp(Math.Round(x), -1000, 1000), Math.Clamp(Math.Round(y), -500, 2000));
    }

    /// <summary>Asks for a drop where the physical reward needs one.</summary>
    public static void Act(StepContext turn, PlacementReward reward)
    {
        if (reward == PlacementReward.Physical && turn.Answer.IsLegal && Geometric(turn).Place == Place.OnTop)
        {
            Drop(turn);
        }
    }

    /// <summary>The verdict on a move.</summary>
    public static Verdict Judge(StepContext turn, bool isOver)
    {
        if (!turn.Answer.IsLegal)
        {
            return new(Illegal, isOver, "Unreadable.");
        }

        var score = Geometric(turn);
        if (score.Place == Place.OnTop && turn.Counterfactuals.Count > 0 && !Stands(turn))
        {
            return new(Beside - score.Distance, isOver, "The taller tower does not stand.", score.Distance);
        }

        return new(score.Reward, isOver, Words(score.Place), score.Distance);
    }

    /// <summary>Shows the block dropped where it was sent, if it could be there.</summary>
    public static void Consequence(StepContext turn)
    {
        if (turn.Answer.IsLegal && Geometric(turn).Place is Place.OnTop or Place.Beside && IsFree(turn,
            Destination(turn)))
        {
            Drop(turn);
        }
    }

    /// <summary>Moves a body at rest.</summary>
    public static void MoveTo(World world, int index, Vector3 position) =>
        Scenery.At(world, index).Position = position;

    /// <summary>Where a move leads, m.</summary>
    public static Vector3 Destination(StepContext turn)
    {
        var start = turn.Episode.State.Start;

        return new((float)(start.X + (turn.Answer[0] / 100)), (float)(start.Y + (turn.Answer[1] / 100)), start.Z);
    }

    /// <summary>The paper's score of a turn's move.</summary>
    public static PlacementScore Geometric(StepContext turn) =>
        Of(turn.Answer[0] / 100, turn.Answer[1] / 100, turn.Episode.State);

    private static void Drop(StepContext turn)
    {
        var world = turn.Episode.World;
        var trial = turn.Counterfactuals.Settle(world, Settling.ToRestOf(world, Towers.LowestHeight(world)));
        MoveTo(trial.World, turn.Episode.State.Subject, Destination(turn));
    }

    /// <summary>Whether the others have not fallen, and the red block rests higher than the tower was before.</summary>
    public static bool Stands(StepContext turn)
    {
        var (trial, facts) = (turn.Counterfactuals[0], turn.Episode.State);
        var others = trial.Outcome.FallenBodies & ~(1UL << facts.Subject);
        var red = trial.World.Bodies[facts.Subject];
        var isAtRest = trial.Outcome.Ending is Simulation.Ending.Settled or Simulation.Ending.Fell;

        return others == 0 && isAtRest && red.Position.Y > facts.Target.Y - red.HalfExtents.Y;
    }

    /// <summary>Whether the red block would overlap nothing at a place.</summary>
    public static bool IsFree(StepContext turn, Vector3 place)
    {
        var (world, red) = (turn.Episode.World, turn.Episode.State.Subject);
        var own = world.Bodies[red].HalfExtents;
        for (var k = 0; k < world.Bodies.Count; k++)
        {
            var (other, half) = (world.Bodies[k].Position, world.Bodies[k].HalfExtents + own);
            if (k != red && MathF.Abs(other.X - place.X) < half.X - FreePlace
                && MathF.Abs(other.Y - place.Y) < half.Y - FreePlace)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The authors' classes, and where an illegal move leads.</summary>
    public static string Words(Place place) => place switch
    {
        Place.OnTop => "Legal and taller.",
        Place.Beside => "Legal and not taller.",
        Place.Inside => "Inside the tower.",
        _ => "Below the ground.",
    };
}

/// <summary>Where a move puts the red block.</summary>
internal enum Place
{
    /// <summary>Within half a width of the target, and above it.</summary>
    OnTop,

    /// <summary>Not over the tower.</summary>
    Beside,

    /// <summary>Over the tower's middle but not above its top.</summary>
    Inside,

    /// <summary>Under y = 0.</summary>
    BelowGround,
}

/// <summary>A move's score.</summary>
/// <param name="Reward">By the paper's rule.</param>
/// <param name="Distance">d, m.</param>
/// <param name="Place">Where the block is.</param>
internal readonly record struct PlacementScore(double Reward, double Distance, Place Place);
