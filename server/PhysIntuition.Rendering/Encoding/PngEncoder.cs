using System.Buffers;
using System.Buffers.Binary;
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
public static unsafe class PngEncoder
{
    private const int LargestSide = 32768;   // pixels
    private const int Slack = 16;            // bytes that wide loads and stores may touch beyond the end

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>Encodes one picture.</summary>
    /// <param name="pixels">uint8[height, width] or uint8[height, width, 3], row-major.</param>
    /// <param name="width">Pixels, 1 to 32768.</param>
    /// <param name="height">Pixels, 1 to 32768.</param>
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
        return checked(RunDeflate.MaxBytes(height * ((width * (int)format) + 1)) + 128 + Slack);
    }

    /// <summary>Encodes one picture into the caller's memory.</summary>
    /// <param name="pixels">uint8[height, width] or uint8[height, width, 3], row-major.</param>
    /// <param name="width">Pixels, 1 to 32768.</param>
    /// <param name="height">Pixels, 1 to 32768.</param>
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

        Signature.CopyTo(target);
        var position = Signature.Length + WriteHeader(width, height, format, target[Signature.Length..]);
        position += WritePixels(pixels, width, height, (int)format, target[position..]);
        return position + WriteChunk("IEND"u8, 0, target[position..]);
    }

    private static int WriteHeader(int width, int height, PixelFormat format, Span<byte> target)
    {
        var body = target[8..];
        BinaryPrimitives.WriteInt32BigEndian(body, width);
        BinaryPrimitives.WriteInt32BigEndian(body[4..], height);
        body[8] = 8;                                                  // bits per channel
        body[9] = format == PixelFormat.Rgb8 ? (byte)2 : (byte)0;     // colour type
        body.Slice(10, 3).Clear();                                    // deflate, filtered, not interlaced
        return WriteChunk("IHDR"u8, 13, target);
    }

    private static int WritePixels(
        ReadOnlySpan<byte> pixels, int width, int height, int bytesPerPixel, Span<byte> target)
    {
        var stride = width * bytesPerPixel;
        var length = height * (stride + 1);
        var filtered = ArrayPool<byte>.Shared.Rent(length + stride + Slack);
        for (var y = 0; y < height; y++)
        {
            RowFilter.Apply(
                pixels.Slice(y * stride, stride),
                y == 0 ? default : pixels.Slice((y - 1) * stride, stride),
                bytesPerPixel,
                filtered.AsSpan(y * (stride + 1), stride + 1),
                filtered.AsSpan(length, stride));
        }

        var body = target[8..];
        body[0] = 0x78;                                               // zlib, window of 32 KiB
        body[1] = 0x01;                                               // fastest; makes the header a multiple of 31
        int written;
        fixed (byte* data = filtered, stream = body)
        {
            written = 2 + RunDeflate.Write(data, length, stream + 2);
        }

        BinaryPrimitives.WriteUInt32BigEndian(body[written..], Checksums.Adler(filtered.AsSpan(0, length)));
        ArrayPool<byte>.Shared.Return(filtered);
        return WriteChunk("IDAT"u8, written + 4, target);
    }

    // The body stands already at target[8..].
    private static int WriteChunk(ReadOnlySpan<byte> type, int length, Span<byte> target)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, length);
        type.CopyTo(target[4..]);
        BinaryPrimitives.WriteUInt32BigEndian(target[(8 + length)..], Checksums.Crc(target.Slice(4, 4 + length)));
        return length + 12;
    }

    private static void Check(int width, int height, PixelFormat format)
    {
        Require(width is >= 1 and <= LargestSide, "width", width, $"1 to {LargestSide} pixels are allowed. Crop it");
        Require(height is >= 1 and <= LargestSide, "height", height, $"1 to {LargestSide} pixels are allowed. Crop it");
        Require(Enum.IsDefined(format), "format", (int)format, "Grey8 and Rgb8 are allowed. Take one of them");
    }

    private static void Require(bool isMet, string field, int value, string rule)
    {
        if (!isMet)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, field, $"'{field}' is {value}; {rule}.");
        }
    }
}
