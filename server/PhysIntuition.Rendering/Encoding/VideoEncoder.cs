using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>MP4 and WebM files through the system's ffmpeg, where it is installed.</summary>
/// <remarks>Lossy, and the bytes differ between versions of ffmpeg: for people to look at, never to compare.</remarks>
public static class VideoEncoder
{
    private const string Program = "ffmpeg";

    /// <summary>Whether ffmpeg is on the path (package ffmpeg).</summary>
    public static bool IsAvailable { get; } = FindProgram();

    /// <summary>Encodes frames of one size into a file.</summary>
    /// <param name="frames">uint8[count, height, width, 3], sRGB.</param>
    /// <param name="width">Pixels, 2 to 32768; an odd side loses its last column or row.</param>
    /// <param name="height">Pixels, 2 to 32768.</param>
    /// <param name="framesPerSecond">1 to 240.</param>
    /// <param name="path">Ends in .mp4 (H.264) or .webm (VP9); overwritten.</param>
    /// <exception cref="PhysIntuitionException">ffmpeg is missing, failed, or an argument is wrong.</exception>
    public static void Write(ReadOnlySpan<byte> frames, int width, int height, int framesPerSecond, string path)
    {
        var codec = CodecOf(path);
        PngEncoder.Check(width, height, PixelFormat.Rgb8);
        PngEncoder.Require(width > 1, "width", width, "2 pixels are the least of a video. Take an animated PNG");
        PngEncoder.Require(height > 1, "height", height, "2 pixels are the least of a video. Take an animated PNG");
        AnimatedPngEncoder.CheckRate(framesPerSecond);
        PngEncoder.Require(frames.Length > 0 && frames.Length % (width * height * 3) == 0, "frames", frames.Length,
            $"a frame of {width} x {height} has {width * height * 3} bytes. Pass whole frames");
        if (!IsAvailable)
        {
            throw new PhysIntuitionException(Fault.Unavailable, "path",
                $"'{Path.GetFileName(path)}' wants ffmpeg, and there is none on the path. Install the package " +
                "ffmpeg, or name a file that ends in .png: animated PNG needs nothing.");
        }

        using var ffmpeg = Start(width, height, framesPerSecond, codec, path);
        var errors = ffmpeg.StandardError.ReadToEndAsync();
        try
        {
            ffmpeg.StandardInput.BaseStream.Write(frames);
            ffmpeg.StandardInput.Close();
        }
        catch (IOException)
        {
            // It closed its input before the end: its exit code and message say why.
        }

        ffmpeg.WaitForExit();
        if (ffmpeg.ExitCode != 0)
        {
            throw new PhysIntuitionException(Fault.Unavailable, "path",
                $"ffmpeg could not write '{path}': {errors.Result.Trim()} An animated PNG (.png) needs no ffmpeg.");
        }
    }

    private static Process Start(int width, int height, int framesPerSecond, string[] codec, string path)
    {
        var start = new ProcessStartInfo(Program,
        [
            "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24",
            "-s", string.Create(CultureInfo.InvariantCulture, $"{width}x{height}"),
            "-r", framesPerSecond.ToString(CultureInfo.InvariantCulture), "-i", "-",
            "-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2", "-pix_fmt", "yuv420p", .. codec,
            Path.GetFullPath(path),   // whole, so that none is taken for an option or an address
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static string[] CodecOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".mp4" => ["-c:v", "libx264", "-crf", "18", "-movflags", "+faststart"],
        ".webm" => ["-c:v", "libvpx-vp9", "-crf", "24", "-b:v", "0"],
        var other => throw new PhysIntuitionException(Fault.InvalidArgument, "path",
            $"'path' ends in '{other}'; a video ends in .mp4 or .webm. Rename it."),
    };

    private static bool FindProgram()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Program, ["-version"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
