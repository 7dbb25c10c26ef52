namespace PhysIntuition.Environments.Players;

/// <summary>Reads a scene off a picture by classical image processing, for a task's own law to be applied to.</summary>
/// <remarks>
/// It knows what a reader of the prompt and the options knows: the width of the block that the prompt gives, and the
/// middle of the ranges that scenes are drawn from. Perspective is left out, so what it reads is noisy.
/// </remarks>
internal static class SeenScene
{
    /// <summary>A tower, lowest block first; null if there is none.</summary>
    /// <param name="picture">What an agent sees.</param>
    /// <param name="hint">Only its options and what the prompt says of it are read.</param>
    public static Episode? Column(Picture picture, Episode hint)
    {
        var seen = Like(hint);
        return TryAddColumn(seen, picture, scale: 1) ? seen : null;
    }

    /// <summary>A pyramid, lowest row first, made level, so that the law can ask what stands on what.</summary>
    public static Episode? Rows(Picture picture, Episode hint)
    {
        var (seen, boxes) = (Like(hint), BlockFinder.Find(picture, FaceForm.Cube));
        boxes.Sort(static (a, b) => b.Bottom.CompareTo(a.Bottom));
        var (row, height, red) = (-1, 0.0, -1);
        for (var i = 0; i < boxes.Count; i++)
        {
            var box = boxes[i];
            var isNext = i == 0 || boxes[i - 1].Bottom - box.Bottom > 0.4 * box.Height;
            row += isNext ? 1 : 0;
            height = i == 0 ? box.Height : height;
            red = box.IsRed ? i : red;
            Add(seen, box with { Height = height }, 1, (row + 0.5) * height);
        }

        seen.State = new() { Subject = red };

        return boxes.Count >= 2 ? seen : null;
    }

    /// <summary>A tower with an arrow on one block.</summary>
    /// <param name="picture">What an agent sees.</param>
    /// <param name="hint">Only its options and what the prompt says of it are read.</param>
    /// <param name="width">What blocks' widths are drawn from, m.</param>
    public static Episode? Pushed(Picture picture, Episode hint, NumberRange width)
    {
        var (seen, boxes, arrows) = (Like(hint), ColumnOf(picture), ArrowFinder.Find(picture));
        if (arrows.Count != 1 || boxes.Count is < 2 or > Staging.Column.MaxBlocks)
        {
            return null;
        }

        var pushed = Nearest(boxes, box => box.CentreY - arrows[0].Y);
        var scale = Middle(width) / boxes.Average(static box => box.Width);
        AddColumn(seen, boxes, scale);
        var from = seen.World.Bodies[pushed].Position;
        var length = (float)((arrows[0].Head - arrows[0].Tail) * scale);
        seen.Overlays.Add(new(OverlayKind.Arrow, from, from + new Vector3(length, 0f, 0f), 0f, Paints.Mark));
        seen.State = new() { Subject = pushed, Scale = 2f * seen.World.Bodies[pushed].HalfExtents.X };

        return seen;
    }

    /// <summary>Blocks on the ground with arrows over them; the red one comes last.</summary>
    /// <param name="picture">What an agent sees.</param>
    /// <param name="hint">Only its options and what the prompt says of it are read.</param>
    /// <param name="redWidth">Of the red block, m.</param>
    /// <param name="bodies">How many there are.</param>
    /// <param name="lengthPerSpeed">m of arrow for each m/s.</param>
    public static Episode? Sliders(Picture picture, Episode hint, float redWidth, int bodies, float lengthPerSpeed)
    {
        var (seen, boxes) = (Like(hint), BlockFinder.Find(picture, FaceForm.Wide));
        var red = boxes.FindIndex(static box => box.IsRed);
        if (red < 0 || boxes.Count != bodies)
        {
            return null;
        }

        (boxes[red], boxes[^1]) = (boxes[^1], boxes[red]);
        var scale = redWidth / boxes[^1].Width;
        foreach (var box in boxes)
        {
            Add(seen, box, scale, box.Height * scale / 2);
        }

        foreach (var arrow in ArrowFinder.Find(picture))
        {
            SetSpeed(seen, boxes, arrow, scale / lengthPerSpeed);
        }

        seen.State = new() { Subject = bodies - 1 };

        return seen;
    }

    /// <summary>Weights on a beam, and a red one on the ground, which comes last.</summary>
    /// <remarks>The beam gives the scale: the red weight stands nearer to the viewer and looks too large.</remarks>
    /// <param name="picture">What an agent sees.</param>
    /// <param name="hint">Only its options and what the prompt says of it are read.</param>
    /// <param name="beamLength">m.</param>
    /// <param name="redWidth">Of the red weight, m.</param>
    public static Episode? Beam(Picture picture, Episode hint, float beamLength, float redWidth)
    {
        var (seen, boxes) = (Like(hint), BlockFinder.Find(picture, FaceForm.Any));
        if (boxes.Count < 2)
        {
            return null;
        }

        var beam = boxes.MaxBy(static box => box.Width);
        var scale = beamLength / beam.Width;
        Add(seen, beam, scale, 0);   // stands for the fulcrum, which the law passes over
        Add(seen, beam, scale, 0);
        foreach (var box in boxes)
        {
            if (box.CentreY < beam.CentreY && !box.IsRed && box.Height > 0.5 * box.Width)
            {
                Add(seen, box with { CentreX = box.CentreX - beam.CentreX, Height = box.Width }, scale, 0);
            }
        }

        Add(seen, new(0, 0, redWidth, redWidth, IsRed: true), 1, 0);
        seen.State = new() { Subject = seen.World.Bodies.Count - 1 };

        return seen;
    }

