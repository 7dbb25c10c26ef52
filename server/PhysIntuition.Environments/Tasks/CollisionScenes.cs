namespace PhysIntuition.Environments.Tasks;

/// <summary>Two blocks that slide towards each other along x.</summary>
internal static class CollisionScenes
{
    /// <summary>m of arrow for each m/s.</summary>
    public const float LengthPerSpeed = 0.2f;

    private const float Height = 0.5f;    // m, of both, so that they meet at the height of their centres
    private const double Step = 0.001;    // s; of the integration that finds where they meet

    /// <summary>What the blocks do when they meet, for questions: they ...</summary>
    public static string Rebound(World world) => world.GroundRestitution switch
    {
        0f => "do not rebound",
        0.5f => "rebound with about half of the speed at which they meet",
        var share => string.Create(CultureInfo.InvariantCulture,
            $"rebound with about {share:0.##} of the speed at which they meet"),
    };

    /// <summary>Two blocks in a line: body 0 comes from the left before mirroring.</summary>
    /// <param name="LeftX">Centre, m.</param>
    /// <param name="LeftSpeed">m/s, above 0.</param>
    /// <param name="LeftHalf">Half width, m.</param>
    /// <param name="RightX">Centre, m.</param>
    /// <param name="RightSpeed">m/s; 0 or below.</param>
    /// <param name="RightHalf">Half width, m.</param>
    public readonly record struct Pair(
        float LeftX, float LeftSpeed, float LeftHalf, float RightX, float RightSpeed, float RightHalf);

    /// <summary>What happens when they meet, by momentum and restitution.</summary>
    /// <param name="DoMeet">Whether friction lets them.</param>
    /// <param name="LeftX">Where the left one's centre is then, m.</param>
    /// <param name="RightX">Where the right one's centre is then, m.</param>
    /// <param name="LeftSpeed">m/s just after.</param>
    /// <param name="RightSpeed">m/s just after.</param>
    /// <param name="Closing">Closing speed just before, m/s.</param>
    public readonly record struct Meeting(
        bool DoMeet, double LeftX, double RightX, double LeftSpeed, double RightSpeed, double Closing);

    /// <summary>A gap, or less of it where friction would stop the striking block before it is crossed.</summary>
    /// <param name="gap">m, at most <paramref name="maxGap"/>.</param>
    /// <param name="maxGap">The widest gap that is drawn, m.</param>
    /// <param name="speed">Of the striking block, m/s.</param>
    /// <param name="world">Whose friction and gravity slow it down.</param>
    public static float WithinReach(float gap, float maxGap, float speed, World world)
    {
        const double kept = 0.95;   // of the way that it could slide, so that it arrives with some speed

        return gap * (float)Math.Min(1, kept * Laws.SlideOf(speed, world) / maxGap);
    }

    /// <summary>Moves both on the line until they touch, then exchanges momentum.</summary>
    public static Meeting Meet(in Pair pair, float friction, float gravity, float restitution)
    {
        double a = pair.LeftX, b = pair.RightX, va = pair.LeftSpeed, vb = pair.RightSpeed;
        var slowing = friction * (double)gravity * Step;
        double reach = (double)pair.LeftHalf + pair.RightHalf;
        while (va > vb && b - a > reach)
        {
            va = Math.Max(0, va - slowing);
            vb = Math.Min(0, vb + slowing);
            a += va * Step;
            b += vb * Step;
        }

        double ma = pair.LeftHalf, mb = pair.RightHalf;   // equal heights and depths: mass goes with width
        var closing = va - vb;
        var impulse = (1 + restitution) * closing * ma * mb / (ma + mb);

        return new(va > vb, a, b, va - (impulse / ma), vb + (impulse / mb), closing);
    }

    /// <summary>The pair with the speed of the right block at which the red one just clearly goes a way.</summary>
    /// <remarks>The faster the right block comes, the less of the closing speed takes the red one to the
    /// right.</remarks>
    /// <param name="pair">Its right speed does not count.</param>
    /// <param name="red">0 the left one, 1 the right one.</param>
    /// <param name="goesRight">Which way, before mirroring.</param>
    /// <param name="clear">Least speed after they have met, over the closing speed.</param>
    /// <param name="world">Its friction, gravity and restitution.</param>
    /// <returns>Null: no speed from a fifth of the left block's to all of it does.</returns>
    public static Pair? WithSpeed(in Pair pair, int red, bool goesRight, double clear, World world)
    {
        const int steps = 40;
        Pair? found = null;
        for (var i = steps / 5; i <= steps; i++)
        {
            var some = pair with { RightSpeed = -pair.LeftSpeed * i / steps };
            var meeting = Meet(some, world.GroundFriction, world.Gravity, world.GroundRestitution);
            var share = (red == 0 ? meeting.LeftSpeed : meeting.RightSpeed) / meeting.Closing;
            var isClear = meeting.DoMeet && (goesRight ? share >= clear : share <= -clear);
            found = isClear && (goesRight || found is null) ? some : found;
        }

        return found;
    }

    /// <summary>Where a block is when they meet, m, before mirroring.</summary>
    public static float PlaceOf(in Pair pair, int index, World world)
    {
        var meeting = Meet(pair, world.GroundFriction, world.Gravity, world.GroundRestitution);

        return (float)(index == 0 ? meeting.LeftX : meeting.RightX);
    }

    /// <summary>A body's speed just after both have met, from the scene as it is seen, m/s.</summary>
    public static double SpeedAfter(World world, int index)
    {
        var (a, b) = (world.Bodies[0], world.Bodies[1]);
        var sign = a.Position.X < b.Position.X ? 1f : -1f;
        var meeting = Meet(
            new(sign * a.Position.X, sign * a.LinearVelocity.X, a.HalfExtents.X,
                sign * b.Position.X, sign * b.LinearVelocity.X, b.HalfExtents.X),
            world.GroundFriction, world.Gravity, world.GroundRestitution);

        return sign * (index == 0 ? meeting.LeftSpeed : meeting.RightSpeed);
    }

    /// <summary>Adds both bodies, mirrored or not, with looks, arrows and view.</summary>
    public static void Add(SceneBuilder draft, in Pair pair, float density, bool isMirrored, int red)
    {
        var (episode, sign) = (draft.Episode, isMirrored ? -1f : 1f);
        var left = BodyOf(episode.World, sign * pair.LeftX, pair.LeftHalf, sign * pair.LeftSpeed, density);
        var right = BodyOf(episode.World, sign * pair.RightX, pair.RightHalf, sign * pair.RightSpeed, density);
        episode.World.Bodies.Add(left);
        episode.World.Bodies.Add(right);
        Scenery.Paint(draft, red);
        foreach (var body in episode.World.Bodies)
        {
            if (body.LinearVelocity.X != 0)
            {
                episode.Overlays.Add(Arrows.Above(body, body.LinearVelocity, LengthPerSpeed));
            }
        }

        Scenery.SetView(draft, halfWidth: 2.4, height: 1.2, depth: 0.5);
    }

    private static Body BodyOf(World world, float x, float half, float speed, float density)
    {
        var body = Scenery.Cuboid(world, new(x, Height / 2, 0f), new(half, Height / 2, Height / 2), density);
        body.LinearVelocity = new Vector3(speed, 0f, 0f);

        return body;
    }
}
