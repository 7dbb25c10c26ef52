using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Rendering.Tests.Encoding;

/// <summary>Files as the specification has them, read by a decoder written from its text.</summary>
public sealed class PngSpecificationTests
{
    private static readonly Dictionary<string, Func<int, int, int, byte>> s_patterns = new()
    {
        ["black"] = (_, _, _) => 0,
        ["white"] = (_, _, _) => 255,
        ["columns"] = (x, _, _) => (byte)(x * 85),
        ["rows"] = (_, y, _) => (byte)(y * 51),
        ["slope"] = (x, y, c) => (byte)(x + y + c),
        ["steep slope"] = (x, y, c) => (byte)((7 * x) + (13 * y) + (40 * c)),
        ["checks"] = (x, y, _) => (byte)(((x ^ y) & 1) * 255),
        ["product"] = (x, y, c) => (byte)((x * y) + c),
        ["noise"] = Noise,
        ["half noise"] = (x, y, c) => y % 2 == 0 ? (byte)9 : Noise(x, y, c),
    };

    public static TheoryData<string> Patterns => new(s_patterns.Keys);

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Encode_AnyPatternAndSize_IsReadBackByTheSpecificationsRules(string pattern)
    {
        foreach (var (width, height) in ((int, int)[])[(1, 1), (1, 17), (17, 1), (2, 3), (15, 16), (64, 64), (131, 7)])
        {
            foreach (var format in Enum.GetValues<PixelFormat>())
            {
                var pixels = Paint(pattern, width, height, (int)format);

                var read = PlainPngDecoder.Decode(PngEncoder.Encode(pixels, width, height, format));

                Assert.Equal((width, height, (int)format), (read.Width, read.Height, read.Channels));
                Assert.Equal(pixels, read.Pixels);
            }
        }
    }

    [Fact]
    public void Encode_RunsNearTheLongest_AreReadBack()
    {
        for (var length = 250; length < 530; length += 7)
        {
            var pixels = new byte[length + 20];
            pixels.AsSpan(3, length).Fill(200);

            Assert.Equal(pixels, PlainPngDecoder.Decode(
                PngEncoder.Encode(pixels, pixels.Length, 1, PixelFormat.Grey8)).Pixels);
        }
    }

    [Fact]
    public void Encode_DrawnPictures_AreReadBack()
    {
        for (var seed = 0UL; seed < 6; seed++)
        {
            var pixels = Given.DrawRgb(Given.Clutter(seed, 6), 96, 64);

            Assert.Equal(pixels, PlainPngDecoder.Decode(PngEncoder.Encode(pixels, 96, 64)).Pixels);
        }
    }

    [Fact]
    public void Encode_IntoABuffer_WritesTheSameFileAndSaysItsLength()
    {
        var pixels = Paint("noise", 33, 21, 3);
        var buffer = new byte[PngEncoder.MaxBytes(33, 21, PixelFormat.Rgb8)];

        var length = PngEncoder.Encode(pixels, 33, 21, PixelFormat.Rgb8, buffer);

        Assert.Equal(PngEncoder.Encode(pixels, 33, 21), buffer[..length]);
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Decode_FileOfTheEncoder_GivesItsPixels(string pattern)
    {
        var pixels = Paint(pattern, 40, 30, 3);
        var picture = PictureDecoder.Decode(PngEncoder.Encode(pixels, 40, 30));

        Assert.Equal((40, 30), (picture.Width, picture.Height));
        Assert.Equal(pixels, picture.Rgb);
    }

    private static byte Noise(int x, int y, int channel) =>
        (byte)(new RandomStream((ulong)((x * 3) + channel), (ulong)y).NextBits() >> 56);

    private static byte[] Paint(string pattern, int width, int height, int channels)
    {
        var pixels = new byte[width * height * channels];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = s_patterns[pattern](i / channels % width, i / channels / width, i % channels);
        }

        return pixels;
    }
}
