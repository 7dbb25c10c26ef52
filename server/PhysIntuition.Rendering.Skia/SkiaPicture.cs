using PhysIntuition.Faults;
using SkiaSharp;

namespace PhysIntuition.Rendering.Skia;

/// <summary>A picture that Skia writes on and encodes: WebP, and text in the system's fonts.</summary>
/// <remarks>
/// For people to look at: fonts and compressed bytes differ between machines and versions. What is hashed or compared
/// comes from <see cref="Encoding.PngEncoder"/> and the renderer's own overlays.
/// </remarks>
public sealed unsafe class SkiaPicture
{
    private readonly byte[] _rgba;
    private readonly SKImageInfo _info;

    /// <summary>Takes a picture over.</summary>
    /// <param name="rgb">uint8[height, width, 3], sRGB; copied.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <exception cref="PhysIntuitionException">The number of bytes is wrong.</exception>
    public SkiaPicture(ReadOnlySpan<byte> rgb, int width, int height)
    {
        if (width < 1 || height < 1 || rgb.Length != (long)width * height * 3)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "rgb",
                $"'rgb' has {rgb.Length} bytes; a picture of {width} x {height} has {(long)width * height * 3}. " +
                "Pass all of them.");
        }

        _info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        _rgba = new byte[width * height * 4];
        for (var i = 0; i < width * height; i++)
        {
            rgb.Slice(i * 3, 3).CopyTo(_rgba.AsSpan(i * 4));
            _rgba[(i * 4) + 3] = byte.MaxValue;
        }
    }

    /// <summary>Writes a line of text.</summary>
    /// <param name="text">Any text that the system's default font has letters for.</param>
    /// <param name="x">Where the first letter begins, pixels from the left.</param>
    /// <param name="y">Of the base line, pixels from the top.</param>
    /// <param name="size">Height of the font, pixels.</param>
    /// <param name="color">Red, green, blue.</param>
    public void Write(string text, float x, float y, float size, (byte Red, byte Green, byte Blue) color)
    {
        fixed (byte* pixels = _rgba)
        {
            using var surface = SKSurface.Create(_info, (nint)pixels, _info.RowBytes);
            using var font = new SKFont(SKTypeface.Default, size) { Subpixel = true };
            using var paint = new SKPaint { IsAntialias = true };
            paint.Color = new SKColor(color.Red, color.Green, color.Blue);
            surface.Canvas.DrawText(text, x, y, font, paint);
        }
    }

    /// <summary>The picture as a file.</summary>
    /// <param name="format">Png, Jpeg or Webp.</param>
    /// <param name="quality">1 to 100; ignored by PNG, and lossless WebP at 100.</param>
    /// <exception cref="PhysIntuitionException">Skia has no encoder for the format.</exception>
    public byte[] Encode(SKEncodedImageFormat format, int quality = 90)
    {
        fixed (byte* pixels = _rgba)
        {
            using var pixmap = new SKPixmap(_info, (nint)pixels, _info.RowBytes);
            using var file = pixmap.Encode(format, quality) ?? throw new PhysIntuitionException(
                Fault.InvalidArgument, "format",
                $"'format' is {format}, which Skia cannot write; Png, Jpeg and Webp are there. Take one of them.");
            return file.ToArray();
        }
    }

    /// <summary>The pixels: uint8[height, width, 3], sRGB.</summary>
    public byte[] ToRgb()
    {
        var rgb = new byte[_rgba.Length / 4 * 3];
        for (var i = 0; i < rgb.Length / 3; i++)
        {
            _rgba.AsSpan(i * 4, 3).CopyTo(rgb.AsSpan(i * 3));
        }

        return rgb;
    }
}
