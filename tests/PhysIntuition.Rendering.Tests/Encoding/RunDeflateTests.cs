using System.IO.Compression;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Rendering.Tests.Encoding;

/// <summary>Compressed bytes as the system's inflater reads them, its check of Adler's sum included.</summary>
public sealed unsafe class RunDeflateTests
{
    private const int Slack = 8;   // bytes that may be written beyond the stream

    [Fact]
    public void Write_EveryShortLength_InflatesToItself()
    {
        for (var length = 1; length < 80; length++)
        {
            AssertRoundTrip([.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))]);
            AssertRoundTrip(new byte[length]);
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(18)]
    [InlineData(19)]
    [InlineData(34)]
    [InlineData(35)]
    [InlineData(257)]
    [InlineData(258)]
    [InlineData(259)]
    [InlineData(266)]
    [InlineData(515)]
    [InlineData(516)]
    [InlineData(517)]
    public void Write_RunOfZeros_InflatesToItselfAtAnyPlace(int run)
    {
        // Lengths at the borders of deflate's symbols, and of the longest match, which is 258.
        for (var before = 0; before < 10; before++)
        {
            AssertRoundTrip([.. Enumerable.Repeat((byte)5, before), .. new byte[run], 1, 2, 3]);
            AssertRoundTrip([.. Enumerable.Repeat((byte)5, before), .. new byte[run]]);
        }
    }

    [Theory]
    [InlineData(5551)]
    [InlineData(5552)]
    [InlineData(5553)]
    [InlineData(70_000)]
    public void Write_LargestBytes_KeepAdlersSumRight(int length)
    {
        // 5552 bytes of 255 are the most that sums of 32 bits take between two divisions.
        var data = new byte[length];
        data.AsSpan().Fill(255);
        AssertRoundTrip(data);
        data[^1] = 254;
        AssertRoundTrip(data);
    }

    [Fact]
    public void Write_MixtureOfNoiseAndRuns_IsBelowItsBound()
    {
        var random = new RandomStream(6);
        for (var trial = 0; trial < 40; trial++)
        {
            var data = new byte[random.NextInt(1, 5000)];
            for (var i = 0; i < data.Length;)
            {
                var part = Math.Min(data.Length - i, random.NextInt(1, 700));
                for (var k = 0; k < part && trial % 3 != 0; k++)
                {
                    data[i + k] = k % 2 == 0 ? (byte)random.NextInt(0, 256) : data[i + k];
                }

                i += part + random.NextInt(0, 300);
            }

            AssertRoundTrip(data);
        }
    }

    [Fact]
    public void Write_LargeData_ReadsBackWhereverItIsCounted()
    {
        // Codes come from some parts of a kilobyte: what only the others hold has codes too.
        for (var place = 0; place < 18; place++)
        {
            var (random, data) = (new RandomStream((ulong)place), new byte[300_000]);
            for (var i = 0; i < data.Length; i++)
            {
                data[i] = i / 1024 % 18 == place ? (byte)random.NextInt(0, 256)
                    : i % 61 < 40 ? (byte)0 : (byte)random.NextInt(0, 3);
            }

            AssertRoundTrip(data);
        }
    }

    [Fact]
    public void Write_WideOrNot_GivesTheSameBytes()
    {
        var random = new RandomStream(9);
        for (var trial = 0; trial < 60; trial++)
        {
            var data = new byte[random.NextInt(1, 3000)];
            for (var i = 0; i < data.Length; i++)
            {
                // From noise, whose codes are long, to zeros alone.
                data[i] = random.NextInt(0, 60) < trial && random.NextInt(0, 9) > 0
                    ? (byte)0 : (byte)(random.NextInt(0, 256) >> (trial % 8));
            }

            Assert.Equal(Write(data, isWide: false), Write(data, isWide: RunDeflate.HasWide));
        }
    }

    private static void AssertRoundTrip(byte[] data)
    {
        var file = Write(data, isWide: RunDeflate.HasWide);

        Assert.InRange(file.Length, 6, RunDeflate.MaxBytes(data.Length));
        using var inflated = new MemoryStream();
        using var zlib = new ZLibStream(new MemoryStream(file), CompressionMode.Decompress);
        zlib.CopyTo(inflated);
        Assert.Equal(data, inflated.ToArray());
    }

    private static byte[] Write(byte[] data, bool isWide)
    {
        var target = new byte[RunDeflate.MaxBytes(data.Length) + Slack];
        fixed (byte* source = data, place = target)
        {
            return target[..RunDeflate.Write(source, data.Length, place, isWide)];
        }
    }
}
