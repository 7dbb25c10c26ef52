namespace PhysIntuition.Vlm.Models;

/// <summary>The size to which a picture is brought: whole tokens, a bounded area, about its own shape.</summary>
/// <remarks>Doubles in the reference's order of operations, so that every size is exactly the reference's.</remarks>
public static class SmartResize
{
    private const double MaximumAspect = 200;   // the reference refuses longer strips

    /// <summary>The size of one picture.</summary>
    /// <param name="height">Rows of the source.</param>
    /// <param name="width">Columns of the source.</param>
    /// <param name="factor">Pixels along one token's side: patch size times merge size.</param>
    /// <param name="minPixels">Fewest pixels; smaller pictures are enlarged.</param>
    /// <param name="maxPixels">Most pixels.</param>
    /// <exception cref="ArgumentException">One side is more than 200 times the other.</exception>
    public static (int Height, int Width) Fit(int height, int width, int factor, long minPixels, long maxPixels)
    {
        CheckAspect(height, width);
        var fitted = (Height: Round(height, factor), Width: Round(width, factor));
        var pixels = fitted.Height * fitted.Width;
        var area = (double)((long)height * width);
        if (pixels > maxPixels)
        {
            var shrink = Math.Sqrt(area / maxPixels);
            return ((int)Math.Max(factor, Math.Floor(height / shrink / factor) * factor),
                (int)Math.Max(factor, Math.Floor(width / shrink / factor) * factor));
        }

        if (pixels < minPixels)
        {
            var grow = Math.Sqrt(minPixels / area);
            return ((int)(Math.Ceiling(height * grow / factor) * factor),
                (int)(Math.Ceiling(width * grow / factor) * factor));
        }

        return ((int)fitted.Height, (int)fitted.Width);
    }

    private static long Round(int side, int factor) =>
        (long)Math.Round(side / (double)factor, MidpointRounding.ToEven) * factor;

    private static void CheckAspect(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (Math.Max(height, width) / (double)Math.Min(height, width) > MaximumAspect)
        {
            throw new ArgumentException(
                $"The picture is {width} x {height}; a side may be at most {MaximumAspect} times the other. Crop it.");
        }
    }
}
