using System.Buffers.Binary;
using System.IO.Compression;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Pictures;

/// <summary>Reads PNG files: 8 bits a channel, grey, RGB, palette or with alpha, not interlaced.</summary>
public static class PngReader
{
    private const int MaxSide = 8192;

    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; its name appears in errors.</param>
    /// <exception cref="PhysIntuitionException">The file is no PNG of a kind that is read.</exception>
    public static Picture Read(string path)
    {
        try
        {
            return Decode(File.ReadAllBytes(path));
        }
        catch (Exception exception)
            when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "pictures",
                $"'{Path.GetFileName(path)}' cannot be read ({exception.Message}); pictures must be PNG files with "
                + "8 bits a channel, not interlaced. Convert it.");
        }
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="InvalidDataException">They are no PNG of a kind that is read.</exception>
    public static Picture Decode(ReadOnlySpan<byte> file)
    {
        try
        {
            return DecodeChunks(file);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new InvalidDataException("a chunk or a colour points past its end");
        }
    }

    private static Picture DecodeChunks(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(Signature))
        {
            throw new InvalidDataException("no PNG signature");
        }

        var (width, height, kind) = (0, 0, (byte)0);
        byte[] palette = [];
        using var packed = new MemoryStream();
        for (var rest = file[8..]; rest.Length >= 12;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            var name = rest.Slice(4, 4);
            var data = rest.Slice(8, length);
            if (name.SequenceEqual("IHDR"u8))
            {
                (width, height, kind) = ReadHeader(data);
            }
            else if (name.SequenceEqual("PLTE"u8))
            {
                palette = data.ToArray();
            }
            else if (name.SequenceEqual("IDAT"u8))
            {
                packed.Write(data);
            }

            rest = rest[(length + 12)..];
        }

        if (width == 0)
        {
            throw new InvalidDataException("no header");
        }

        packed.Position = 0;
        return Unpack(packed, width, height, kind, palette);
    }

    private static (int Width, int Height, byte Kind) ReadHeader(ReadOnlySpan<byte> data)
    {
        if (data.Length < 13)
        {
            throw new InvalidDataException("a short header");
        }

        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(data), BinaryPrimitives.ReadInt32BigEndian(
            data[4..]));
        if (width is < 1 or > MaxSide || height is < 1 or > MaxSide || data[8] != 8 || data[12] != 0)
        {
            throw new InvalidDataException($"{width} x {height}, {data[8]} bits, interlace {data[12]}");
        }

        return (width, height, data[9]);
    }

    private static Picture Unpack(Stream packed, int width, int height, byte kind, byte[] palette)
    {
        var channels = kind switch
        {
            0 or 3 => 1, 2 => 3, 4 => 2, 6 => 4, _ => throw new InvalidDataException($"colour type {kind}"),
        };
        using var stream = new ZLibStream(packed, CompressionMode.Decompress);
        var picture = new Picture(width, height);
        var (row, above) = (new byte[width * channels], new byte[width * channels]);
        for (var y = 0; y < height; y++)
        {
            var filter = stream.ReadByte();
            stream.ReadExactly(row);
            Unfilter(filter, row, above, channels);
            for (var x = 0; x < width; x++)
            {
                var target = picture.Rgb.AsSpan(((y * width) + x) * 3, 3);
                ReadOnlySpan<byte> pixel = row.AsSpan(x * channels, channels);
                if (kind == 3)
                {
                    palette.AsSpan(pixel[0] * 3, 3).CopyTo(target);
                }
                else if (channels < 3)
                {
                    target.Fill(pixel[0]);
                }
                else
                {
                    pixel[..3].CopyTo(target);
                }
            }

            (row, above) = (above, row);
        }

        return picture;
    }

    // PNG specification (W3C, second edition), section 9: a is left, b above, c above left.
    private static void Unfilter(int filter, byte[] row, byte[] above, int channels)
    {
        for (var i = 0; i < row.Length; i++)
        {
            int a = i >= channels ? row[i - channels] : 0, b = above[i], c = i >= channels ? above[i - channels] : 0;
            row[i] += (byte)(filter switch
            {
                0 => 0,
                1 => a,
                2 => b,
                3 => (a + b) / 2,
                4 => Paeth(a, b, c),
                _ => throw new InvalidDataException($"row filter {filter}"),
            });
        }
    }

    private static int Paeth(int a, int b, int c)
    {
        var (toA, toB, toC) = (Math.Abs(b - c), Math.Abs(a - c), Math.Abs(a + b - c - c));

        return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    }
}
