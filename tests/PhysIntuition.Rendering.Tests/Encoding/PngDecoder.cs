using System.Buffers.Binary;
using System.IO.Compression;

namespace PhysIntuition.Rendering.Tests.Encoding;

/// <summary>A decoder of 8-bit PNG files that shares nothing with the encoder: zlib inflates and checks sums.</summary>
internal static class PngDecoder
{
    public static (byte[] Pixels, int Width, int Height, int BytesPerPixel) Decode(ReadOnlySpan<byte> file)
    {
        Assert.Equal("89504E470D0A1A0A", Convert.ToHexString(file[..8]));
        int width = 0, height = 0, bytesPerPixel = 0;
        using var packed = new MemoryStream();
        for (file = file[8..]; !file.IsEmpty;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file);
            var type = System.Text.Encoding.ASCII.GetString(file.Slice(4, 4));
            var body = file.Slice(8, length);
            Assert.Equal(Crc(file.Slice(4, length + 4)), BinaryPrimitives.ReadUInt32BigEndian(file[(8 + length)..]));
            if (type == "IHDR")
            {
                width = BinaryPrimitives.ReadInt32BigEndian(body);
                height = BinaryPrimitives.ReadInt32BigEndian(body[4..]);
                Assert.Equal(8, body[8]);
                bytesPerPixel = body[9] switch { 0 => 1, 2 => 3, _ => throw new InvalidDataException("colour type") };
            }
            else if (type == "IDAT")
            {
                packed.Write(body);
            }

            file = file[(12 + length)..];
        }

        return (Unfilter(Inflate(packed), width, height, bytesPerPixel), width, height, bytesPerPixel);
    }

    private static byte[] Inflate(MemoryStream packed)
    {
        packed.Position = 0;
        using var zlib = new ZLibStream(packed, CompressionMode.Decompress);
        using var rows = new MemoryStream();
        zlib.CopyTo(rows);
        return rows.ToArray();
    }

    private static byte[] Unfilter(byte[] rows, int width, int height, int bytesPerPixel)
    {
        var stride = width * bytesPerPixel;
        Assert.Equal(height * (stride + 1), rows.Length);
        var pixels = new byte[height * stride];
        for (var y = 0; y < height; y++)
        {
            var filter = rows[y * (stride + 1)];
            for (var x = 0; x < stride; x++)
            {
                var left = x < bytesPerPixel ? 0 : pixels[(y * stride) + x - bytesPerPixel];
                var above = y == 0 ? 0 : pixels[((y - 1) * stride) + x];
                var corner = x < bytesPerPixel || y == 0 ? 0 : pixels[((y - 1) * stride) + x - bytesPerPixel];
                var guess = filter switch
                {
                    0 => 0,
                    1 => left,
                    2 => above,
                    3 => (left + above) / 2,
                    4 => Paeth(left, above, corner),
                    _ => throw new InvalidDataException($"filter {filter}"),
                };
                pixels[(y * stride) + x] = (byte)(rows[(y * (stride + 1)) + 1 + x] + guess);
            }
        }

        return pixels;
    }

    private static int Paeth(int left, int above, int corner)
    {
        var guess = left + above - corner;
        int toLeft = Math.Abs(guess - left), toAbove = Math.Abs(guess - above), toCorner = Math.Abs(guess - corner);
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = ~0u;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
            }
        }

        return ~crc;
    }
}
