using System.Buffers;
using PhysIntuition.Faults;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>What the bytes of a picture mean.</summary>
public enum PixelFormat
{
    /// <summary>One byte per pixel: a mask or a grey picture.</summary>
    Grey8 = 1,

    /// <summary>Three bytes per pixel: red, green, blue; sRGB.</summary>
    Rgb8 = 3,
}

/// <summary>PNG files, lossless. Equal pixels give equal bytes on every machine and runtime.</summary>
public static class PngEncoder
{
    private const int LargestSide = 32768;        // pixels
    private const int LargestPicture = 1 << 30;   // bytes; the compressed ones still fit into an array

    /// <summary>Encodes one picture.</summary>
    /// <param name="pixels">uint8[height, width] or uint8[height, width, 3], row-major.</param>
    /// <param name="width">Pixels, 1 to 32768.</param>
    /// <param name="height">Pixels, 1 to 32768; the whole picture has at most 1 GiB.</param>
    /// <param name="format">Grey or colour.</param>
    /// <returns>The whole file.</returns>
    /// <exception cref="PhysIntuitionException">A side or the number of bytes is wrong.</exception>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format = PixelFormat.Rgb8)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes(width, height, format));
        var length = Encode(pixels, width, height, format, buffer);
        var file = buffer.AsSpan(0, length).ToArray();
        ArrayPool<byte>.Shared.Return(buffer);
        return file;
    }

    /// <summary>Most bytes that a file of this size can have.</summary>
    public static int MaxBytes(int width, int height, PixelFormat format)
    {
        Check(width, height, format);
        return RunDeflate.MaxBytes(height * ((width * (int)format) + 1)) + 128 + PngChunks.Slack;
    }

    /// <summary>Encodes one picture into the caller's memory.</summary>
    /// <param name="pixels">uint8[height, width] or uint8[height, width, 3], row-major.</param>
    /// <param name="width">Pixels, 1 to 32768.</param>
    /// <param name="height">Pixels, 1 to 32768; the whole picture has at most 1 GiB.</param>
    /// <param name="format">Grey or colour.</param>
    /// <param name="target">At least <see cref="MaxBytes"/> long.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="PhysIntuitionException">A side or the length of a buffer is wrong.</exception>
    public static int Encode(
        ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, Span<byte> target)
    {
        var most = MaxBytes(width, height, format);
        Require(pixels.Length == width * height * (int)format, "pixels", pixels.Length,
            $"a {width} x {height} picture of {format} has {width * height * (int)format} bytes. Pass all of them");
        Require(target.Length >= most, "target", target.Length, $"at least {most} bytes are allowed. Use MaxBytes");

        var position = PngChunks.WriteStart(width, height, format, target);
        position += PngChunks.WritePixels("IDAT"u8, 0, pixels, width, height, format, target[position..]);
        return position + PngChunks.Write("IEND"u8, 0, target[position..]);
    }

    internal static void Check(int width, int height, PixelFormat format)
    {
        Require(width is >= 1 and <= LargestSide, "width", width, $"1 to {LargestSide} pixels are allowed. Crop it");
        Require(height is >= 1 and <= LargestSide, "height", height, $"1 to {LargestSide} pixels are allowed. Crop it");
        Require(Enum.IsDefined(format), "format", (int)format, "Grey8 and Rgb8 are allowed. Take one of them");
        Require((long)width * height * (int)format <= LargestPicture, "height", height,
            $"a picture {width} pixels wide may have {LargestPicture / width / (int)format} rows. Cut it in pieces");
    }

    internal static void Require(bool isMet, string field, int value, string rule)
    {
        if (!isMet)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, field, $"'{field}' is {value}; {rule}.");
        }
    }
}
