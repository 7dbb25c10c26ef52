namespace PhysIntuition.Environments.Players;

/// <summary>A region of one colour that looks like the front of a block, in pixels.</summary>
/// <param name="CentreX">Middle of its columns.</param>
/// <param name="CentreY">Middle of its rows, downwards.</param>
/// <param name="Width">Of its rows' middle half.</param>
/// <param name="Height">Rows.</param>
/// <param name="IsRed">Whether it is red.</param>
internal readonly record struct BlockBox(double CentreX, double CentreY, double Width, double Height, bool IsRed)
{
    /// <summary>Its lowest row, downwards.</summary>
    public double Bottom => CentreY + (Height / 2);

    /// <summary>Whether a place lies in it, pixels.</summary>
    public bool Holds(double x, double y) =>
        Math.Abs(x - CentreX) <= Width / 2 && Math.Abs(y - CentreY) <= Height / 2;
}

/// <summary>Which regions of one colour are taken for faces of blocks.</summary>
/// <param name="PictureShare">They cover at least 1 / this of the picture.</param>
/// <param name="LeastHeight">Over their width.</param>
/// <param name="LeastFill">Share of their bounding box that they cover at least.</param>
internal readonly record struct FaceForm(int PictureShare, double LeastHeight, double LeastFill)
{
    /// <summary>Fronts of cubes.</summary>
    public static FaceForm Cube { get; } = new(400, 0.45, 0.6);

    /// <summary>Fronts of blocks up to three times as wide as high.</summary>
    public static FaceForm Wide { get; } = new(400, 0.3, 0.6);

    /// <summary>Also beams and their fulcrums.</summary>
    public static FaceForm Any { get; } = new(1500, 0, 0);
}

/// <summary>Finds blocks by flood fill over pixels of like colour; ground, sky and shadow are dull and are left
/// out.</summary>
internal static class BlockFinder
{
    private const int Alike = 16;          // largest difference of neighbours of one face, of 255 per channel
    private const int Colourful = 34;      // chroma from which a pixel cannot be ground, sky or shadow

    /// <summary>All regions of a form, in no particular order.</summary>
    public static List<BlockBox> Find(Picture picture, in FaceForm form)
    {
        var (w, h) = (picture.Width, picture.Height);
        var isSeen = new bool[w * h];
        var stack = new Stack<int>();
        var boxes = new List<BlockBox>();
        for (var i = 0; i < isSeen.Length; i++)
        {
            if (!isSeen[i] && IsBlock(picture, i) && Fill(picture, i, isSeen, stack, form) is { } box)
            {
                boxes.Add(box);
            }
        }

        return boxes;
    }

    private static BlockBox? Fill(Picture picture, int start, bool[] isSeen, Stack<int> stack, in FaceForm form)
    {
        var (w, h, count) = (picture.Width, picture.Height, 0);
        var (left, right, top, bottom) = (w, -1, h, -1);
        stack.Push(start);
        isSeen[start] = true;
        while (stack.TryPop(out var at))
        {
            var (x, y) = (at % w, at / w);
            (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x), Math.Min(top, y), Math.Max(bottom, y));
            count++;
            TryPush(picture, at, x > 0 ? at - 1 : at, isSeen, stack);
            TryPush(picture, at, x < w - 1 ? at + 1 : at, isSeen, stack);
            TryPush(picture, at, y > 0 ? at - w : at, isSeen, stack);
            TryPush(picture, at, y < h - 1 ? at + w : at, isSeen, stack);
        }

        var (width, height) = (right - left + 1, bottom - top + 1);
        var isFace = count * form.PictureShare >= w * h && count >= form.LeastFill * width * height
            && height >= form.LeastHeight * width;

        return isFace
            ? new((left + right) / 2.0, (top + bottom) / 2.0, width, height, IsRed(picture, start))
            : null;
    }

    private static void TryPush(Picture picture, int from, int to, bool[] isSeen, Stack<int> stack)
    {
        if (!isSeen[to] && IsBlock(picture, to) && AreAlike(picture.Rgb, from * 3, to * 3))
        {
            isSeen[to] = true;
            stack.Push(to);
        }
    }

    private static bool AreAlike(byte[] rgb, int a, int b) =>
        Math.Abs(rgb[a] - rgb[b]) <= Alike && Math.Abs(rgb[a + 1] - rgb[b + 1]) <= Alike
        && Math.Abs(rgb[a + 2] - rgb[b + 2]) <= Alike;

    // Colourful, or darker than any shadow, or lighter than the ground: black and white blocks have no chroma.
    private static bool IsBlock(Picture picture, int index)
    {
        if (ArrowFinder.IsMark(picture, index))
        {
            return false;
        }

        var (r, g, b) = (picture.Rgb[index * 3], picture.Rgb[(index * 3) + 1], picture.Rgb[(index * 3) + 2]);
        var (most, least) = (Math.Max(r, Math.Max(g, b)), Math.Min(r, Math.Min(g, b)));

        return most - least >= Colourful || most < 80 || (least > 225 && r >= b);
    }

    private static bool IsRed(Picture picture, int index)
    {
        var (r, g, b) = (picture.Rgb[index * 3], picture.Rgb[(index * 3) + 1], picture.Rgb[(index * 3) + 2]);

        return r > 2 * g && r > 2 * b;
    }
}
