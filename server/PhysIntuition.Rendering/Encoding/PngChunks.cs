using System.Buffers;
using System.Buffers.Binary;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>The parts of a PNG file: length, type, body, checksum.</summary>
/// <remarks>Each method writes at the start of its target and gives the bytes written.</remarks>
internal static unsafe class PngChunks
{
    /// <summary>Bytes of a chunk before its body.</summary>
    public const int Head = 8;

    /// <summary>Bytes that wide loads and stores may touch beyond the end of compressed pixels.</summary>
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
        var filtered = ArrayPool<byte>.Shared.Rent(length + stride + Slack);
        for (var y = 0; y < height; y++)
        {
            RowFilter.Apply(
                pixels.Slice(y * stride, stride),
                y == 0 ? default : pixels.Slice((y - 1) * stride, stride),
                (int)format,
                filtered.AsSpan(y * (stride + 1), stride + 1),
                filtered.AsSpan(length, stride));
        }

        var body = target[(Head + prefix)..];
        body[0] = 0x78;                                               // zlib, window of 32 KiB
        body[1] = 0x01;                                               // fastest; makes the header a multiple of 31
        int written;
        fixed (byte* data = filtered, stream = body)
        {
            written = 2 + RunDeflate.Write(data, length, stream + 2);
        }

        BinaryPrimitives.WriteUInt32BigEndian(body[written..], Checksums.Adler(filtered.AsSpan(0, length)));
        ArrayPool<byte>.Shared.Return(filtered);
        return Write(type, prefix + written + 4, target);
    }

    /// <summary>A chunk whose body of this length stands already at target[8..].</summary>
    public static int Write(ReadOnlySpan<byte> type, int length, Span<byte> target)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, length);
        type.CopyTo(target[4..]);
        BinaryPrimitives.WriteUInt32BigEndian(target[(Head + length)..], Checksums.Crc(target.Slice(4, 4 + length)));
        return length + Head + 4;
    }
}
