namespace PhysIntuition.Environments.Players;

/// <summary>Where a loose block belongs.</summary>
/// <param name="Block">Index among the loose ones; -1: none is missing.</param>
/// <param name="X">Of its middle, m from the picture's.</param>
/// <param name="Y">Of its underside, m above the ground.</param>
/// <param name="IsTurned">Whether by a quarter.</param>
internal readonly record struct SeenPlace(int Block, double X, double Y, bool IsTurned);

/// <summary>Finds which block of a structure is missing, in pictures of the structure, of what stands of it, and of the
/// loose blocks.</summary>
internal static class SeenStructure
{
    private const double Thinnest = 0.085;    // m: fronts are thicker, and tops and sides that show are thinner
    private const double Near = 0.04;         // m: what stands there is the block of the target
    private const double OtherColour = 0.15;  // m that a block may be larger than it looks before one of another
                                              // colour is taken instead

    private static readonly double[] s_steps = [0.25, 0.5];   // m from mark to mark of the scale

    /// <summary>The lowest block that is missing, the left one of several.</summary>
    /// <param name="target">What is to be built.</param>
    /// <param name="built">What stands.</param>
    /// <param name="stock">The loose blocks side by side, all three to one scale.</param>
    /// <param name="loose">Width and height of those, from left to right, m.</param>
    /// <returns>Null: the blocks cannot be made out.</returns>
    public static SeenPlace? NextOf(
        Picture target, Picture built, Picture stock, IReadOnlyList<(double Width, double Height)> loose)
    {
        // The fronts are the regions that are thickest in both directions.
        List<Front> lying = [.. FrontsOf(stock, 0).OrderByDescending(static front => front.Thickness)
            .Take(loose.Count).OrderBy(static front => front.X)];
        if (loose.Count == 0 || lying.Count < loose.Count)
        {
            return loose.Count == 0 ? new(-1, 0, 0, false) : null;
        }

        var scale = ScaleOf(target, loose.Zip(lying, static (block, front) => block.Width / front.Width).Order()
            .ElementAt(loose.Count / 2));
        var (wanted, standing) = (FrontsOf(target, Thinnest / scale), FrontsOf(built, Thinnest / scale));
        if (wanted.Count == 0)
        {
            return null;
        }

        var ground = wanted.Max(static front => front.Bottom);
        var missing = wanted.Where(front => !standing.Exists(other =>
            Math.Abs(other.X - front.X) + Math.Abs(other.Bottom - front.Bottom) < Near / scale)).ToArray();
        if (missing.Length == 0)
        {
            return new(-1, 0, 0, false);
        }

        var next = missing.OrderBy(front => Math.Round((ground - front.Bottom) * scale / Near))
            .ThenBy(static front => front.X).First();
        var choice = Enumerable.Range(0, 2 * loose.Count).MinBy(i =>
            Misfit(next, scale, loose[i / 2], i % 2 == 1) + (next.IsLike(lying[i / 2]) ? 0 : OtherColour));

        return new(choice / 2, next.X * scale, (ground - next.Bottom) * scale, choice % 2 == 1);
    }

    // m a pixel: the numbers of the scale tell it exactly, and the blocks which numbers they are.
    private static double ScaleOf(Picture target, double rough)
    {
        double[] marks = [.. BlockFinder.Find(target, FaceForm.Any).Where(box => HasMark(target, box))
            .Select(static box => box.CentreX).Order()];
        var way = marks.Length < 2 ? 0 : (marks[^1] - marks[0]) / (marks.Length - 1);   // pixels from mark to mark

        return way == 0 ? rough : s_steps.MinBy(step => Math.Abs(step - (rough * way))) / way;
    }

    private static double Misfit(in Front front, double scale, (double Width, double Height) block, bool isTurned)
    {
        var (width, height) = isTurned ? (block.Height, block.Width) : block;

        return Math.Abs((front.Width * scale) - width) + Math.Abs((front.Height * scale) - height);
    }

    private static List<Front> FrontsOf(Picture picture, double thinnest) =>
    [
        .. BlockFinder.Find(picture, FaceForm.Any).Where(box => !HasMark(picture, box)).Select(box => new Front(
            box.CentreX - ((picture.Width - 1) / 2.0), box.Bottom, box.Width, box.Height,
            ColourAt(picture, box.CentreX, box.CentreY))).Where(front => front.Thickness >= thinnest),
    ];

    // Labels have a rim that is as light as a white block.
    private static bool HasMark(Picture picture, BlockBox box)
    {
        for (var y = (int)(box.CentreY - (box.Height / 2) + 1); y < box.Bottom; y++)
        {
            for (var x = (int)(box.CentreX - (box.Width / 2) + 1); x < box.CentreX + (box.Width / 2); x++)
            {
                if (ArrowFinder.IsMark(picture, (y * picture.Width) + x))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static (int R, int G, int B) ColourAt(Picture picture, double x, double y)
    {
        var at = 3 * (((int)y * picture.Width) + (int)x);

        return (picture.Rgb[at], picture.Rgb[at + 1], picture.Rgb[at + 2]);
    }

    // Pixels; X from the picture's middle, Bottom downwards.
    private readonly record struct Front(
        double X, double Bottom, double Width, double Height, (int R, int G, int B) Colour)
    {
        private const int Alike = 30;   // of 255 in a channel

        public double Thickness => Math.Min(Width, Height);

        public bool IsLike(in Front other) => Math.Abs(Colour.R - other.Colour.R) <= Alike
            && Math.Abs(Colour.G - other.Colour.G) <= Alike && Math.Abs(Colour.B - other.Colour.B) <= Alike;
    }
}
