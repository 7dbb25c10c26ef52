using System.Diagnostics;
using PhysIntuition.Faults;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Rendering.Tests.Encoding;

/// <summary>What every lossy encoder keeps: JPEG through either library, WebP.</summary>
public sealed class LossyEncoderTests
{
    private const string Jpeg = "jpeg", AnyJpeg = "jpeg through Skia", Webp = "webp";
    private const int Width = 50, Height = 34;

    [Theory]
    [InlineData(Jpeg)]
    [InlineData(AnyJpeg)]
    [InlineData(Webp)]
    public void Encode_SmoothPicture_DecodesWithinAFewGreyLevelsInPillow(string encoder)
    {
        var pixels = Smooth();

        var decoded = DecodeWithPillow(Encode(encoder, pixels, quality: 95));

        Assert.Equal(pixels.Length, decoded.Length);
        Assert.All(pixels.Zip(decoded), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 8));
    }

    [Theory]
    [InlineData(Jpeg)]
    [InlineData(AnyJpeg)]
    [InlineData(Webp)]
    public void Encode_LowerQuality_IsSmaller(string encoder)
    {
        var random = new RandomStream(1);
        var pixels = new byte[Width * Height * 3];
        foreach (ref var value in pixels.AsSpan())
        {
            value = (byte)random.NextInt(0, 256);
        }

        Assert.True(Encode(encoder, pixels, 30).Length < Encode(encoder, pixels, 95).Length);
    }

    [Theory]
    [InlineData(Jpeg)]
    [InlineData(AnyJpeg)]
    public void Encode_ColouredEdge_StaysSharp(string encoder)
    {
        // Red meets blue inside a block: with halved colour (4:2:0) the columns beside the edge would turn purple.
        var pixels = new byte[Width * Height * 3];
        for (var i = 0; i < Width * Height; i++)
        {
            pixels[(i * 3) + (i % Width < 21 ? 0 : 2)] = 200;
        }

        var decoded = PictureDecoder.Decode(Encode(encoder, pixels, 95)).Rgb;

        Assert.All(pixels.Zip(decoded), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 24));
    }

    [Fact]
    public void WebpEncode_HighestQuality_LosesNothing()
    {
        var pixels = Smooth();

        Assert.Equal(pixels, PictureDecoder.Decode(WebpEncoder.Encode(pixels, Width, Height, 100)).Rgb);
    }

    [Theory]
    [InlineData(10, 4, 4, 90, "pixels", "48")]
    [InlineData(48, 4, 4, 101, "quality", "[1, 100]")]
    [InlineData(0, 65536, 65536, 90, "width", "1 to")]
    [InlineData(0, 4, 0, 90, "height", "1 to")]
    public void Encode_WrongArguments_NameTheField(
        int length, int width, int height, int quality, string field, string says)
    {
        var jpeg = Assert.Throws<PhysIntuitionException>(
            () => JpegEncoder.Encode(new byte[length], width, height, quality));
        var webp = Assert.Throws<PhysIntuitionException>(
            () => WebpEncoder.Encode(new byte[length], width, height, quality));

        Assert.Equal((field, field), (jpeg.Field, webp.Field));
        Assert.Contains(says, jpeg.Message, StringComparison.Ordinal);
        Assert.Contains(says, webp.Message, StringComparison.Ordinal);
    }

    private static byte[] Encode(string encoder, byte[] pixels, int quality) => encoder switch
    {
        Jpeg => JpegEncoder.Encode(pixels, Width, Height, quality),
        AnyJpeg => JpegEncoder.EncodeAnywhere(pixels, Width, Height, quality),
        _ => WebpEncoder.Encode(pixels, Width, Height, quality),
    };

    private static byte[] Smooth()
    {
        var pixels = new byte[Width * Height * 3];
        for (var i = 0; i < Width * Height; i++)
        {
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) =
                ((byte)(i % Width * 5), (byte)(i / Width * 7), 128);
        }

        return pixels;
    }

    // A decoder that shares nothing with the encoders.
    private static byte[] DecodeWithPillow(byte[] file)
    {
        var start = new ProcessStartInfo("/usr/bin/python3",
            ["-c", "import io,sys;from PIL import Image;" +
                "sys.stdout.buffer.write(Image.open(io.BytesIO(sys.stdin.buffer.read())).convert('RGB').tobytes())"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var python = Process.Start(start)!;
        python.StandardInput.BaseStream.Write(file);
        python.StandardInput.Close();
        using var pixels = new MemoryStream();
        python.StandardOutput.BaseStream.CopyTo(pixels);
        python.WaitForExit();
        return pixels.ToArray();
    }
}
