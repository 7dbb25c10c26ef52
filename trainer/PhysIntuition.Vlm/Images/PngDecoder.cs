using System.Buffers.Binary;
using System.IO.Compression;

namespace PhysIntuition.Vlm.Images;

/// <summary>Reads every kind of PNG (ISO/IEC 15948) into 8-bit RGB.</summary>
/// <remarks>
/// Alpha and transparent colours are dropped, grey is copied to three channels, of 16-bit samples the upper byte
/// stays. Chunks other than IHDR, PLTE, IDAT and IEND, gamma among them, are skipped.
/// </remarks>
public static class PngDecoder
{
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Decodes one picture.</summary>
    /// <param name="stream">Positioned at the signature.</param>
    /// <exception cref="InvalidDataException">The data is not a valid PNG.</exception>
    public static RgbImage Decode(Stream stream)
    {
        try
        {
            return DecodeChunks(stream);
        }
        catch (EndOfStreamException)
        {
            throw new InvalidDataException("PNG ends too early.");
        }
    }

    private static RgbImage DecodeChunks(Stream stream)
    {
        Span<byte> signature = stackalloc byte[8];
        stream.ReadExactly(signature);
        if (!signature.SequenceEqual(Signature))
        {
            throw new InvalidDataException("Not a PNG: the first eight bytes are not its signature.");
        }

        PngFormat? format = null;
        byte[] palette = [];
        using var packed = new MemoryStream();
        while (true)
        {
            var (kind, data) = ReadChunk(stream);
            switch (kind)
            {
                case "IHDR":
                    format = ReadFormat(data);
                    break;
                case "PLTE":
                    palette = data;
                    break;
                case "IDAT":
                    packed.Write(data);
                    break;
                case "IEND":
                    packed.Position = 0;
                    return Unpack(format ?? throw new InvalidDataException("PNG has no IHDR."), palette, packed);
                default:
                    break;
            }
        }
    }

    private static (string Kind, byte[] Data) ReadChunk(Stream stream)
    {
        Span<byte> word = stackalloc byte[4];
        stream.ReadExactly(word);
        var length = BinaryPrimitives.ReadUInt32BigEndian(word);
        if (length > int.MaxValue - 4 || (stream.CanSeek && length > stream.Length - stream.Position))
        {
            throw new EndOfStreamException();
        }

        var named = new byte[length + 4];   // the checksum covers kind and data
        stream.ReadExactly(named);
        stream.ReadExactly(word);
        var kind = System.Text.Encoding.Latin1.GetString(named, 0, 4);
        return BinaryPrimitives.ReadUInt32BigEndian(word) == PngChecksum.Of(named)
            ? (kind, named[4..])
            : throw new InvalidDataException($"PNG chunk {kind} has a wrong checksum.");
    }

    private static PngFormat ReadFormat(byte[] data)
    {
        if (data.Length != 13)
        {
            throw new InvalidDataException($"PNG has an IHDR of {data.Length} bytes; must be 13.");
        }

        var format = new PngFormat(
            BinaryPrimitives.ReadInt32BigEndian(data), BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(4)),
            data[8], (PngColor)data[9], IsInterlaced: data[12] == 1);
        if (format.Width < 1 || format.Height < 1 || (long)format.Width * format.Height > RgbImage.MaximumPixels)
        {
            throw new InvalidDataException(
                $"PNG is {format.Width} x {format.Height}; must have 1 to {RgbImage.MaximumPixels} pixels.");
        }

        return format.IsKnown && data[10] == 0 && data[11] == 0 && data[12] <= 1
            ? format
            : throw new InvalidDataException($"PNG has the unknown format {Convert.ToHexString(data.AsSpan(8))}.");
    }

    private static RgbImage Unpack(PngFormat format, byte[] palette, MemoryStream packed)
    {
        if (format.Color == PngColor.Palette && (palette.Length == 0 || palette.Length % 3 != 0))
        {
            throw new InvalidDataException($"PNG has a palette of {palette.Length} bytes; must be 3 per colour.");
        }

        var image = new RgbImage(format.Width, format.Height, new byte[format.Width * format.Height * 3]);
        using var data = new ZLibStream(packed, CompressionMode.Decompress);
        foreach (var pass in format.Passes)
        {
            DecodePass(data, format, palette, pass, image);
        }

        return image;
    }

    private static void DecodePass(Stream data, PngFormat format, byte[] palette, PngPass pass, RgbImage image)
    {
        var columns = pass.Columns(format.Width);
        var rows = pass.Rows(format.Height);
        if (columns == 0 || rows == 0)
        {
            return;
        }

        var line = new byte[format.BytesPerLine(columns)];
        var before = new byte[line.Length];
        for (var row = 0; row < rows; row++)
        {
            var filter = data.ReadByte();
            data.ReadExactly(line);
            PngFilter.Undo(filter, line, before, format.BytesPerPixel);
            var y = pass.FirstRow + (row * pass.RowStep);
            for (var column = 0; column < columns; column++)
            {
                var at = ((y * format.Width) + pass.FirstColumn + (column * pass.ColumnStep)) * 3;
                format.ReadPixel(line, column, palette, image.Pixels.AsSpan(at, 3));
            }

            (line, before) = (before, line);
        }
    }
}
