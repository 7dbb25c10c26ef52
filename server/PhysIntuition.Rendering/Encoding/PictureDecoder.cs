using SkiaSharp;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>Reads the pictures that people bring: PNG of every kind, JPEG, WebP, GIF, BMP.</summary>
/// <remarks>
/// What is transparent shows white paper, as Qwen's own reader has it; of 16 bits the upper 8 stay; the orientation
/// that a camera notes is carried out; colour profiles are not, as Pillow does not. Equal files give equal pixels.
/// </remarks>
public static unsafe class PictureDecoder
{
    /// <summary>Most pixels of a picture; stops the memory that a forged header would take.</summary>
    public const int MaxPixels = 1 << 26;

    private const string Kinds = "Take a whole PNG, JPEG, WebP, GIF or BMP file.";

    /// <summary>Decodes a file's first picture.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="PhysIntuitionException">It is no picture that is read, is too large, or damaged.</exception>
    public static Picture Decode(ReadOnlySpan<byte> file, string name = "picture")
    {
        fixed (byte* bytes = file)
        {
            using var data = SKData.Create((nint)bytes, file.Length);
            using var stream = new SKMemoryStream(data);
            using var codec = SKCodec.Create(stream, out var result)
                ?? throw Refusal(name, file.IsEmpty ? "it is empty" : ReasonOf(result), Kinds);
            var (width, height) = (codec.Info.Width, codec.Info.Height);
            if ((long)width * height > MaxPixels)
            {
                throw Refusal(name, $"{width} x {height} pixels are more than {MaxPixels}", "Make it smaller.");
            }

            // Without a colour space, so that Skia leaves the samples as they are.
            var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
            var rgba = GC.AllocateUninitializedArray<byte>(info.BytesSize);
            fixed (byte* pixels = rgba)
            {
                result = codec.GetPixels(info, (nint)pixels);
            }

            return result == SKCodecResult.Success
                ? OnPaper(rgba, width, height, codec.EncodedOrigin)
                : throw Refusal(name, ReasonOf(result), Kinds);
        }
    }

    private static Picture OnPaper(byte[] rgba, int width, int height, SKEncodedOrigin origin)
    {
        var (start, right, down) = Steps(origin, width, height);
        var picture = origin < SKEncodedOrigin.LeftTop ? new Picture(width, height) : new Picture(height, width);
        for (var y = 0; y < height; y++)
        {
            var row = rgba.AsSpan(y * width * 4, width * 4);
            var target = start + (y * down);
            for (var x = 0; x < row.Length; x += 4, target += right)
            {
                var pixel = picture.Rgb.AsSpan(target * 3, 3);
                var alpha = row[x + 3];
                for (var channel = 0; channel < 3; channel++)
                {
                    pixel[channel] = alpha == byte.MaxValue ? row[x + channel] : Blend(row[x + channel], alpha);
                }
            }
        }

        return picture;
    }

    // Rounded to the nearest, in Pillow's steps: the same byte for all colours and alphas.
    private static byte Blend(int color, int alpha)
    {
        var sum = (color * alpha) + (byte.MaxValue * (byte.MaxValue - alpha)) + 128;
        return (byte)((sum + (sum >> 8)) >> 8);
    }

    // Where the file's first pixel goes, and how far one to the right and one down of it are, in pixels of the result.
    private static (int Start, int Right, int Down) Steps(SKEncodedOrigin origin, int width, int height) =>
        origin switch
        {
            SKEncodedOrigin.TopRight => (width - 1, -1, width),
            SKEncodedOrigin.BottomRight => ((width * height) - 1, -1, -width),
            SKEncodedOrigin.BottomLeft => (width * (height - 1), 1, -width),
            SKEncodedOrigin.LeftTop => (0, height, 1),
            SKEncodedOrigin.RightTop => (height - 1, height, -1),
            SKEncodedOrigin.RightBottom => ((width * height) - 1, -height, -1),
            SKEncodedOrigin.LeftBottom => (height * (width - 1), -height, 1),
            _ => (0, 1, width),
        };

    private static string ReasonOf(SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput or SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput =>
            "it is damaged or ends too early",
        _ => "it is no picture of a kind that is read",
    };

    private static PhysIntuitionException Refusal(string name, string reason, string remedy) => new(
        Fault.InvalidArgument, "picture", $"'{name}' cannot be read: {reason}. {remedy}");
}
