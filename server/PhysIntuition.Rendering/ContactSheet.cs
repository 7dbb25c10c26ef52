using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Rendering;

/// <summary>A grid of frames of one size with a caption under each: before, after, verdict.</summary>
public sealed class ContactSheet
{
    private const int Gap = 6;                    // pixels around frames and captions
    private const byte Paper = 250, Ink = 32;     // grey levels

    private readonly List<(byte[] Rgb, string Caption)> _cells = [];
    private readonly int _columns, _width, _height, _captionSize;

    /// <summary>An empty sheet.</summary>
    /// <param name="columns">Frames side by side, at least 1.</param>
    /// <param name="width">Of a frame, pixels, at least 1.</param>
    /// <param name="height">Of a frame, pixels, at least 1.</param>
    /// <param name="captionSize">Of the captions' font, pixels, 6 to 64.</param>
    /// <exception cref="PhysIntuitionException">A number is out of range, or the sheet too wide for a PNG.</exception>
    public ContactSheet(int columns, int width, int height, int captionSize = 12)
    {
        PngEncoder.Require(columns is >= 1 and <= 1000, "columns", columns, "[1, 1000] is allowed. Take 4");
        PngEncoder.Require(captionSize is >= 6 and <= 64, "captionSize", captionSize, "[6, 64] is allowed. Take 12");
        PngEncoder.Check(width, height, PixelFormat.Rgb8);
        (_columns, _width, _height, _captionSize) = (columns, width, height, captionSize);
        PngEncoder.Check(Width, RowHeight, PixelFormat.Rgb8);
    }

    /// <summary>Pixels of the sheet from left to right.</summary>
    public int Width => Gap + (_columns * (_width + Gap));

    /// <summary>Pixels of the sheet from top to bottom; grows with the rows.</summary>
    public int Height => Gap + ((_cells.Count + _columns - 1) / _columns * RowHeight);

    private int RowHeight => _height + (2 * Gap) + Caption.HeightOf(_captionSize);

    /// <summary>Adds the next frame, left to right, then down.</summary>
    /// <param name="rgb">uint8[height, width, 3]; copied.</param>
    /// <param name="caption">Latin, Greek or Cyrillic; ends in an ellipsis where it is wider than the frame.</param>
    /// <exception cref="PhysIntuitionException">The frame has another size.</exception>
    public void Add(ReadOnlySpan<byte> rgb, string caption = "")
    {
        if (rgb.Length != _width * _height * 3)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "rgb",
                $"'rgb' has {rgb.Length} bytes; a frame of {_width} x {_height} has {_width * _height * 3}. " +
                "Draw it at the sheet's size.");
        }

        _cells.Add((rgb.ToArray(), caption));
    }

    /// <summary>The sheet's pixels: uint8[Height, Width, 3].</summary>
    public byte[] ToPixels()
    {
        PngEncoder.Check(Width, Height, PixelFormat.Rgb8);
        var sheet = new byte[Width * Height * 3];
        sheet.AsSpan().Fill(Paper);
        for (var i = 0; i < _cells.Count; i++)
        {
            int left = Gap + (i % _columns * (_width + Gap)), top = Gap + (i / _columns * RowHeight);
            for (var y = 0; y < _height; y++)
            {
                _cells[i].Rgb.AsSpan(y * _width * 3, _width * 3).CopyTo(sheet.AsSpan((((top + y) * Width) + left) * 3));
            }

            var place = (left, top + _height + Gap, _width);
            Caption.Write(_cells[i].Caption, _captionSize, Ink, sheet, Width, place);
        }

        return sheet;
    }

    /// <summary>The sheet as a PNG file.</summary>
    public byte[] ToPng() => PngEncoder.Encode(ToPixels(), Width, Height);
}
