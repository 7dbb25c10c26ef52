using SkiaSharp;

namespace PhysIntuition.Rendering;

/// <summary>A line of text for people, in DejaVu Sans, which travels with the program.</summary>
/// <remarks>Smoothed; other versions of Skia may give other bytes: scenes take <see cref="BitmapFont"/>.</remarks>
internal static unsafe class Caption
{
    private const string Ellipsis = "…";

    private static readonly SKTypeface s_face = Load();

    /// <summary>Pixels from the top of the highest letter to the bottom of the lowest.</summary>
    /// <param name="size">Of the font, pixels.</param>
    public static int HeightOf(int size)
    {
        using var font = new SKFont(s_face, size);
        return (int)MathF.Ceiling(font.Metrics.Descent - font.Metrics.Ascent);
    }

    /// <summary>Writes one line; where it is wider than its place, it ends in an ellipsis.</summary>
    /// <param name="text">Latin, Greek or Cyrillic letters, punctuation, arrows; others become boxes.</param>
    /// <param name="size">Of the font, pixels.</param>
    /// <param name="ink">Grey level of the letters.</param>
    /// <param name="rgb">uint8[height, width, 3]: the picture.</param>
    /// <param name="width">Of the picture, pixels.</param>
    /// <param name="place">Left, top and width of the line, pixels; its height is <see cref="HeightOf"/>.</param>
    public static void Write(
        string text, int size, byte ink, Span<byte> rgb, int width, (int Left, int Top, int Width) place)
    {
        using var font = new SKFont(s_face, size) { Subpixel = true, Edging = SKFontEdging.Antialias };
        using var paint = new SKPaint { IsAntialias = true, Color = SKColors.White };
        var info = new SKImageInfo(place.Width, HeightOf(size), SKColorType.Alpha8, SKAlphaType.Premul);
        var cover = new byte[info.BytesSize];
        fixed (byte* pixels = cover)
        {
            using var surface = SKSurface.Create(info, (nint)pixels, info.RowBytes);
            var line = Shorten(text, font, place.Width);
            surface.Canvas.DrawText(line, 0f, -font.Metrics.Ascent, SKTextAlign.Left, font, paint);
        }

        for (var i = 0; i < cover.Length; i++)
        {
            var (x, y) = (place.Left + (i % place.Width), place.Top + (i / place.Width));
            foreach (ref var value in rgb.Slice(((y * width) + x) * 3, 3))
            {
                value = (byte)(((value * (byte.MaxValue - cover[i])) + (ink * cover[i]) + 127) / byte.MaxValue);
            }
        }
    }

    private static string Shorten(string text, SKFont font, int width)
    {
        if (font.MeasureText(text) <= width)
        {
            return text;
        }

        var kept = font.BreakText(text, width - font.MeasureText(Ellipsis));
        return text[..kept] + Ellipsis;
    }

    private static SKTypeface Load()
    {
        using var font = typeof(Caption).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
        return SKTypeface.FromStream(font);
    }
}
