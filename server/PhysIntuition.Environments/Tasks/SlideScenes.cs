namespace PhysIntuition.Environments.Tasks;

/// <summary>A red block that slides along the ground towards a tower, in four ways that differ in one thing.</summary>
internal static class SlideScenes
{
    /// <summary>Scenes that differ in one thing.</summary>
    public const int Ways = 4;

    /// <summary>Index of the block that slides.</summary>
    public const int Red = 0;

    /// <summary>Index of the tower's lowest block.</summary>
    public const int Struck = 1;

    private const float Flat = 0.6f;          // the red block's height over its width: it slides and does not tip
    private const float Start = -1.55f;       // m: where the red block's centre usually is, before mirroring
    private const float HeavyFactor = 2.5f;   // the red block's usual mass over the tower's volume: towers must move
    private const float MostWay = 2.6f;       // m: the red block slides so far at most if nothing stops it

    /// <summary>m: everything ends within this half width.</summary>
    public const float RegionX = 2.1f;

    /// <summary>m: and within this half depth.</summary>
    public const float RegionZ = 0.7f;

    /// <summary>What prompts say of the blocks and of the ground.</summary>
    public static string Facts(Episode episode)
    {
        var world = episode.World;
        return string.Create(CultureInfo.InvariantCulture,
            $"The red block is {episode.State.Scale * 100:0} hundredths of a metre wide and weighs "
            + $"{world.Bodies[Red].Mass:0.0} kg, the others weigh {world.Bodies[Struck].Mass:0.0} kg each; the "
            + $"friction coefficient is {world.GroundFriction:0.00}.");
    }

    /// <summary>Asks for the end of a scene whose red block slides.</summary>
    public static void Settle(Counterfactuals trials, World world) =>
        trials.Settle(world, Settling.ToRestAfterSlide(world, StruckTowerOptions.UsualFriction));

    /// <summary>Where the red block and the struck one stop, by friction's work and by momentum; the tower is taken as
    /// one body.</summary>
    public static (double Red, double Struck) Predict(World world)
    {
        var (red, struck) = (world.Bodies[Red], world.Bodies[Struck]);
        double x = red.Position.X, at = struck.Position.X, speed = red.LinearVelocity.X;
        var gap = Math.Abs(at - x) - red.HalfExtents.X - struck.HalfExtents.X;
        var (way, side) = (Math.Abs(Laws.SlideOf((float)speed, world)), Math.Sign(speed));
        if (way <= gap)
        {
            return (x + (side * way), at);
        }

        var slowing = 2.0 * world.GroundFriction * world.Gravity;
        double own = red.Mass, other = 0, rebound = world.GroundRestitution;
        for (var i = Struck; i < world.Bodies.Count; i++)
        {
            other += world.Bodies[i].Mass;
        }

        var impact = Math.Sqrt((speed * speed) - (slowing * gap));
        var after = impact * (own - (rebound * other)) / (own + other);
        var given = impact * own * (1 + rebound) / (own + other);

        return (x + (side * (gap + (after * Math.Abs(after) / slowing))), at + (side * given * given / slowing));
    }

    /// <summary>m of arrow for each m/s, by the options alone: the longest arrow fits into the picture.</summary>
    /// <param name="options">Of the scene.</param>
    /// <param name="longest">m.</param>
    public static float LengthPerSpeed(TaskOptions options, float longest = 1.5f) =>
        longest / MathF.Sqrt(2f * options.Physics.Friction.Max * options.Physics.Gravity.Max * MostWay);

    /// <summary>Where the red block and the struck one are.</summary>
    public static (double Red, double Struck) PlacesIn(World world) =>
        (world.Bodies[Red].Position.X, world.Bodies[Struck].Position.X);

    /// <summary>How far apart two ends are, m.</summary>
    public static double Apart((double Red, double Struck) one, (double Red, double Struck) other) =>
        Math.Abs(one.Red - other.Red) + Math.Abs(one.Struck - other.Struck);

    /// <summary>A scene at rest as a push on its red block leaves it, which gives it a speed, m/s.</summary>
    public static World Pushed(World before, float speed)
    {
        var world = Panels.Still(before);
        world.Bodies[Red] = world.Bodies[Red] with { LinearVelocity = new(speed, 0f, 0f) };

        return world;
    }

    /// <summary>What an episode remembers of its question.</summary>
    /// <param name="episode">Before anything moves.</param>
    /// <param name="expert">The right answer.</param>
    public static EpisodeState StateOf(Episode episode, in Answer expert) => new()
    {
        Expert = expert, Subject = Red, Margin = float.NaN, Start = episode.World.Bodies[Red].Position,
        Scale = 2 * episode.World.Bodies[Red].HalfExtents.X,
    };

    /// <summary>The view of scenes without marks high above, which options alone decide.</summary>
    public static void SetView(SceneBuilder draft)
    {
        var options = draft.OptionsAs<StruckTowerOptions>();
        Scenery.SetView(
            draft, RegionX, Math.Max(1.1, options.Blocks.Max * options.BlockWidth.Max), RegionZ, panel: Panels.Wide);
    }