    /// <summary>A tower of storeys: posts in the order of their labels, planks from below, the red weight.</summary>
    /// <param name="picture">What an agent sees.</param>
    /// <param name="hint">Only its options and what the prompt says of it are read.</param>
    /// <param name="labels">On the posts.</param>
    public static Episode? Storeys(Picture picture, Episode hint, List<SeenLabel> labels)
    {
        const double widest = 3, thinnest = 0.25;   // over a post's width: a plank's front, not its top
        var boxes = BlockFinder.Find(picture, FaceForm.Any);
        List<BlockBox> posts = [.. labels.Select(label => boxes.Where(box => box.Holds(label.X, label.Y))
            .DefaultIfEmpty().MaxBy(static box => box.Width))];
        var width = posts.Count == 0 ? 0 : posts.Average(static box => box.Width);
        List<BlockBox> planks = [.. boxes.Where(box => !box.IsRed && box.Width > widest * width
            && box.Height > thinnest * width).OrderByDescending(static box => box.CentreY)];
        var weight = boxes.Where(static box => box.IsRed).DefaultIfEmpty().MaxBy(static box => box.Width);
        if (width == 0 || weight.Width == 0 || planks.Count * Staging.Storeys.Posts < posts.Count || planks.Count == 0)
        {
            return null;
        }

        var seen = Like(hint);
        for (var i = 0; i < planks.Count * Staging.Storeys.Posts; i++)
        {
            AddFlat(seen, i < posts.Count ? posts[i] : posts[0]);
            if (i >= posts.Count)
            {
                Staging.Storeys.TakeOut(seen.World, i);
            }
        }

        planks.ForEach(plank => AddFlat(seen, plank));
        AddFlat(seen, weight);

        return seen;
    }

    /// <summary>The middle of a range that scenes are drawn from.</summary>
    public static float Middle(NumberRange range) => (range.Min + range.Max) / 2;

    /// <summary>Static margin of a tower as it is seen; 0 if no tower is.</summary>
    public static double TowerMargin(Picture picture)
    {
        var seen = new Episode();

        return TryAddColumn(seen, picture, scale: 1) ? Laws.TowerMargin(seen.World, seen.World.Bodies.Count) : 0;
    }

    private static Episode Like(Episode hint)
    {
        var seen = new Episode { Options = hint.Options };
        seen.World.Gravity = Middle(hint.Options.Physics.Gravity);
        seen.World.GroundFriction = Middle(hint.Options.Physics.Friction);
        seen.World.GroundRestitution = Middle(hint.Options.Physics.Restitution);

        return seen;
    }

    private static bool TryAddColumn(Episode seen, Picture picture, double scale)
    {
        var boxes = ColumnOf(picture);
        AddColumn(seen, boxes, scale);

        return boxes.Count is >= 2 and <= Staging.Column.MaxBlocks;
    }

    /// <summary>The fronts of a tower's blocks, lowest first, pixels.</summary>
    public static List<BlockBox> ColumnOf(Picture picture)
    {
        var boxes = BlockFinder.Find(picture, FaceForm.Cube);
        boxes.Sort(static (a, b) => b.CentreY.CompareTo(a.CentreY));

        return boxes;
    }

    private static void AddColumn(Episode seen, List<BlockBox> boxes, double scale)
    {
        var bottom = 0.0;
        foreach (var box in boxes)
        {
            Add(seen, box, scale, bottom + (box.Height * scale / 2));
            bottom += box.Height * scale;
        }
    }

    private static void SetSpeed(Episode seen, List<BlockBox> boxes, in SeenArrow arrow, double speedPerPixel)
    {
        var tail = arrow.Tail;
        var owner = Nearest(boxes, box => box.CentreX - tail);
        Scenery.At(seen.World, owner).LinearVelocity =
            new((float)((arrow.Head - arrow.Tail) * speedPerPixel), 0f, 0f);
    }

    private static int Nearest(List<BlockBox> boxes, Func<BlockBox, double> way) =>
        Enumerable.Range(0, boxes.Count).MinBy(i => Math.Abs(way(boxes[i])));

    // In pixels, and as deep as all others.
    private static void AddFlat(Episode seen, in BlockBox box) => seen.World.Bodies.Add(Scenery.Cuboid(
        seen.World, new((float)box.CentreX, (float)-box.CentreY, 0f),
        new((float)(box.Width / 2), (float)(box.Height / 2), 1f), 1f));

    private static void Add(Episode seen, in BlockBox box, double scale, double y)
    {
        var half = new Vector3((float)(box.Width * scale / 2), (float)(box.Height * scale / 2),
            (float)(box.Width * scale / 2));
        seen.World.Bodies.Add(Scenery.Cuboid(seen.World, new((float)(box.CentreX * scale), (float)y, 0f), half, 1f));
    }
}
