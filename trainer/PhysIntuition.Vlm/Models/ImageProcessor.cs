namespace PhysIntuition.Vlm.Models;

/// <summary>Turns pictures and videos into the patches of a vision tower; safe to share between threads.</summary>
public sealed class ImageProcessor
{
    private readonly float[] _normalised;   // [channel, byte]: there are only 768 different samples

    /// <summary>Prepares the table of samples.</summary>
    public ImageProcessor(ImageOptions options)
    {
        Options = options;
        _normalised = new float[RgbImage.Channels * 256];
        for (var i = 0; i < _normalised.Length; i++)
        {
            var (channel, value) = (i / 256, i % 256);
            var scaled = (float)(value * (1 / 255.0));
            _normalised[i] = (scaled - (float)options.Mean[channel]) / (float)options.Deviation[channel];
        }
    }

    /// <summary>How pictures become patches.</summary>
    public ImageOptions Options { get; }

    /// <summary>Tokens that a grid takes in the text.</summary>
    public int Tokens(PatchGrid grid) => grid.Tokens(Options.MergeSize);

    /// <summary>Resizes one picture and cuts it into patches; time has one patch that holds it twice.</summary>
    /// <exception cref="ArgumentException">One side is more than 200 times the other.</exception>
    public ImagePatches Process(RgbImage image)
    {
        var (height, width) = SmartResize.Fit(
            image.Height, image.Width, Options.TokenSize, Options.MinPixels, Options.MaxPixels);
        return Cut(BicubicResize.Resize(image, width, height));
    }

    // Of a size of whole tokens.
    private ImagePatches Cut(RgbImage image)
    {
        var (patch, merge, depth) = (Options.PatchSize, Options.MergeSize, Options.TemporalPatchSize);
        var grid = new PatchGrid(1, image.Height / patch, image.Width / patch);
        var rowLength = RgbImage.Channels * depth * patch * patch;
        var values = new float[grid.Count * rowLength];   // [patch, channel * frame * y * x]
        var (rows, columns) = PatchOrder.Of(grid, merge);
        var row = 0;
        foreach (var (y, x) in rows.Zip(columns))
        {
            CutPatch(image, y * patch, x * patch, values.AsSpan(row++ * rowLength, rowLength));
        }

        return new ImagePatches(values, grid);
    }

    private void CutPatch(RgbImage image, int top, int left, Span<float> row)
    {
        var patch = Options.PatchSize;
        for (var channel = 0; channel < RgbImage.Channels; channel++)
        {
            var table = _normalised.AsSpan(channel * 256, 256);
            for (var depth = 0; depth < Options.TemporalPatchSize; depth++)
            {
                for (var y = 0; y < patch; y++)
                {
                    var at = ((((top + y) * image.Width) + left) * RgbImage.Channels) + channel;
                    for (var x = 0; x < patch; x++)
                    {
                        row[x] = table[image.Pixels[at + (x * RgbImage.Channels)]];
                    }

                    row = row[patch..];
                }
            }
        }
    }
}

/// <summary>Patches of one picture or video along time, height and width, before merging.</summary>
/// <param name="Time">Temporal patches; 1 for a picture.</param>
/// <param name="Height">Patches from top to bottom.</param>
/// <param name="Width">Patches from left to right.</param>
public readonly record struct PatchGrid(int Time, int Height, int Width)
{
    /// <summary>Number of patches.</summary>
    public int Count => Time * FrameArea;

    /// <summary>Patches of one frame.</summary>
    public int FrameArea => Height * Width;

    /// <summary>Tokens after squares of patches are merged.</summary>
    /// <param name="mergeSize">Patches along a square's side.</param>
    public int Tokens(int mergeSize) => Count / (mergeSize * mergeSize);
}

/// <summary>What the vision tower sees of one picture or video.</summary>
/// <param name="Values">
/// Normalised samples, [patch, channel x frame x row x column], row-major. Patches are ordered by time, then by merge
/// block (row-major), then inside the block (row-major), so that one token's patches are neighbours.
/// </param>
/// <param name="Grid">The patches' arrangement.</param>
public sealed record ImagePatches(float[] Values, PatchGrid Grid)
{
    /// <summary>Samples of one patch.</summary>
    public int RowLength => Values.Length / Grid.Count;
}

/// <summary>The order of patches in pixel values: merge squares row-major, inside a square row-major.</summary>
internal static class PatchOrder
{
    /// <summary>Row and column of every patch of one frame, in order.</summary>
    internal static (int[] Rows, int[] Columns) Of(PatchGrid grid, int merge)
    {
        var rows = new int[grid.FrameArea];
        var columns = new int[grid.FrameArea];
        var next = 0;
        for (var squareRow = 0; squareRow < grid.Height; squareRow += merge)
        {
            for (var squareColumn = 0; squareColumn < grid.Width; squareColumn += merge)
            {
                for (var inside = 0; inside < merge * merge; inside++)
                {
                    rows[next] = squareRow + (inside / merge);
                    columns[next++] = squareColumn + (inside % merge);
                }
            }
        }

        return (rows, columns);
    }
}
