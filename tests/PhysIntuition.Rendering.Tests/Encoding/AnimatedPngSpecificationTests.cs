using System.Buffers.Binary;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Rendering.Tests.Encoding;

/// <summary>Films put together again by the rules of the PNG specification, third edition, chunk by chunk.</summary>
public sealed class AnimatedPngSpecificationTests
{
    [Theory]
    [InlineData(1, 8, 6, 1)]
    [InlineData(2, 16, 16, 30)]
    [InlineData(12, 33, 21, 10)]
    [InlineData(30, 24, 40, 240)]
    public void Encode_RandomFilms_PlayTheirFramesForTheirTimes(int count, int width, int height, int rate)
    {
        var frames = Film(count, width, height, seed: (ulong)(count + width));

        var played = Play(AnimatedPngEncoder.Encode(frames, width, height, rate), width, height);

        // One entry for each tick; the last frame stays a second longer.
        Assert.Equal(count + rate, played.Sum(shot => shot.Ticks));
        Assert.All(played, shot => Assert.Equal(rate, shot.Rate));
        var at = 0;
        foreach (var shot in played)
        {
            for (var tick = 0; tick < shot.Ticks && at < count; tick++, at++)
            {
                Assert.Equal(Frame(frames, at, width, height), shot.Pixels);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void Encode_Plays_StandInTheControlChunk(int plays)
    {
        var chunks = PlainPngDecoder.Chunks(AnimatedPngEncoder.Encode(Film(4, 9, 9, 1), 9, 9, 30, plays));
        var control = chunks.Single(chunk => chunk.Type == "acTL").Data;

        Assert.Equal(chunks.Count(chunk => chunk.Type == "fcTL"), BinaryPrimitives.ReadInt32BigEndian(control));
        Assert.Equal(plays, BinaryPrimitives.ReadInt32BigEndian(control.AsSpan(4)));
        Assert.Equal("IHDR acTL fcTL IDAT", string.Join(' ', chunks.Take(4).Select(chunk => chunk.Type)));
    }

    [Fact]
    public void Encode_OnePixelThatChanges_WritesThatPixelAlone()
    {
        var frames = new byte[2 * 20 * 10 * 3];
        frames[(20 * 10 * 3) + (((7 * 20) + 13) * 3) + 1] = 200;
        var shots = PlainPngDecoder.Chunks(AnimatedPngEncoder.Encode(frames, 20, 10))
            .Where(chunk => chunk.Type == "fcTL").Select(chunk => Shot(chunk.Data)).ToList();

        Assert.Equal([(20, 10, 0, 0), (1, 1, 13, 7)], shots);
    }

    [Fact]
    public void Encode_SequenceNumbers_CountThroughBothKindsOfChunks()
    {
        var chunks = PlainPngDecoder.Chunks(AnimatedPngEncoder.Encode(Film(6, 9, 9, 4), 9, 9));
        var numbers = chunks.Where(chunk => chunk.Type is "fcTL" or "fdAT").Select(chunk =>
            BinaryPrimitives.ReadInt32BigEndian(chunk.Data));

        Assert.Equal(Enumerable.Range(0, numbers.Count()), numbers);
    }

    private static (int Width, int Height, int Left, int Top) Shot(byte[] control) => (
        BinaryPrimitives.ReadInt32BigEndian(control.AsSpan(4)), BinaryPrimitives.ReadInt32BigEndian(control.AsSpan(8)),
        BinaryPrimitives.ReadInt32BigEndian(control.AsSpan(12)),
        BinaryPrimitives.ReadInt32BigEndian(control.AsSpan(16)));

    // What a viewer shows, one picture for each control chunk.
    private static List<(byte[] Pixels, int Ticks, int Rate)> Play(byte[] file, int width, int height)
    {
        var (canvas, played) = (new byte[width * height * 3], new List<(byte[], int, int)>());
        (int Width, int Height, int Left, int Top) shot = default;
        (int Ticks, int Rate) time = default;
        foreach (var (type, data) in PlainPngDecoder.Chunks(file))
        {
            if (type == "fcTL")
            {
                shot = Shot(data);
                time = (BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(20)),
                    BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(22)));
                Assert.Equal([0, 0], data[24..]);   // leave the frame; overwrite what is there
            }
            else if (type is "IDAT" or "fdAT")
            {
                var part = PlainPngDecoder.Pixels(type == "IDAT" ? data : data[4..], shot.Width, shot.Height, 3);
                for (var y = 0; y < shot.Height; y++)
                {
                    part.AsSpan(y * shot.Width * 3, shot.Width * 3).CopyTo(
                        canvas.AsSpan((((shot.Top + y) * width) + shot.Left) * 3));
                }

                played.Add(([.. canvas], time.Ticks, time.Rate));
            }
        }

        return played;
    }

    private static byte[] Frame(byte[] frames, int index, int width, int height) =>
        frames[(index * width * height * 3)..((index + 1) * width * height * 3)];

    // Frames of which some repeat the one before, and some change a rectangle of it.
    private static byte[] Film(int count, int width, int height, ulong seed)
    {
        var (random, size) = (new RandomStream(seed), width * height * 3);
        var frames = new byte[count * size];
        for (var i = 0; i < count; i++)
        {
            var frame = frames.AsSpan(i * size, size);
            if (i > 0)
            {
                frames.AsSpan((i - 1) * size, size).CopyTo(frame);
            }

            var (left, top) = (random.NextInt(0, width), random.NextInt(0, height));
            var (right, bottom) = (random.NextInt(left, width), random.NextInt(top, height));
            for (var y = top; y <= bottom && i % 3 != 2; y++)
            {
                for (var x = left; x <= right; x++)
                {
                    frame[(((y * width) + x) * 3) + random.NextInt(0, 3)] = (byte)random.NextInt(0, 256);
                }
            }
        }

        return frames;
    }
}
