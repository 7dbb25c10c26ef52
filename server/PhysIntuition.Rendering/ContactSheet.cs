using PhysIntuition.Faults;
using PhysIntuition.Rendering.Overlays;

namespace PhysIntuition.Rendering;

/// <summary>A grid of frames of one size with a caption under each: before, after, verdict.</summary>
/// <param name="columns">Frames side by side, at least 1.</param>
/// <param name="width">Of a frame, pixels.</param>
/// <param name="height">Of a frame, pixels.</param>
/// <param name="captionScale">Pixels per dot of the font, 1 to 8; captions are seven dots high.</param>
public sealed class ContactSheet(int columns, int width, int height, int captionScale = 1)
{
    private const int Gap = 6;                    // pixels around frames and captions
    private const byte Paper = 250, Ink = 32;     // grey levels

    private readonly List<(byte[] Rgb, string Caption)> _cells = [];

    /// <summary>Pixels of the sheet from left to right.</summary>
    public int Width => Gap + (columns * (width + Gap));

    /// <summary>Pixels of the sheet from top to bottom; grows with the rows.</summary>
    public int Height => Gap + ((_cells.Count + columns - 1) / columns * RowHeight);

    private int RowHeight => height + (2 * Gap) + (BitmapFont.Height * captionScale);

    /// <summary>Adds the next frame, left to right, then down.</summary>
    /// <param name="rgb">uint8[height, width, 3]; copied.</param>
    /// <param name="caption">Printable ASCII; cut where it is wider than the frame.</param>
    /// <exception cref="PhysIntuitionException">The frame has another size.</exception>
    public void Add(ReadOnlySpan<byte> rgb, string caption = "")
    {
        if (rgb.Length != width * height * 3)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "rgb",
                $"'rgb' has {rgb.Length} bytes; a frame of {width} x {height} has {width * height * 3}. " +
                "Draw it at the sheet's size.");
        }

        _cells.Add((rgb.ToArray(), caption));
    }

    /// <summary>The sheet's pixels: uint8[Height, Width, 3].</summary>
    public byte[] ToPixels()
    {
        var sheet = new byte[Width * Height * 3];
        sheet.AsSpan().Fill(Paper);
        for (var i = 0; i < _cells.Count; i++)
        {
            int left = Gap + (i % columns * (width + Gap)), top = Gap + (i / columns * RowHeight);
            for (var y = 0; y < height; y++)
            {
                _cells[i].Rgb.AsSpan(y * width * 3, width * 3).CopyTo(sheet.AsSpan((((top + y) * Width) + left) * 3));
            }

            Write(_cells[i].Caption, left, top + height + Gap, sheet);
        }

        return sheet;
    }

    /// <summary>The sheet as a PNG file.</summary>
    public byte[] ToPng() => Encoding.PngEncoder.Encode(ToPixels(), Width, Height);

    private void Write(string caption, int left, int top, byte[] sheet)
    {
        var letters = Math.Min(caption.Length, (width / captionScale + 1) / (BitmapFont.Width + 1));
        for (var x = 0; x < BitmapFont.WidthOf(letters) * captionScale; x++)
        {
            var dot = x / captionScale;
            var dots = BitmapFont.DotsOf(caption[dot / (BitmapFont.Width + 1)]);
            for (var y = 0; y < BitmapFont.Height * captionScale; y++)
            {
                if (BitmapFont.IsSet(dots, dot % (BitmapFont.Width + 1), y / captionScale))
                {
                    sheet.AsSpan((((top + y) * Width) + left + x) * 3, 3).Fill(Ink);
                }
            }
        }
    }
}
