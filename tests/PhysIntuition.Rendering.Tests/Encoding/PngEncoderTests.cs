using System.Security.Cryptography;
using PhysIntuition.Faults;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Rendering.Tests.Encoding;

public sealed class PngEncoderTests
{
    [Theory]
    [InlineData(224, 224, PixelFormat.Rgb8)]
    [InlineData(37, 19, PixelFormat.Rgb8)]
    [InlineData(37, 19, PixelFormat.Grey8)]
    [InlineData(1, 1, PixelFormat.Rgb8)]
    [InlineData(1, 1, PixelFormat.Grey8)]
    [InlineData(3000, 2, PixelFormat.Grey8)]
    public void Encode_NoisePixels_DecodeToThemselves(int width, int height, PixelFormat format)
    {
        var random = new RandomStream((ulong)(width + height));
        var pixels = new byte[width * height * (int)format];
        for (var i = 0; i < pixels.Length; i++)
        {
            // Stretches of noise and of flat colour, so that literals, runs and their borders all occur.
            pixels[i] = (i / 700) % 3 == 1 ? (byte)77 : (byte)random.NextInt(0, 1 + (i % 256));
        }

        AssertRoundTrip(pixels, width, height, format);
    }

    [Fact]
    public void Encode_EveryRunLength_DecodesToItself()
    {
        // One row per length of a flat stretch, from 0 to 600: all length codes and the longest run's border.
        const int width = 640, height = 601;
        var pixels = new byte[width * height];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                pixels[(y * width) + x] = x < y ? (byte)200 : (byte)((x * 37) ^ (y * 91));
            }
        }

        AssertRoundTrip(pixels, width, height, PixelFormat.Grey8);
    }

    [Fact]
    public void Encode_SteepHistogram_KeepsCodesWithinTheLimit()
    {
        // Fibonacci counts make the deepest Huffman tree: 24 of them need 23 bits, the limit is 12.
        var values = new List<byte>();
        int low = 1, high = 1;
        for (byte value = 0; value < 24; value++)
        {
            values.AddRange(Enumerable.Repeat((byte)(value * 9), low));
            (low, high) = (high, low + high);
        }

        // As one column there is no left neighbour, and every first residual is the value itself or a difference.
        var random = new RandomStream(5);
        var pixels = values.ToArray();
        random.Shuffle<byte>(pixels);
        AssertRoundTrip(pixels[..30000], 1, 30000, PixelFormat.Grey8);
    }

    [Fact]
    public void Encode_RenderedPicture_IsSmallerThanHalfOfItsPixels()
    {
        var pixels = Given.DrawRgb(Given.Clutter(3, 6), 224, 224);

        var file = PngEncoder.Encode(pixels, 224, 224);

        Assert.InRange(file.Length, 1, pixels.Length / 2);
        Assert.Equal(pixels, PictureDecoder.Decode(file).Rgb);
    }

    [Theory]
    [InlineData(224, 224, PixelFormat.Rgb8, "df172e166ab5acf30cfeaed42bfd5cda")]
    [InlineData(61, 3, PixelFormat.Rgb8, "2810b8e6926262e50479281a87359c93")]
    [InlineData(300, 41, PixelFormat.Grey8, "23e4e1a7e7fcd888f126bb331f890b3a")]
    public void Encode_KnownPixels_GivesTheSameFileForEver(int width, int height, PixelFormat format, string hash)
    {
        var random = new RandomStream((ulong)width);
        var pixels = new byte[width * height * (int)format];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((i / 97) + ((i / 1500) % 2 == 0 ? 0 : random.NextInt(0, 9)));
        }

        var file = PngEncoder.Encode(pixels, width, height, format);

        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(file))[..32]);
    }

    [Theory]
    [InlineData(0, 5, 0, "width")]
    [InlineData(5, 40000, 0, "height")]
    [InlineData(5, 5, 74, "pixels")]
    [InlineData(32768, 32768, 0, "height")]
    public void Encode_WrongSizes_NameTheField(int width, int height, int length, string field)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => PngEncoder.Encode(new byte[length], width, height));

        Assert.Equal(field, fault.Field);
        Assert.Contains($"'{field}' is ", fault.Message, StringComparison.Ordinal);
    }

    private static void AssertRoundTrip(byte[] pixels, int width, int height, PixelFormat format)
    {
        var file = PngEncoder.Encode(pixels, width, height, format);
        var decoded = PictureDecoder.Decode(file);
        var grey = decoded.Rgb.Where((_, i) => i % 3 == 0).ToArray();

        Assert.Equal((width, height), (decoded.Width, decoded.Height));
        Assert.Equal(pixels, format == PixelFormat.Grey8 ? grey : decoded.Rgb);
        Assert.InRange(file.Length, 1, PngEncoder.MaxBytes(width, height, format));
    }
}
