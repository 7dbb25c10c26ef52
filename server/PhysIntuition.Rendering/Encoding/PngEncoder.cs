using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;

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

    /// <summary>The same for encoders that lose something: colour alone, a quality, smaller sides.</summary>
    internal static void CheckLossy(int bytes, int width, int height, int quality, int largestSide)
    {
        var rule = $"1 to {largestSide} pixels are allowed. Crop it";
        Require(width >= 1 && width <= largestSide, "width", width, rule);
        Require(height >= 1 && height <= largestSide, "height", height, rule);
        Require(bytes == (long)width * height * 3, "pixels", bytes,
            $"a picture of {width} x {height} has {(long)width * height * 3} bytes. Pass all of them");
        Require(quality is >= 1 and <= 100, "quality", quality, "[1, 100] is allowed. Take 90");
    }

    internal static void Require(bool isMet, string field, int value, string rule)
    {
        if (!isMet)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, field, $"'{field}' is {value}; {rule}.");
        }
    }
}

/// <summary>The parts of a PNG file: length, type, body, checksum.</summary>
/// <remarks>Each method writes at the start of its target and gives the bytes written.</remarks>
internal static unsafe class PngChunks
{
    /// <summary>Bytes of a chunk before its body.</summary>
    public const int Head = 8;

    /// <summary>Bytes that wide stores may touch beyond the end of compressed pixels.</summary>
    public const int Slack = 16;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>The signature and the header: 8 bits per channel, not interlaced.</summary>
    public static int WriteStart(int width, int height, PixelFormat format, Span<byte> target)
    {
        Signature.CopyTo(target);
        var chunk = target[Signature.Length..];
        var body = chunk[Head..];
        BinaryPrimitives.WriteInt32BigEndian(body, width);
        BinaryPrimitives.WriteInt32BigEndian(body[4..], height);
        body[8] = 8;                                                  // bits per channel
        body[9] = format == PixelFormat.Rgb8 ? (byte)2 : (byte)0;     // colour type
        body.Slice(10, 3).Clear();                                    // deflate, filtered, not interlaced
        return Signature.Length + Write("IHDR"u8, 13, chunk);
    }

    /// <summary>Filtered and compressed pixels.</summary>
    /// <param name="type">Of the chunk.</param>
    /// <param name="prefix">Bytes of the body that stand already at target[8..], before the pixels.</param>
    /// <param name="pixels">uint8[height, width, channels].</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="format">Grey or colour.</param>
    /// <param name="target">At least <see cref="PngEncoder.MaxBytes"/> and the prefix long.</param>
    public static int WritePixels(
        ReadOnlySpan<byte> type, int prefix, ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format,
        Span<byte> target)
    {
        var stride = width * (int)format;
        var length = height * (stride + 1);
        var filtered = ArrayPool<byte>.Shared.Rent(length);
        for (var y = 0; y < height; y++)
        {
            RowFilter.Apply(
                pixels.Slice(y * stride, stride),
                y == 0 ? default : pixels.Slice((y - 1) * stride, stride),
                (int)format,
                filtered.AsSpan(y * (stride + 1), stride + 1));
        }

        var body = target[(Head + prefix)..];
        int written;
        fixed (byte* data = filtered, stream = body)
        {
            written = RunDeflate.Write(data, length, stream, RunDeflate.HasWide);
        }

        ArrayPool<byte>.Shared.Return(filtered);
        return Write(type, prefix + written, target);
    }

    /// <summary>A chunk whose body of this length stands already at target[8..].</summary>
    public static int Write(ReadOnlySpan<byte> type, int length, Span<byte> target)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, length);
        type.CopyTo(target[4..]);
        var checksum = Crc32.HashToUInt32(target.Slice(4, 4 + length));
        BinaryPrimitives.WriteUInt32BigEndian(target[(Head + length)..], checksum);
        return length + Head + 4;
    }
}
