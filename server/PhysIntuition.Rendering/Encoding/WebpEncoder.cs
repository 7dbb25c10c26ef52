using SkiaSharp;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>WebP files: an eighth of a PNG's bytes at a fifteenth of its speed.</summary>
/// <remarks>The bytes may differ between versions of Skia, so nothing that is hashed or compared is a WebP.</remarks>
public static unsafe class WebpEncoder
{
    private const int LargestSide = 16383;   // pixels, of the format

    /// <summary>Encodes one picture.</summary>
    /// <param name="pixels">uint8[height, width, 3], sRGB.</param>
    /// <param name="width">Pixels, 1 to 16383.</param>
    /// <param name="height">Pixels, 1 to 16383.</param>
    /// <param name="quality">1 to 100; 100 is lossless.</param>
    /// <exception cref="PhysIntuitionException">An argument is out of range.</exception>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, int quality = 90)
    {
        PngEncoder.CheckLossy(pixels.Length, width, height, quality, LargestSide);
        var options = quality == 100
            ? new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 0)   // least effort: as small, twice as fast
            : new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, quality);
        return Encode(pixels, width, height, pixmap => pixmap.Encode(options));
    }

    /// <summary>Hands RGB pixels to one of Skia's encoders, which read four bytes a pixel.</summary>
    internal static byte[] Encode(
        ReadOnlySpan<byte> pixels, int width, int height, Func<SKPixmap, SKData?> encode)
    {
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var rgba = GC.AllocateUninitializedArray<byte>(info.BytesSize);
        for (var i = 0; i < width * height; i++)
        {
            pixels.Slice(i * 3, 3).CopyTo(rgba.AsSpan(i * 4));
            rgba[(i * 4) + 3] = byte.MaxValue;
        }

        fixed (byte* start = rgba)
        {
            using var pixmap = new SKPixmap(info, (nint)start, info.RowBytes);
            using var file = encode(pixmap)
                ?? throw new InvalidOperationException($"Skia refused a {width} x {height} picture.");
            return file.ToArray();
        }
    }
}
