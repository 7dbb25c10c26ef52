namespace PhysIntuition.Vlm.Models;

/// <summary>A picture: 8-bit RGB, row-major, three bytes per pixel.</summary>
public sealed class RgbImage
{
    /// <summary>Channels of a pixel.</summary>
    public const int Channels = 3;

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
}
