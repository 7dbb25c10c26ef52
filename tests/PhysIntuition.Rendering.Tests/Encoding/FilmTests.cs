using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using PhysIntuition.Faults;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Rendering.Tests.Encoding;

/// <summary>Films are read back by other people's programs: Pillow and ffprobe.</summary>
public sealed class FilmTests
{
    private const string Python = "/usr/bin/python3";
    private const int Width = 40, Height = 24;

    [Fact]
    public void Apng_MovingSquare_DecodesToItsFramesInPillow()
    {
        var frames = MovingSquare(6);
        var file = AnimatedPngEncoder.Encode(frames.SelectMany(frame => frame).ToArray(), Width, Height, 20);

        var lines = RunPillow(file);

        Assert.Equal(frames.Length, lines.Length);
        for (var i = 0; i < frames.Length; i++)
        {
            // 1000 / 20 ms each; the last stays a second longer.
            var ticks = i == frames.Length - 1 ? 21 : 1;
            var hash = Convert.ToHexStringLower(SHA256.HashData(frames[i]));
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{ticks * 50} {hash}"), lines[i]);
        }
    }

    [Fact]
    public void Apng_EqualFrames_BecomeOneThatStaysLonger()
    {
        var still = MovingSquare(1)[0];

        var lines = RunPillow(AnimatedPngEncoder.Encode([.. still, .. still, .. still], Width, Height, 10));

        Assert.Equal("1300", Assert.Single(lines).Split(' ')[0]);
    }

    [Fact]
    public void Apng_FirstFrame_IsWhatAPlainDecoderShows()
    {
        var frames = MovingSquare(3);

        var file = AnimatedPngEncoder.Encode(frames.SelectMany(frame => frame).ToArray(), Width, Height);

        Assert.Equal(frames[0], PictureDecoder.Decode(file).Rgb);
    }

    [Theory]
    [InlineData(0, 30, 0, "frames")]
    [InlineData(Width * Height * 3 + 1, 30, 0, "frames")]
    [InlineData(Width * Height * 3, 0, 0, "framesPerSecond")]
    [InlineData(Width * Height * 3, 241, 0, "framesPerSecond")]
    [InlineData(Width * Height * 3, 30, -1, "plays")]
    public void Apng_WrongArguments_NameTheField(int length, int rate, int plays, string field)
    {
        var fault = Assert.Throws<PhysIntuitionException>(
            () => AnimatedPngEncoder.Encode(new byte[length], Width, Height, rate, plays));

        Assert.Equal(field, fault.Field);
    }

    [Theory]
    [InlineData(".mp4", "h264")]
    [InlineData(".webm", "vp9")]
    public void Video_MovingSquare_HasItsFramesInFfprobe(string ending, string codec)
    {
        Assert.SkipUnless(VideoEncoder.IsAvailable, "ffmpeg is not installed (package ffmpeg).");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ending);
        try
        {
            VideoEncoder.Write(MovingSquare(12).SelectMany(frame => frame).ToArray(), Width, Height, 24, path);

            Assert.Equal($"{codec},{Width},{Height},24/1,12", Run("ffprobe",
                "-v", "error", "-count_frames", "-of", "csv=p=0", "-show_entries",
                "stream=codec_name,width,height,r_frame_rate,nb_read_frames", path).Trim());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Video_UnknownEnding_SaysWhichThereAre()
    {
        var fault = Assert.Throws<PhysIntuitionException>(
            () => VideoEncoder.Write(new byte[Width * Height * 3], Width, Height, 30, "film.gif"));

        Assert.Contains(".mp4 or .webm", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 2, 30, "width")]
    [InlineData(2, 1, 30, "height")]
    [InlineData(2, 2, 0, "framesPerSecond")]
    [InlineData(2, 2, 241, "framesPerSecond")]
    public void Video_WrongArguments_NameTheField(int width, int height, int rate, string field)
    {
        var fault = Assert.Throws<PhysIntuitionException>(
            () => VideoEncoder.Write(new byte[width * height * 3], width, height, rate, "film.mp4"));

        Assert.Equal(field, fault.Field);
    }

    // A square of 5 x 5 pixels moves three pixels a frame over a grey ramp.
    private static byte[][] MovingSquare(int count) => [.. Enumerable.Range(0, count).Select(frame =>
    {
        var rgb = new byte[Width * Height * 3];
        for (var i = 0; i < Width * Height; i++)
        {
            var (x, y) = (i % Width, i / Width);
            var isSquare = x - (3 * frame) is >= 0 and < 5 && y is >= 7 and < 12;
            rgb.AsSpan(i * 3, 3).Fill(isSquare ? (byte)220 : (byte)(x + y));
        }

        return rgb;
    })];

    private static string[] RunPillow(byte[] file)
    {
        const string script =
            """
            import hashlib, sys
            from PIL import Image
            film = Image.open(sys.argv[1])
            for i in range(film.n_frames):
                film.seek(i)
                print(round(film.info["duration"]), hashlib.sha256(film.convert("RGB").tobytes()).hexdigest())
            """;
        Assert.SkipUnless(HasPillow(), "Pillow is not installed (package python3-pil).");
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, file);
            return Run(Python, "-c", script, path).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static bool HasPillow()
    {
        if (!File.Exists(Python))
        {
            return false;
        }

        using var python = Process.Start(new ProcessStartInfo(Python, ["-c", "import PIL"])
        {
            RedirectStandardError = true,
        })!;
        python.WaitForExit();
        return python.ExitCode == 0;
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)));
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
