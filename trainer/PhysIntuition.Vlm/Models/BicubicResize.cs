namespace PhysIntuition.Vlm.Models;

/// <summary>Bicubic resampling with antialiasing on bytes, bit for bit as Pillow does it.</summary>
/// <remarks>
/// Cubic convolution with a = -1/2 (Keys: Cubic Convolution Interpolation for Digital Image Processing, IEEE
/// Transactions on Acoustics, Speech, and Signal Processing 29, 1981), widened when shrinking; first along rows, then
/// along columns, weights in fixed point, bytes rounded and clipped after each pass.
/// </remarks>
public static class BicubicResize
{
    private const double Support = 2;     // the cubic is zero from 2 on
    private const int FixedPointBits = 22; // 32 less 8 for the byte and 2 for weights above 1 and below 0
    private const int Half = 1 << (FixedPointBits - 1);

    /// <summary>Resizes a picture; a side that keeps its length is not filtered.</summary>
    /// <param name="image">The source; returned itself if neither side changes.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="height">Rows of the result.</param>
    public static RgbImage Resize(RgbImage image, int width, int height)
    {
        var wide = image.Width == width ? image : ResizeRows(image, width);
        return wide.Height == height ? wide : ResizeColumns(wide, height);
    }

    private static RgbImage ResizeRows(RgbImage image, int width)
    {
        var kernels = Kernels(image.Width, width);
        var pixels = new byte[width * image.Height * RgbImage.Channels];
        for (var y = 0; y < image.Height; y++)
        {
            var row = image.Pixels.AsSpan(y * image.Width * RgbImage.Channels);
            var output = pixels.AsSpan(y * width * RgbImage.Channels);
            for (var x = 0; x < width; x++)
            {
                Blend(row, kernels[x], output.Slice(x * RgbImage.Channels, RgbImage.Channels));
            }
        }

        return new RgbImage(width, image.Height, pixels);
    }

    private static void Blend(ReadOnlySpan<byte> row, Kernel kernel, Span<byte> pixel)
    {
        int red = Half, green = Half, blue = Half;
        var at = kernel.First * RgbImage.Channels;
        foreach (var weight in kernel.Weights)
        {
            red += weight * row[at];
            green += weight * row[at + 1];
            blue += weight * row[at + 2];
            at += RgbImage.Channels;
        }

        (pixel[0], pixel[1], pixel[2]) = (ToByte(red), ToByte(green), ToByte(blue));
    }

    private static RgbImage ResizeColumns(RgbImage image, int height)
    {
        var kernels = Kernels(image.Height, height);
        var stride = image.Width * RgbImage.Channels;
        var pixels = new byte[stride * height];
        var sums = new int[stride];
        for (var y = 0; y < height; y++)
        {
            sums.AsSpan().Fill(Half);
            var from = kernels[y].First;
            foreach (var weight in kernels[y].Weights)
            {
                Accumulate(image.Pixels.AsSpan(from++ * stride, stride), weight, sums);
            }

            for (var i = 0; i < stride; i++)
            {
                pixels[(y * stride) + i] = ToByte(sums[i]);
            }
        }

        return new RgbImage(image.Width, height, pixels);
    }

    private static void Accumulate(ReadOnlySpan<byte> row, int weight, Span<int> sums)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] += weight * row[i];
        }
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> FixedPointBits, 0, 255);

    private static Kernel[] Kernels(int from, int to)
    {
        var scale = from / (double)to;
        var filterScale = Math.Max(scale, 1);   // above 1 only when shrinking: that is the antialiasing
        var support = Support * filterScale;
        var kernels = new Kernel[to];
        for (var i = 0; i < to; i++)
        {
            var centre = (i + 0.5) * scale;
            var first = Math.Max((int)(centre - support + 0.5), 0);
            var last = Math.Min((int)(centre + support + 0.5), from);
            kernels[i] = new Kernel(first, Weights(first, last - first, centre, 1 / filterScale));
        }

        return kernels;
    }

    private static int[] Weights(int first, int count, double centre, double inverseScale)
    {
        var weights = new double[count];
        double sum = 0;
        for (var k = 0; k < count; k++)
        {
            weights[k] = Cubic((k + first - centre + 0.5) * inverseScale);
            sum += weights[k];
        }

        return Array.ConvertAll(weights, weight =>
        {
            var scaled = weight / sum * (1 << FixedPointBits);
            return (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        });
    }

    // Keys 1981, equation 4, a = -1/2.
    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? (((1.5 * x) - 2.5) * x * x) + 1
            : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * -0.5
            : 0;
    }

    private readonly record struct Kernel(int First, int[] Weights);
}
