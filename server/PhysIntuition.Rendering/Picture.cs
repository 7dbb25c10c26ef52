namespace PhysIntuition.Rendering;

/// <summary>An sRGB picture in memory.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Rgb">uint8[height, width, 3].</param>
public sealed record Picture(int Width, int Height, byte[] Rgb)
{
    /// <summary>An empty picture.</summary>
    public Picture(int width, int height)
        : this(width, height, new byte[width * height * 3])
    {
    }

    /// <summary>Draws a rectangle of another picture into a rectangle of this one, averaging over areas.</summary>
    /// <param name="source">The other picture.</param>
    /// <param name="from">Left, top, width, height in the other picture, pixels.</param>
    /// <param name="to">Left, top, width, height in this picture, pixels.</param>
    public void Paste(Picture source, (int X, int Y, int Width, int Height) from, (int X, int Y, int Width,
        int Height) to)
    {
        for (var y = 0; y < to.Height; y++)
        {
            var (top, bottom) = Span(y, to.Height, from.Y, from.Height);
            for (var x = 0; x < to.Width; x++)
            {
                var (left, right) = Span(x, to.Width, from.X, from.Width);
                Average(source, left, top, right, bottom, (((to.Y + y) * Width) + to.X + x) * 3);
            }
        }
    }

    /// <summary>The same picture turned clockwise by quarter turns.</summary>
    /// <param name="quarters">0 to 3; odd ones need a square picture.</param>
    public Picture Turned(int quarters)
    {
        var turned = new Picture(Width, Height);
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var (u, v) = quarters switch
                {
                    1 => (Height - 1 - y, x),
                    2 => (Width - 1 - x, Height - 1 - y),
                    3 => (y, Width - 1 - x),
                    _ => (x, y),
                };
                Rgb.AsSpan(((y * Width) + x) * 3, 3).CopyTo(turned.Rgb.AsSpan(((v * Width) + u) * 3));
            }
        }

        return turned;
    }

    // At least one source pixel for each target pixel; whole pixels only, so that bytes are the same everywhere.
    private static (int First, int End) Span(int index, int count, int start, int length)
    {
        var first = start + (int)((long)index * length / count);

        return (first, Math.Max(first + 1, start + (int)((long)(index + 1) * length / count)));
    }

    private void Average(Picture source, int left, int top, int right, int bottom, int place)
    {
        var (r, g, b, count) = (0, 0, 0, (right - left) * (bottom - top));
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++)
            {
                var at = ((y * source.Width) + x) * 3;
                r += source.Rgb[at];
                g += source.Rgb[at + 1];
                b += source.Rgb[at + 2];
            }
        }

        Rgb[place] = (byte)((r + (count / 2)) / count);
        Rgb[place + 1] = (byte)((g + (count / 2)) / count);
        Rgb[place + 2] = (byte)((b + (count / 2)) / count);
    }
}
