using System.Buffers.Binary;
using System.IO.Compression;

namespace PhysIntuition.Rendering.Tests.Encoding;

/// <summary>A PNG decoder straight from the specification's text, which shares no code with the product.</summary>
internal static class PlainPngDecoder
{
    /// <summary>A file's chunks in order, their checksums checked bit by bit.</summary>
    public static List<(string Type, byte[] Data)> Chunks(byte[] file)
    {
        Assert.Equal([137, 80, 78, 71, 13, 10, 26, 10], file[..8]);
        var chunks = new List<(string, byte[])>();
        for (var at = 8; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            var body = file.AsSpan(at + 4, length + 4);
            Assert.Equal(Crc(body), BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)));
            chunks.Add((System.Text.Encoding.ASCII.GetString(body[..4]), body[4..].ToArray()));
            at += 12 + length;
        }

        return chunks;
    }

    /// <summary>The pixels of a picture of 8 bits a channel, not interlaced.</summary>
    public static (int Width, int Height, int Channels, byte[] Pixels) Decode(byte[] file)
    {
        var chunks = Chunks(file);
        var header = chunks[0].Data;
        int width = BinaryPrimitives.ReadInt32BigEndian(header), height = BinaryPrimitives.ReadInt32BigEndian(
            header.AsSpan(4));
        var channels = header[9] switch { 0 => 1, 2 => 3, _ => throw new InvalidDataException("Colour type.") };
        Assert.Equal("IHDR", chunks[0].Type);
        Assert.Equal("IEND", chunks[^1].Type);
        Assert.Equal([8, header[9], 0, 0, 0], header[8..13]);

        return (width, height, channels, Pixels(
            [.. chunks.Where(chunk => chunk.Type == "IDAT").SelectMany(chunk => chunk.Data)], width, height, channels));
    }

    /// <summary>Inflates and undoes the filter of each row.</summary>
    public static byte[] Pixels(byte[] compressed, int width, int height, int channels)
    {
        using var inflated = new MemoryStream();
        using (var zlib = new ZLibStream(new MemoryStream(compressed), CompressionMode.Decompress))
        {
            zlib.CopyTo(inflated);
        }

        var (rows, stride, pixels) = (inflated.ToArray(), width * channels, new byte[width * height * channels]);
        Assert.Equal(height * (stride + 1), rows.Length);
        for (var y = 0; y < height; y++)
        {
            var filter = rows[y * (stride + 1)];
            for (var x = 0; x < stride; x++)
            {
                int raw = rows[(y * (stride + 1)) + 1 + x];
                int left = x >= channels ? pixels[(y * stride) + x - channels] : 0;
                int up = y > 0 ? pixels[((y - 1) * stride) + x] : 0;
                int corner = y > 0 && x >= channels ? pixels[((y - 1) * stride) + x - channels] : 0;
                pixels[(y * stride) + x] = (byte)(raw + filter switch
                {
                    0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, 4 => Paeth(left, up, corner),
                    _ => throw new InvalidDataException($"Filter {filter}."),
                });
            }
        }

        return pixels;
    }

    private static int Paeth(int left, int up, int corner)
    {
        var guess = left + up - corner;
        int toLeft = Math.Abs(guess - left), toUp = Math.Abs(guess - up), toCorner = Math.Abs(guess - corner);

        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFF;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
