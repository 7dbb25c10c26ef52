using System.Diagnostics;
using PhysIntuition.Faults;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Rendering.Tests.Encoding;

public sealed class JpegEncoderTests
{
    [Fact]
    public void Encode_SmoothPicture_DecodesWithinAFewGreyLevels()
    {
        Assert.SkipUnless(JpegEncoder.IsAvailable, "libturbojpeg.so.0 is not installed (package libturbojpeg0).");
        const int width = 50, height = 34;
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < width * height; i++)
        {
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) =
                ((byte)(i % width * 5), (byte)(i / width * 7), 128);
        }

        var decoded = Decode(JpegEncoder.Encode(pixels, width, height, quality: 95));

        Assert.Equal(pixels.Length, decoded.Length);
        Assert.All(pixels.Zip(decoded), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 8));
    }

    [Fact]
    public void Encode_LowerQuality_IsSmaller()
    {
        Assert.SkipUnless(JpegEncoder.IsAvailable, "libturbojpeg.so.0 is not installed (package libturbojpeg0).");
        var pixels = new byte[64 * 64 * 3];
        new Random(1).NextBytes(pixels);

        Assert.True(JpegEncoder.Encode(pixels, 64, 64, 30).Length < JpegEncoder.Encode(pixels, 64, 64, 95).Length);
    }

    [Fact]
    public void Encode_WrongLengthOrQuality_SaysWhatWasExpected()
    {
        Assert.SkipUnless(JpegEncoder.IsAvailable, "libturbojpeg.so.0 is not installed (package libturbojpeg0).");

        var length = Assert.Throws<PhysIntuitionException>(() => JpegEncoder.Encode(new byte[10], 4, 4));
        var quality = Assert.Throws<PhysIntuitionException>(() => JpegEncoder.Encode(new byte[48], 4, 4, 101));

        var side = Assert.Throws<PhysIntuitionException>(() => JpegEncoder.Encode([], 65536, 65536));

        Assert.Contains("48", length.Message, StringComparison.Ordinal);
        Assert.Contains("[1, 100]", quality.Message, StringComparison.Ordinal);
        Assert.Equal(("pixels", "quality", "width"), (length.Field, quality.Field, side.Field));
    }

    // Pillow, a decoder that is not ours.
    private static byte[] Decode(byte[] file)
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
