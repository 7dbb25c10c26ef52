namespace PhysIntuition.Vlm.Models;

/// <summary>Resampling against the cubic written out in double precision, and what holds of every picture.</summary>
public sealed class BicubicResizeTests
{
    public static TheoryData<int, int, int, int> Sizes => new(
        (8, 8, 16, 16), (16, 16, 8, 8), (7, 13, 20, 5), (20, 5, 7, 13), (30, 30, 4, 4), (3, 1, 9, 4), (9, 9, 8, 10));

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Resize_AnyPicture_IsTheCubicToOneLevelPerPass(int width, int height, int toWidth, int toHeight)
    {
        var image = Noise(width, height, seed: (uint)((width * 31) + toWidth));

        var found = BicubicResize.Resize(image, toWidth, toHeight);

        Assert.Equal((toWidth, toHeight), (found.Width, found.Height));
        for (var channel = 0; channel < 3; channel++)
        {
            var source = new double[height, width];
            for (var i = 0; i < width * height; i++)
            {
                source[i / width, i % width] = image.Pixels[(i * 3) + channel];
            }

            // Bytes are rounded and clipped between the passes, which the sums of weights (at most 1.3) carry on.
            var expected = Transposed(Rows(Transposed(Rounded(Rows(source, toWidth))), toHeight));
            for (var i = 0; i < toWidth * toHeight; i++)
            {
                var wanted = Math.Clamp(expected[i / toWidth, i % toWidth], 0, 255);
                Assert.InRange(found.Pixels[(i * 3) + channel] - wanted, -0.51, 0.51);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Resize_OneColour_StaysIt(int width, int height, int toWidth, int toHeight)
    {
        var pixels = Enumerable.Repeat(new byte[] { 0, 131, 255 }, width * height).SelectMany(pixel => pixel).ToArray();

        var found = BicubicResize.Resize(new RgbImage(width, height, pixels), toWidth, toHeight);

        Assert.All(found.Pixels.Chunk(3), pixel => Assert.Equal([0, 131, 255], pixel));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Resize_MirroredPicture_IsTheMirroredResult(int width, int height, int toWidth, int toHeight)
    {
        var image = Noise(width, height, seed: 5);

        var found = BicubicResize.Resize(Mirrored(image), toWidth, toHeight);

        Assert.Equal(Mirrored(BicubicResize.Resize(image, toWidth, toHeight)).Pixels, found.Pixels);
    }

    [Fact]
    public void Resize_ToItsOwnSize_IsThePictureItself()
    {
        var image = Noise(5, 4, seed: 1);

        Assert.Same(image, BicubicResize.Resize(image, 5, 4));
    }

    /// <summary>Every row brought to a width: Keys' cubic, widened when shrinking, cut off at the edges.</summary>
    private static double[,] Rows(double[,] source, int to)
    {
        var (height, width) = (source.GetLength(0), source.GetLength(1));
        var scale = width / (double)to;
        var widening = Math.Max(scale, 1);
        var result = new double[height, to];
        for (var x = 0; x < to; x++)
        {
            var weights = Enumerable.Range(0, width)
                .Select(from => Keys((from + 0.5 - ((x + 0.5) * scale)) / widening)).ToArray();
            for (var y = 0; y < height; y++)
            {
                result[y, x] = weights.Select((weight, from) => weight * source[y, from]).Sum() / weights.Sum();
            }
        }

        return result;
    }

    private static double Keys(double x) => Math.Abs(x) switch
    {
        < 1 and var t => (1.5 * t * t * t) - (2.5 * t * t) + 1,
        < 2 and var t => (-0.5 * t * t * t) + (2.5 * t * t) - (4 * t) + 2,
        _ => 0,
    };

    private static double[,] Rounded(double[,] source)
    {
        var result = (double[,])source.Clone();
        for (var i = 0; i < result.Length; i++)
        {
            ref var value = ref result[i / result.GetLength(1), i % result.GetLength(1)];
            value = Math.Clamp(Math.Floor(value + 0.5), 0, 255);
        }

        return result;
    }

    private static double[,] Transposed(double[,] source)
    {
        var result = new double[source.GetLength(1), source.GetLength(0)];
        for (var i = 0; i < result.Length; i++)
        {
            result[i / result.GetLength(1), i % result.GetLength(1)] =
                source[i % result.GetLength(1), i / result.GetLength(1)];
        }

        return result;
    }

    private static RgbImage Mirrored(RgbImage image) => new(image.Width, image.Height,
    [
        .. Enumerable.Range(0, image.Width * image.Height).SelectMany(i =>
        {
            var from = (i / image.Width * image.Width) + image.Width - 1 - (i % image.Width);
            return image.Pixels[(from * 3)..((from * 3) + 3)];
        }),
    ]);

    private static RgbImage Noise(int width, int height, uint seed)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            seed = (seed * 1664525) + 1013904223;   // Numerical Recipes' generator
            pixels[i] = (byte)(seed >> 24);
        }

        return new RgbImage(width, height, pixels);
    }
}
