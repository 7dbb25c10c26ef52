namespace PhysIntuition.Environments.Tasks;

/// <summary>Build the structure in the picture, one block at a time.</summary>
/// <remarks>
/// <para>Sees: above on the left the structure to build, on the right what stands so far, both over a scale in
/// hundredths of a metre; below the loose blocks with their numbers.</para>
/// <para>Acts: (block, x, y, turn): a loose block's number, where its middle shall be on the scale, how high its
/// underside, and 1 for a quarter turn, 0 as it lies. It is put there and let go; if it would reach into others by
/// up to 3 cm, above them. Block 0 ends the episode.</para>
/// <para>Scores: what stands so far is worth the share of the target's silhouette that is covered, less the area of
/// what lies beside it over the target's, at least 0; 1 cm is forgiven. A step pays what the worth grows by, so the
/// rewards of an episode add up to the worth at its end. -1 if the answer cannot be read or names no loose block; 0
/// where the block has no room.</para>
/// <para>Ends: when no block is loose, with block 0, with an answer that pays -1; by the limit after twelve.</para>
/// <para>Scenes: towers, pyramids, arches, and beams that tip unless a counterweight lies there before the load. Each
/// beginning of the expert's order stands by statics with 5 % of a block's width to spare.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Build : IPictureTask
{
    private const int MaxBlocks = 8;
    private const int OrderBits = 3;          // of a body's index in the expert's order
    private const float Lift = 0.03f;         // m that a block is raised by where it would reach into others
    private const float Touch = 0.002f;       // m that blocks may reach into each other by
    private const double Rounding = 1e-5;     // m
    private const float Forgiven = 0.01f;     // m
    private const int Gap = 10;               // cm between loose blocks
    private const int LargestTurned = 45;     // cm: longer blocks always lie
    private const float StockPlace = -10f;    // m along z: where loose blocks lie, out of reach
    private const float Number = 0.1f;        // height of the blocks' numbers and
    private const float Scale = 0.075f;       // of the scale's, over the view's
    private const double Steps = 1 << 20;     // worths are whole numbers of 1 / this, so that their sums are exact
    private const float TooLow = 0.01f;       // m by which places are read too low

    // Of the panels, over the picture.
    private static readonly (double X, double Y, double Width, double Height) s_target = (0, 0, 0.5, 0.5),
        s_built = (0.5, 0, 0.5, 0.5), s_stock = (0, 0.5, 1, 0.5);

    private static readonly Quaternion s_quarterTurn = new(0f, 0f, 0.70710677f, 0.70710677f);   // about z

    public TaskSpec Spec { get; } = new()
    {
        Name = "Build",
        Version = 1,
        Summary = "Build the structure in the picture, one block at a time.",
        Observations = ObservationSpec.PictureOnly,
        Answer =
        [
            new("block", 0, MaxBlocks, "1") { Input = AnswerInput.Number }, new("x", -150, 150, "cm"),
            new("y", 0, 300, "cm"), new("turn", 0, 1, "1"),
        ],
        MaxSteps = 12,
        AsksOnce = false,
        Reward = new(-1, 1),
        Anchors = new(-0.8, 1),
        OptionsType = typeof(BuildOptions),
        Heuristic = "the lowest missing block of the target next, from the left",
    };

    public string Question(Episode episode)
    {
        var text = new StringBuilder("Above on the left is a structure to build, on the right what stands so far; "
            + "below are loose blocks with their numbers. Place one: say its number, x (where its middle shall be, in "
            + "hundredths of a metre on the scale below the pictures), y (how high its underside shall be, in "
            + "hundredths of a metre above the ground) and turn (1 to turn it by a quarter, 0 to leave it as it "
            + "lies). It is let go there. The blocks, width x height in hundredths of a metre:");
        var (world, stock) = (episode.World, episode.Panels[1]);
        for (var i = 0; i < world.Bodies.Count; i++)
        {
            var half = stock.Bodies[i].HalfExtents;
            text.Append(IsLoose(world, i) ? string.Create(CultureInfo.InvariantCulture,
                $" {i + 1}: {half.X * 200:0} x {half.Y * 200:0};") : "");
        }

        text.Length--;
        return text.Append(". At the end counts how much of the structure's outline is covered, less what lies beside "
            + "it. Block 0 ends it.").ToString();
    }

    public BuildStep Arrange(SceneBuilder draft)
    {
        var (episode, options, pieces) = (draft.Episode, draft.OptionsAs<BuildOptions>(), new List<Piece>());
        if (options.Fixed)
        {
            pieces = Structures.FixedAt((int)(episode.Seed % Structures.Fixed));
        }
        else if (!TryDraw(draft, options, pieces))
        {
            return draft.Reject("no structure of that kind was found");
        }

        var density = Scenery.SetPhysics(draft);
        Span<int> order = stackalloc int[pieces.Count];   // the expert's, as bodies
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        draft.Fixed(SeedUse.Pictures).Shuffle(order);
        var packed = 0;
        var (target, stock) = (new World(), new World());
        for (var body = 0; body < order.Length; body++)
        {
            var place = order.IndexOf(body);
            packed |= body << (OrderBits * place);
            target.Bodies.Add(pieces[place].ToBody(episode.World, density));
        }

        AddStock(draft, target, stock);
        episode.Panels.Add(target);
        episode.Panels.Add(stock);
        for (var i = 0; i < order.Length; i++)
        {
            episode.World.Bodies.Add(stock.Bodies[i] with
            {
                Motion = Motion.Fixed, Position = stock.Bodies[i].Position + new Vector3(0f, 0f, StockPlace),
            });
        }

        episode.State = new()
        {
            Choice = packed, Scale = Towers.LowestHeight(target), Margin = float.NaN,
        };
        Show(draft, target, stock);
        episode.State = episode.State with { Expert = Expert(episode) };

        return BuildStep.Accepted;
    }

    public void Act(StepContext turn)
    {
        var (world, answer) = (turn.Episode.World, turn.Answer);
        if (BlockOf(turn) is { } block && Place(turn.Episode, block, answer) is { } placed)
        {
            var trial = turn.Counterfactuals.Settle(world, Settling.ToRestOf(world, turn.Episode.State.Scale));
            trial.World.Bodies[block] = placed;
        }
    }

    public Verdict Judge(StepContext turn)
    {
        var (episode, answer) = (turn.Episode, turn.Answer);
        if (BlockOf(turn) is null)
        {
            return !answer.IsLegal ? new(-1, IsOver: true, "Unreadable.")
                : answer[0] == 0 ? new(0, IsOver: true, "Ended.")
                : new(-1, IsOver: true, "There is no loose block of that number.");
        }

        if (turn.Counterfactuals.Count == 0)
        {
            return new(0, IsOver: false, "The block has no room there.");
        }

        var (world, before) = (episode.World, WorthOf(episode));
        Settling.Rest(world, turn.Counterfactuals[0].World);
        var isLast = world.Bodies.TrueForAll(static body => body.Motion != Motion.Fixed);
        var after = WorthOf(episode);
        return new(after - before, isLast, after >= 1 ? "The structure stands."
            : after > before ? "The block is in place." : "The block is out of place.");
    }

    /// <summary>Where no block is placed, nothing moves.</summary>
    public void Consequence(StepContext turn)
    {
    }

    public Answer Expert(Episode episode)
    {
        for (var k = 0; k < episode.World.Bodies.Count; k++)
        {
            var body = episode.State.Choice >> (OrderBits * k) & ((1 << OrderBits) - 1);
            if (IsLoose(episode.World, body))
            {
                return AnswerFor(episode, body);
            }
        }

        return new(0, 0, 0, 0, Spec.Answer.Count);
    }

    public Answer Guess(Episode episode)
    {
        var (best, target) = (-1, episode.Panels[0].Bodies);
        for (var i = 0; i < target.Count; i++)
        {
            if (IsLoose(episode.World, i) && (best < 0 || IsBefore(target[i], target[best])))
            {
                best = i;
            }
        }

        return best < 0 ? new(0, 0, 0, 0, Spec.Answer.Count) : AnswerFor(episode, best);
    }

    /// <summary>As <see cref="Guess"/>, from what the picture shows.</summary>
    public Answer? Read(Picture picture, Episode hint)
    {
        int[] loose = [.. Enumerable.Range(0, hint.World.Bodies.Count).Where(i => IsLoose(hint.World, i))];
        var seen = SeenStructure.NextOf(
            Panels.Cut(picture, s_target), Panels.Cut(picture, s_built), Panels.Cut(picture, s_stock),
            [.. loose.Select(i => (2.0 * hint.Panels[1].Bodies[i].HalfExtents.X,
                2.0 * hint.Panels[1].Bodies[i].HalfExtents.Y))]);
        if (seen is not { Block: >= 0 } place)
        {
            return seen is null ? null : new(0, 0, 0, 0, Spec.Answer.Count);
        }

        // Rather too low: then it is raised onto what it would reach into.
        return new(loose[place.Block] + 1, Clamped(1, place.X), Clamped(2, place.Y - TooLow), place.IsTurned ? 1 : 0,
            Spec.Answer.Count);
    }

    public void Compose(Episode episode, World world, in FrameFormat format, IRenderer renderer, Span<byte> rgb)
    {
        var (built, stock) = (Panels.Still(world), Panels.Still(episode.Panels[1]));
        var (scale, numbers) = (ScaleOf(episode), new List<Overlay>());
        for (var i = 0; i < stock.Bodies.Count; i++)
        {
            Hide(IsLoose(world, i) ? built : stock, i);
            if (IsLoose(world, i))
            {
                numbers.Add(NumberOn(stock.Bodies[i], i + 1, Number * ViewOf(episode)));
            }
        }

        Panels.Compose(episode,
        [
            new(episode.Panels[0], null, s_target, scale), new(built, null, s_built, scale),
            new(stock, null, s_stock, numbers),
        ], format, renderer, rgb);
    }

    /// <summary>The share of the target's silhouette that is covered, less what lies beside it.</summary>
    internal static double WorthOf(Episode episode)
    {
        List<Silhouettes.Outline> target = [], built = [], grownTarget = [], grownBuilt = [];
        for (var i = 0; i < episode.World.Bodies.Count; i++)
        {
            var (wanted, body) = (episode.Panels[0].Bodies[i], episode.World.Bodies[i]);
            target.Add(Silhouettes.Of(wanted));
            grownTarget.Add(Silhouettes.Of(wanted, Forgiven));
            if (body.Motion != Motion.Fixed)
            {
                built.Add(Silhouettes.Of(body));
                grownBuilt.Add(Silhouettes.Of(body, Forgiven));
            }
        }

        var area = Silhouettes.Area(target);
        var covered = Silhouettes.Overlap(target, grownBuilt);
        var beside = Silhouettes.Area(built) - Silhouettes.Overlap(built, grownTarget);

        return Math.Max(0, Math.Round((covered - beside) / area * Steps) / Steps);
    }

    private static bool TryDraw(SceneBuilder draft, BuildOptions options, List<Piece> pieces)
    {
        var plan = draft.Fixed(SeedUse.Plan);
        var least = Structures.LeastOf(options.Structure);
        var count = plan.NextInt(Math.Max(least, options.Blocks.Min), options.Blocks.Max + 1);
        var kinds = 1 + (count >= 3 ? 2 : 0) + (count >= 4 ? 1 : 0);
        var drawn = (Structure)plan.NextInt(1, kinds + 1);
        var random = draft.Fresh(SeedUse.Geometry);

        return Structures.TryDraw(options.Structure == Structure.Any ? drawn : options.Structure, count, ref random,
            pieces);
    }

    // Side by side on the ground, in the order of their numbers; some turned by a quarter.
    private static void AddStock(SceneBuilder draft, World target, World stock)
    {
        var (random, left) = (draft.Fixed(SeedUse.Geometry), 0f);
        foreach (var body in target.Bodies)
        {
            var half = body.HalfExtents;
            var isTurned = random.NextInt(0, 3) == 0 && Math.Max(half.X, half.Y) <= LargestTurned / 200f;
            half = isTurned ? new(half.Y, half.X, half.Z) : half;
            stock.Bodies.Add(body with { HalfExtents = half, Position = new(left + half.X, half.Y, 0f) });
            left += (2 * half.X) + (Gap / 100f);
        }

        for (var i = 0; i < stock.Bodies.Count; i++)
        {
            var body = stock.Bodies[i];
            stock.Bodies[i] = body with { Position = body.Position - new Vector3((left - (Gap / 100f)) / 2, 0f, 0f) };
        }
    }

    private static void Show(SceneBuilder draft, World target, World stock)
    {
        var (half, height) = (0.4f, 0.6f);
        foreach (var body in target.Bodies)
        {
            half = Math.Max(half, Math.Abs(body.Position.X) + body.HalfExtents.X + 0.1f);
            height = Math.Max(height, body.Position.Y + body.HalfExtents.Y + 0.1f);
        }

        var reach = stock.Bodies[^1].Position.X + stock.Bodies[^1].HalfExtents.X + 0.05f;
        Scenery.Paint(draft);
        Scenery.SetView(
            draft, halfWidth: Math.Max(Math.Max(half, height / 2), reach / 2), height * (1 + Scale), depth: 0.3);
        var down = new Vector3(0f, Scale * ViewOf(draft.Episode), 0f);   // room for the scale below the ground's line
        draft.Episode.Camera = draft.Episode.Camera with
        {
            Eye = draft.Episode.Camera.Eye - down, Target = draft.Episode.Camera.Target - down,
        };
    }

    // Answers are whole hundredths, in which every place of a target is.
    private static Answer AnswerFor(Episode episode, int body)
    {
        var (wanted, half) = (episode.Panels[0].Bodies[body], episode.Panels[1].Bodies[body].HalfExtents);
        var bottom = wanted.Position.Y - wanted.HalfExtents.Y;

        return new(body + 1, Math.Round(wanted.Position.X * 100), Math.Round(bottom * 100),
            wanted.HalfExtents.X == half.X ? 0 : 1, count: 4);
    }

    private double Clamped(int axis, double metres) =>
        Math.Clamp(Math.Round(100 * metres), Spec.Answer[axis].Min, Spec.Answer[axis].Max);

    private static bool IsBefore(in Body one, in Body other)
    {
        float own = one.Position.Y - one.HalfExtents.Y, its = other.Position.Y - other.HalfExtents.Y;

        return own != its ? own < its : one.Position.X < other.Position.X;
    }

    private static bool IsLoose(World world, int body) => world.Bodies[body].Motion == Motion.Fixed;

    private static int? BlockOf(StepContext turn)
    {
        var (answer, world) = (turn.Answer, turn.Episode.World);
        return answer.IsLegal && answer[0] >= 1 && answer[0] <= world.Bodies.Count
            && IsLoose(world, (int)answer[0] - 1) ? (int)answer[0] - 1 : null;
    }

    // Behind every camera.
    private static void Hide(World world, int index) => world.Bodies[index] = world.Bodies[index] with
    {
        Position = new(0f, 0f, 200f),
    };

    // The block as the answer puts it, raised above what it would reach into; null: there is no room.
    private static Body? Place(Episode episode, int block, in Answer answer)
    {
        var body = episode.Panels[1].Bodies[block];
        var half = answer[3] == 0 ? body.HalfExtents : new(body.HalfExtents.Y, body.HalfExtents.X, body.HalfExtents.Z);
        var (x, wanted) = ((float)(answer[1] / 100), (float)(answer[2] / 100));
        var bottom = wanted;
        for (var pass = 0; pass < 2; pass++)
        {
            for (var i = 0; i < episode.World.Bodies.Count; i++)
            {
                if (IsLoose(episode.World, i))
                {
                    continue;
                }

                var (low, high) = BoundsOf(episode.World.Bodies[i]);
                var isBeside = x + half.X <= low.X + Touch || x - half.X >= high.X - Touch
                    || bottom + (2 * half.Y) <= low.Y + Touch || bottom >= high.Y - Rounding;
                bottom = isBeside ? bottom : (float)high.Y;
                if (bottom - wanted > Lift + Touch || (pass > 0 && !isBeside))
                {
                    return null;
                }
            }
        }

        return body with
        {
            Position = new(x, bottom + half.Y, 0f),
            Orientation = answer[3] == 0 ? Quaternion.Identity : s_quarterTurn,
        };
    }

    private static ((double X, double Y) Low, (double X, double Y) High) BoundsOf(in Body body)
    {
        var corners = Silhouettes.Of(body).Corners;

        return ((corners.Min(static c => c.X), corners.Min(static c => c.Y)),
            (corners.Max(static c => c.X), corners.Max(static c => c.Y)));
    }

    // Height of what a panel shows, m.
    private static float ViewOf(Episode episode)
    {
        var way = episode.Camera.Eye - episode.Camera.Target;
        var distance = MathF.Sqrt((way.X * way.X) + (way.Y * way.Y) + (way.Z * way.Z));
        var half = episode.Camera.FieldOfView / 2.0;

        return distance * (float)(2 * Angles.Sin(half) / Angles.Cos(half));
    }

    private static List<Overlay> ScaleOf(Episode episode)
    {
        var (view, marks) = (ViewOf(episode), new List<Overlay>());
        var (text, reach, step) = (Scale * view, (int)(100 * view * (0.5f - Scale)), view < 1.2f ? 25 : 50);
        for (var x = -reach / step * step; x <= reach; x += step)
        {
            marks.Add(new(OverlayKind.Label, new(x / 100f, -text, Structures.Depth / 2), default, text, Paints.Mark,
                x.ToString(CultureInfo.InvariantCulture)));
        }

        return marks;
    }

    private static Overlay NumberOn(in Body body, int number, float text) => new(OverlayKind.Label,
        body.Position + new Vector3(0f, body.HalfExtents.Y + text, body.HalfExtents.Z), default, text, Paints.Mark,
        number.ToString(CultureInfo.InvariantCulture));
}
