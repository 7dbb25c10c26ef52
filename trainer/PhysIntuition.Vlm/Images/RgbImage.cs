namespace PhysIntuition.Vlm.Images;

/// <summary>A picture: 8-bit RGB, row-major, three bytes per pixel.</summary>
public sealed class RgbImage
{
    /// <summary>Channels of a pixel.</summary>
    public const int Channels = 3;

    // Far above any model's input; stops the memory that a forged header would take.
    internal const long MaximumPixels = 1 << 28;

    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">height x width x 3 bytes.</param>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.LongLength != (long)width * height * Channels)
        {
            throw new ArgumentException(
                $"pixels has {pixels.Length} bytes; {width} x {height} RGB needs {(long)width * height * Channels}.",
                nameof(pixels));
        }

        (Width, Height, Pixels) = (width, height, pixels);
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>height x width x 3 bytes, the caller's own array.</summary>
    public byte[] Pixels { get; }

    /// <summary>Copies RGBA pixels and drops alpha, without compositing, as the reference preprocessing does.</summary>
    public static RgbImage FromRgba(int width, int height, ReadOnlySpan<byte> rgba)
    {
        var pixels = new byte[checked(width * height * Channels)];
        if (rgba.Length != width * height * 4)
        {
            throw new ArgumentException(
                $"rgba has {rgba.Length} bytes; {width} x {height} RGBA needs {width * height * 4}.", nameof(rgba));
        }

        for (int from = 0, to = 0; to < pixels.Length; from += 4, to += Channels)
        {
            rgba.Slice(from, Channels).CopyTo(pixels.AsSpan(to));
        }

        return new RgbImage(width, height, pixels);
    }

    /// <summary>Reads a PNG or JPEG file, whatever its name says.</summary>
    /// <exception cref="InvalidDataException">The file is neither, or cannot be read; the message says why.</exception>
    public static RgbImage Load(string path)
    {
        var file = File.ReadAllBytes(path);
        return JpegDecoder.IsJpeg(file) ? JpegDecoder.Decode(file) : PngDecoder.Decode(new MemoryStream(file));
    }
}
