namespace PhysIntuition.Environments.Players;

/// <summary>A letter as it is seen, in pixels.</summary>
/// <param name="Letter">Which.</param>
/// <param name="X">Middle of its columns.</param>
/// <param name="Y">Middle of its rows, downwards.</param>
internal readonly record struct SeenLabel(char Letter, double X, double Y);

/// <summary>Finds labels by the dots of their font, which are all of one colour.</summary>
internal static class LabelFinder
{
    private const int MaxScale = 8;   // pixels a dot

    /// <summary>The places of letters, in their order; null unless each is found exactly once.</summary>
    public static List<SeenLabel>? Find(Picture picture, string letters) =>
        FindSome(picture, letters) is var found && found.Count == letters.Length ? found : null;

    /// <summary>The places of those letters that are found exactly once, in their order.</summary>
    public static List<SeenLabel> FindSome(Picture picture, string letters)
    {
        var found = new List<SeenLabel>();
        foreach (var letter in letters)
        {
            var (dots, count) = (BitmapFont.DotsOf(letter), found.Count);
            for (var scale = MaxScale; scale > 0 && found.Count == count; scale--)
            {
                FindAll(picture, letter, dots, scale, found);
            }

            if (found.Count > count + 1)
            {
                found.RemoveRange(count, found.Count - count);
            }
        }

        return found;
    }

    private static void FindAll(Picture picture, char letter, ulong dots, int scale, List<SeenLabel> found)
    {
        int width = BitmapFont.Width * scale, height = BitmapFont.Height * scale;
        for (var y = 0; y + height <= picture.Height; y++)
        {
            for (var x = 0; x + width <= picture.Width; x++)
            {
                if (IsLetter(picture, x, y, dots, scale))
                {
                    found.Add(new(letter, x + (width / 2.0), y + (height / 2.0)));
                }
            }
        }
    }

    private static bool IsLetter(Picture picture, int left, int top, ulong dots, int scale)
    {
        for (var row = 0; row < BitmapFont.Height; row++)
        {
            for (var column = 0; column < BitmapFont.Width; column++)
            {
                var isSet = BitmapFont.IsSet(dots, column, row);
                var (x, y) = (left + (column * scale), top + (row * scale));
                if (IsInk(picture, x, y) != isSet || IsInk(picture, x + scale - 1, y + scale - 1) != isSet)
                {
                    return false;
                }
            }
        }

        return true;
    }

    // White as no lit surface is.
    private static bool IsInk(Picture picture, int x, int y)
    {
        var rgb = picture.Rgb.AsSpan(((y * picture.Width) + x) * 3, 3);

        return rgb[0] == Ink && rgb[1] == Ink && rgb[2] == Ink;
    }

    private const byte Ink = 255;
}
