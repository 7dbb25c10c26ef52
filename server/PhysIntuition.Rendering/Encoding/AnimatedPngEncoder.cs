using System.Buffers.Binary;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>Animated PNG files, lossless: every browser plays them. Equal frames give equal bytes everywhere.</summary>
/// <remarks>
/// The animation chunks of the PNG Specification, Third Edition. A frame holds the rectangle that changed;
/// where nothing did, the frame before stays longer.
/// </remarks>
public static class AnimatedPngEncoder
{
    private const int MaxFramesPerSecond = 240;

    /// <summary>Encodes frames of one size.</summary>
    /// <param name="frames">uint8[count, height, width, 3], sRGB.</param>
    /// <param name="width">Pixels, 1 to 32768.</param>
    /// <param name="height">Pixels, 1 to 32768.</param>
    /// <param name="framesPerSecond">1 to 240. The last frame stays for a second more.</param>
    /// <param name="plays">How often the film runs; 0 is for ever.</param>
    /// <returns>The whole file; the first frame is what a viewer without animation shows.</returns>
    /// <exception cref="PhysIntuitionException">A side, the rate or the number of bytes is wrong.</exception>
    public static byte[] Encode(
        ReadOnlySpan<byte> frames, int width, int height, int framesPerSecond = 30, int plays = 0)
    {
        Check(frames.Length, width, height, framesPerSecond, plays);
        var size = width * height * 3;
        var shots = FindShots(frames, width, height);
        shots[^1] = shots[^1] with { Ticks = shots[^1].Ticks + framesPerSecond };
        var chunk = new byte[PngEncoder.MaxBytes(width, height, PixelFormat.Rgb8) + sizeof(int)];
        var part = new byte[size];
        using var file = new MemoryStream();
        file.Write(chunk, 0, PngChunks.WriteStart(width, height, PixelFormat.Rgb8, chunk));
        file.Write(chunk, 0, WriteControl(shots.Count, plays, chunk));
        var sequence = 0;
        foreach (var shot in shots)
        {
            var pixels = Cut(frames.Slice(shot.Frame * size, size), width, shot, part);
            file.Write(chunk, 0, WriteShot(sequence++, shot, framesPerSecond, chunk));
            var prefix = shot.Frame == 0 ? 0 : sizeof(int);
            BinaryPrimitives.WriteInt32BigEndian(chunk.AsSpan(PngChunks.Head), sequence);
            sequence += prefix == 0 ? 0 : 1;
            file.Write(chunk, 0, PngChunks.WritePixels(
                prefix == 0 ? "IDAT"u8 : "fdAT"u8, prefix, pixels, shot.Width, shot.Height, PixelFormat.Rgb8, chunk));
        }

        file.Write(chunk, 0, PngChunks.Write("IEND"u8, 0, chunk));
        return file.ToArray();
    }

    internal static void CheckRate(int framesPerSecond) => PngEncoder.Require(
        framesPerSecond is >= 1 and <= MaxFramesPerSecond, "framesPerSecond", framesPerSecond,
        $"1 to {MaxFramesPerSecond} are allowed. Take 30");

    private static List<Shot> FindShots(ReadOnlySpan<byte> frames, int width, int height)
    {
        var size = width * height * 3;
        var shots = new List<Shot> { new(0, 1, 0, 0, width, height) };
        for (var i = 1; i < frames.Length / size; i++)
        {
            var change = FindChange(frames.Slice((i - 1) * size, size), frames.Slice(i * size, size), width, i);
            if (change.Width > 0)
            {
                shots.Add(change);
            }
            else
            {
                shots[^1] = shots[^1] with { Ticks = shots[^1].Ticks + 1 };
            }
        }

        return shots;
    }

    // The smallest rectangle around all pixels that differ; of width 0 where none does.
    private static Shot FindChange(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, int width, int frame)
    {
        int stride = width * 3, left = stride, right = 0, top = -1, bottom = 0;
        for (var y = 0; y * stride < after.Length; y++)
        {
            ReadOnlySpan<byte> a = before.Slice(y * stride, stride), b = after.Slice(y * stride, stride);
            var first = a.CommonPrefixLength(b);
            if (first == stride)
            {
                continue;
            }

            var last = stride - 1;
            while (a[last] == b[last])
            {
                last--;
            }

            (left, right) = (Math.Min(left, first / 3), Math.Max(right, (last / 3) + 1));
            (top, bottom) = (top < 0 ? y : top, y + 1);
        }

        return top < 0 ? new(frame, 1, 0, 0, 0, 0) : new(frame, 1, left, top, right - left, bottom - top);
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> frame, int width, in Shot shot, byte[] part)
    {
        var row = shot.Width * 3;
        for (var y = 0; y < shot.Height; y++)
        {
            frame.Slice((((shot.Top + y) * width) + shot.Left) * 3, row).CopyTo(part.AsSpan(y * row));
        }

        return part.AsSpan(0, shot.Height * row);
    }

    private static int WriteControl(int shots, int plays, Span<byte> target)
    {
        BinaryPrimitives.WriteInt32BigEndian(target[PngChunks.Head..], shots);
        BinaryPrimitives.WriteInt32BigEndian(target[(PngChunks.Head + 4)..], plays);
        return PngChunks.Write("acTL"u8, 8, target);
    }

    private static int WriteShot(int sequence, in Shot shot, int framesPerSecond, Span<byte> target)
    {
        var body = target[PngChunks.Head..];
        ReadOnlySpan<int> numbers = [sequence, shot.Width, shot.Height, shot.Left, shot.Top];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(body[(i * 4)..], numbers[i]);
        }

        BinaryPrimitives.WriteUInt16BigEndian(body[20..], (ushort)Math.Min(shot.Ticks, ushort.MaxValue));
        BinaryPrimitives.WriteUInt16BigEndian(body[22..], (ushort)framesPerSecond);
        body.Slice(24, 2).Clear();   // leave the frame in place; overwrite what is there
        return PngChunks.Write("fcTL"u8, 26, target);
    }

    private static void Check(int length, int width, int height, int framesPerSecond, int plays)
    {
        PngEncoder.Check(width, height, PixelFormat.Rgb8);
        var size = width * height * 3;
        PngEncoder.Require(length > 0 && length % size == 0, "frames", length,
            $"a frame of {width} x {height} has {size} bytes, and one frame is the least. Pass whole frames");
        CheckRate(framesPerSecond);
        PngEncoder.Require(plays >= 0, "plays", plays, "0 (for ever) and above are allowed. Take 0");
    }

    /// <summary>A frame's changed rectangle and how many frames long it stays.</summary>
    private readonly record struct Shot(int Frame, int Ticks, int Left, int Top, int Width, int Height);
}
