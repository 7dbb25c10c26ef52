namespace PhysIntuition.Environments.Players;

/// <summary>An arrow along x as it is seen, in pixels.</summary>
/// <param name="Tail">Column where it begins.</param>
/// <param name="Head">Column where it points to.</param>
/// <param name="Y">Middle of its rows, downwards.</param>
internal readonly record struct SeenArrow(double Tail, double Head, double Y);

/// <summary>Finds arrows by their colour, which no block has.</summary>
internal static class ArrowFinder
{
    private const int Gap = 3;       // from pixel to pixel with a mark, at most, within one arrow
    private const int Shortest = 5;  // pixels

    /// <summary>Whether a pixel has the colour of arrows: (39, 39, 44).</summary>
    public static bool IsMark(Picture picture, int index)
    {
        var rgb = picture.Rgb.AsSpan(index * 3, 3);

        return rgb[0] == 39 && rgb[1] == 39 && rgb[2] == 44;
    }

    /// <summary>All arrows, from left to right.</summary>
    public static List<SeenArrow> Find(Picture picture)
    {
        var (arrows, first, last) = (new List<SeenArrow>(), -1, -1);
        for (var x = 0; x <= picture.Width; x++)
        {
            var isMark = x < picture.Width && CountIn(picture, x, out _) > 0;
            if (first >= 0 && (x == picture.Width || (isMark && x - last > Gap)))
            {
                Add(picture, first, last, arrows);
                first = -1;
            }

            first = isMark && first < 0 ? x : first;
            last = isMark ? x : last;
        }

        return arrows;
    }

    /// <summary>The arrows of a picture in which each has rows of its own, from top to bottom.</summary>
    public static List<SeenArrow> FindRows(Picture picture)
    {
        var (arrows, first) = (new List<SeenArrow>(), -1);
        for (var y = 0; y <= picture.Height; y++)
        {
            var isMark = y < picture.Height && IsMarkIn(picture, y);
            if (!isMark && first >= 0)
            {
                var rows = new Picture(picture.Width, y - first);
                rows.Paste(picture, (0, first, rows.Width, rows.Height), (0, 0, rows.Width, rows.Height));
                var top = first;
                arrows.AddRange(Find(rows).Select(arrow => arrow with { Y = arrow.Y + top }));
            }

            first = !isMark ? -1 : first < 0 ? y : first;
        }

        return arrows;
    }

    private static bool IsMarkIn(Picture picture, int y)
    {
        for (var x = 0; x < picture.Width; x++)
        {
            if (IsMark(picture, (y * picture.Width) + x))
            {
                return true;
            }
        }

        return false;
    }

    // The head is the end that is thicker.
    private static void Add(Picture picture, int left, int right, List<SeenArrow> arrows)
    {
        var (third, atLeft, atRight, count, rows) = (Math.Max(1, (right - left) / 3), 0, 0, 0, 0L);
        for (var x = left; x <= right; x++)
        {
            var thickness = CountIn(picture, x, out var sum);
            (count, rows) = (count + thickness, rows + sum);
            atLeft = x <= left + third ? Math.Max(atLeft, thickness) : atLeft;
            atRight = x >= right - third ? Math.Max(atRight, thickness) : atRight;
        }

        if (right - left + 1 >= Shortest)
        {
            var y = (double)rows / count;
            arrows.Add(atRight >= atLeft ? new(left, right + 1, y) : new(right + 1, left, y));
        }
    }

    private static int CountIn(Picture picture, int x, out long rows)
    {
        var count = 0;
        rows = 0;
        for (var y = 0; y < picture.Height; y++)
        {
            if (IsMark(picture, (y * picture.Width) + x))
            {
                count++;
                rows += y;
            }
        }

        return count;
    }
}
