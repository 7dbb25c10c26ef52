namespace PhysIntuition.Vlm.Images;

/// <summary>How a PNG's samples make a pixel; the numbers are the file's.</summary>
internal enum PngColor : byte
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    Rgba = 6,
}

/// <summary>One pass over the picture: every row and column of a grid; a plain PNG has one pass.</summary>
internal readonly record struct PngPass(int FirstColumn, int FirstRow, int ColumnStep, int RowStep)
{
    public int Columns(int width) => (width - FirstColumn + ColumnStep - 1) / ColumnStep;

    public int Rows(int height) => (height - FirstRow + RowStep - 1) / RowStep;
}

/// <summary>What IHDR says.</summary>
internal sealed record PngFormat(int Width, int Height, int Depth, PngColor Color, bool IsInterlaced)
{
    private static readonly PngPass[] s_plain = [new(0, 0, 1, 1)];

    private static readonly PngPass[] s_adam7 =
    [
        new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4),
        new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2),
    ];

    public bool IsKnown => Color switch
    {
        PngColor.Grey => Depth is 1 or 2 or 4 or 8 or 16,
        PngColor.Palette => Depth is 1 or 2 or 4 or 8,
        PngColor.Rgb or PngColor.GreyAlpha or PngColor.Rgba => Depth is 8 or 16,
        _ => false,
    };

    public ReadOnlySpan<PngPass> Passes => IsInterlaced ? s_adam7 : s_plain;

    /// <summary>The distance of a filter's left neighbour, at least one byte.</summary>
    public int BytesPerPixel => Math.Max(1, Samples * Depth / 8);

    private int Samples => Color switch
    {
        PngColor.Rgb => 3,
        PngColor.GreyAlpha => 2,
        PngColor.Rgba => 4,
        _ => 1,
    };

    public int BytesPerLine(int columns) => (int)((((long)columns * Samples * Depth) + 7) / 8);

    /// <summary>Writes one pixel as RGB.</summary>
    public void ReadPixel(ReadOnlySpan<byte> line, int column, ReadOnlySpan<byte> palette, Span<byte> rgb)
    {
        var at = column * BytesPerPixel;
        switch (Color)
        {
            case PngColor.Palette:
                ReadPalette(Sample(line, column), palette, rgb);
                break;
            case PngColor.Grey:
                rgb.Fill(Depth < 8 ? (byte)(Sample(line, column) * 255 / ((1 << Depth) - 1)) : line[at]);
                break;
            case PngColor.GreyAlpha:
                rgb.Fill(line[at]);
                break;
            default:
                var step = Depth / 8;   // of two bytes the first is the upper one
                (rgb[0], rgb[1], rgb[2]) = (line[at], line[at + step], line[at + (2 * step)]);
                break;
        }
    }

    private static void ReadPalette(int index, ReadOnlySpan<byte> palette, Span<byte> rgb)
    {
        if (index * 3 >= palette.Length)
        {
            throw new InvalidDataException($"PNG uses colour {index} of a palette of {palette.Length / 3}.");
        }

        palette.Slice(index * 3, 3).CopyTo(rgb);
    }

    private int Sample(ReadOnlySpan<byte> line, int column)
    {
        var bit = column * Depth;
        return (line[bit / 8] >> (8 - Depth - (bit % 8))) & ((1 << Depth) - 1);
    }
}