    /// <summary>Whether by rule of thumb no two ways end alike: saves the simulation of those that do.</summary>
    /// <remarks>It treats all ways alike, as <see cref="FourEnds"/> does.</remarks>
    public static bool AreLikelyToDiffer(World[] ways)
    {
        var ends = Array.ConvertAll(ways, Predict);
        var least = 0.35 * 2 * ways[0].Bodies[Red].HalfExtents.X;
        for (var i = 0; i < Ways; i++)
        {
            for (var k = 0; k < i; k++)
            {
                if (Apart(ends[i], ends[k]) < least)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>The four scenes, in the order of their panels; the episode's own is one of them.</summary>
    /// <param name="draft">Whose options are <see cref="StruckTowerOptions"/>.</param>
    /// <param name="differs">In what they differ.</param>
    /// <param name="right">Which is the episode's own.</param>
    public static World[] Lay(SceneBuilder draft, Difference differs, int right)
    {
        var (options, plan) = (draft.OptionsAs<StruckTowerOptions>(), draft.Fixed(SeedUse.Plan));
        _ = plan.NextInt(0, Ways);
        var kind = differs != Difference.Any ? differs : (Difference)plan.NextInt(1, 5);
        var count = plan.NextInt(options.Blocks.Min, options.Blocks.Max + 1);
        var side = plan.NextInt(0, 2) == 0 ? -1f : 1f;
        Span<int> order = [0, 1, 2, 3];
        draft.Fixed(SeedUse.Pictures).Shuffle(order);

        var density = Scenery.SetPhysics(draft);
        var random = draft.Fresh(SeedUse.Geometry);
        var form = (Half: Scenery.Draw(options.BlockWidth, ref random) / 2, Side: side, Count: count);
        var usual = DrawUsual(kind, form, draft.Episode.World, ref random);
        var ways = new World[Ways];
        draft.Episode.World.Bodies.Clear();
        for (var i = 0; i < Ways; i++)
        {
            var world = ways[order[i]] = Panels.Still(draft.Episode.World);
            AddBlocks(world, Change(usual, kind, form, i, ref random), form, density);
        }

        draft.Episode.World.CopyFrom(ways[right]);

        return ways;
    }

    private static readonly float[] s_masses = [0.3f, 1.5f, 4f, 14f];   // over the tower's mass

    // What is drawn for a scene: places along x before mirroring, m; how far the red block would slide, m.
    private readonly record struct Way(float Start, float Slide, float FrictionFactor, float MassFactor, float Tower);

    private static Way DrawUsual(
        Difference kind, (float Half, float Side, int Count) form, World world, ref RandomStream random)
    {
        // Masses tell most after a hard impact, places need room for all of them before the tower, and friction
        // may not become so great that the red block tips, nor so small that towers leave the picture.
        var (friction, rebound) = (world.GroundFriction, 1f + world.GroundRestitution);
        var least = MathF.Min(MostWay, 0.13f / friction);
        var (slide, gap) = kind switch
        {
            Difference.Mass => (random.NextFloat(2f, MostWay) / (rebound * rebound), random.NextFloat(0.2f, 0.4f)),
            Difference.Place => (random.NextFloat(1.2f, 1.7f), random.NextFloat(1.6f, 2f)),
            _ => (MathF.Max(MathF.Min(1f, 0.48f / friction), least), random.NextFloat(0.6f, 1f)),
        };

        return new(Start, slide, FrictionFactor: 1f, HeavyFactor * form.Count, Start + gap + (2 * form.Half));
    }

    // One of four values well apart, so that few candidates end alike.
    private static Way Change(
        in Way usual, Difference kind, (float Half, float Side, int Count) form, int index, ref RandomStream random)
    {
        var share = (index + random.NextFloat(0.25f, 0.75f)) / Ways;
        var way = WayTo(0.3f + (share * 1.6f), usual, form);
        return kind switch
        {
            Difference.Push => usual with { Slide = way },
            Difference.Friction => usual with { FrictionFactor = usual.Slide / way },
            Difference.Mass => usual with { MassFactor = form.Count * s_masses[index] * random.NextFloat(0.8f, 1.25f) },
            _ => usual with { Start = usual.Start - 0.4f + (1.4f * share) },
        };
    }

    // How far the red block must be able to slide to come so far: it loses speed to the tower.
    private static float WayTo(float end, in Way usual, (float Half, float Side, int Count) form)
    {
        var (own, gap) = (Flat * usual.MassFactor, usual.Tower - usual.Start - (2 * form.Half));
        var kept = own / (own + form.Count);

        return Math.Min(MostWay, end <= gap ? end : gap + ((end - gap) / (kept * kept)));
    }

    private static void AddBlocks(World world, in Way way, (float Half, float Side, int Count) form, float density)
    {
        var (half, side, count) = form;
        var speed = MathF.Sqrt(2f * world.GroundFriction * world.Gravity * way.Slide);
        world.GroundFriction *= way.FrictionFactor;
        var red = Scenery.Cuboid(
            world, new(side * way.Start, half * Flat, 0f), new(half, half * Flat, half), density);
        red.Mass *= way.MassFactor;
        red.LinearVelocity = new(side * speed, 0f, 0f);
        world.Bodies.Add(red);
        for (var i = 0; i < count; i++)
        {
            var centre = new Vector3(side * way.Tower, half * ((2 * i) + 1), 0f);
            world.Bodies.Add(Scenery.Cuboid(world, centre, new(half), density));
        }
    }
}
