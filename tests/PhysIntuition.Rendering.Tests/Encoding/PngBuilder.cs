using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace PhysIntuition.Rendering.Tests.Encoding;

/// <summary>Writes PNG files of every kind from given samples; filters are taken in turn.</summary>
internal static class PngBuilder
{
    private static readonly (int X, int Y, int StepX, int StepY)[] s_plain = [(0, 0, 1, 1)];

    private static readonly (int X, int Y, int StepX, int StepY)[] s_adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Builds a file.</summary>
    /// <param name="size">Width and height.</param>
    /// <param name="depth">Bits per sample.</param>
    /// <param name="color">The file's colour type: 0, 2, 3, 4 or 6.</param>
    /// <param name="isInterlaced">Adam7 or plain.</param>
    /// <param name="samples">[row, column, channel], each below 2^depth.</param>
    /// <param name="palette">PLTE's bytes, or none.</param>
    public static byte[] Build(
        (int Width, int Height) size, int depth, int color, bool isInterlaced, int[] samples, byte[]? palette = null)
    {
        var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, size.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), size.Height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)color, isInterlaced ? (byte)1 : (byte)0);
        Chunk(file, "IHDR", header);
        Chunk(file, "gAMA", [0, 0, 177, 143]);
        if (palette is not null)
        {
            Chunk(file, "PLTE", palette);
        }

        var data = Pack(size, depth, samples, isInterlaced ? s_adam7 : s_plain);
        Chunk(file, "IDAT", data[..(data.Length / 2)]);   // a stream may be cut into chunks anywhere
        Chunk(file, "IDAT", data[(data.Length / 2)..]);
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static byte[] Pack(
        (int Width, int Height) size, int depth, int[] samples, (int X, int Y, int StepX, int StepY)[] passes)
    {
        var channels = (int)(samples.Length / Math.Max(1, (long)size.Width * size.Height));
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            foreach (var (firstX, firstY, stepX, stepY) in passes)
            {
                byte[]? above = null;
                for (var y = firstY; y < size.Height && firstX < size.Width; y += stepY)
                {
                    var bits = new StringBuilder();
                    for (var x = firstX; x < size.Width; x += stepX)
                    {
                        foreach (var sample in samples.AsSpan(((y * size.Width) + x) * channels, channels))
                        {
                            bits.Append(Convert.ToString(sample, 2).PadLeft(depth, '0'));
                        }
                    }

                    var line = ToBytes(bits.ToString());
                    zlib.Write(Filter(y % 5, line, above ?? new byte[line.Length], Math.Max(1, channels * depth / 8)));
                    above = line;
                }
            }
        }

        return packed.ToArray();
    }

    private static byte[] ToBytes(string bits) =>
        [.. bits.Chunk(8).Select(chunk => Convert.ToByte(new string(chunk).PadRight(8, '0'), 2))];

    private static byte[] Filter(int filter, byte[] line, byte[] above, int distance)
    {
        var output = new byte[line.Length + 1];
        output[0] = (byte)filter;
        for (var i = 0; i < line.Length; i++)
        {
            int left = i < distance ? 0 : line[i - distance], corner = i < distance ? 0 : above[i - distance];
            var guess = left + above[i] - corner;
            var paeth = new[] { left, above[i], corner }.MinBy(value => Math.Abs(value - guess));   // first of equals
            var predicted = new[] { 0, left, above[i], (left + above[i]) / 2, paeth }[filter];
            output[i + 1] = (byte)(line[i] - predicted);
        }

        return output;
    }

    private static void Chunk(Stream file, string kind, byte[] data)
    {
        var named = System.Text.Encoding.ASCII.GetBytes(kind).Concat(data).ToArray();
        var word = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);
        file.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(word, Crc(named));
        file.Write(word);
    }

    /// <summary>CRC-32 bit by bit.</summary>
    private static uint Crc(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
