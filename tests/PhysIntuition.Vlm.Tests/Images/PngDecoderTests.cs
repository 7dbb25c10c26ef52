using PhysIntuition.Vlm.Testing;

namespace PhysIntuition.Vlm.Images;

public sealed class PngDecoderTests
{
    private static readonly (int Width, int Height) s_size = (11, 13);   // no multiple of 8: Adam7 has ragged passes

    private static readonly (int Color, int[] Depths)[] s_kinds =
        [(0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16])];

    public static TheoryData<int, int, bool> Kinds =>
    [
        .. from kind in s_kinds
           from depth in kind.Depths
           from isInterlaced in new[] { false, true }
           select new TheoryDataRow<int, int, bool>(depth, kind.Color, isInterlaced),
    ];

    [Theory]
    [InlineData("vlm/preprocess/rgba_64x64")]   // alpha is dropped, not composited
    [InlineData("vlm/preprocess/grey_64x64")]
    public void Load_PictureOfOtherChannels_IsWhatTheReferenceMakesOfIt(string name)
    {
        var image = RgbImage.Load(Vectors.At(name + "_src.png"));
        var expected = RgbImage.Load(Vectors.At(name + "_rgb.png"));

        Assert.Equal((expected.Width, expected.Height), (image.Width, image.Height));
        Assert.Equal(expected.Pixels, image.Pixels);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_EveryKind_GivesEverySample(int depth, int color, bool isInterlaced)
    {
        var channels = color switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var random = new Random(depth + color);
        var samples = new int[s_size.Width * s_size.Height * channels];
        Array.ForEach(Enumerable.Range(0, samples.Length).ToArray(), i => samples[i] = random.Next(1 << depth));
        var palette = color == 3 ? new byte[3 << depth] : null;
        random.NextBytes(palette ?? []);

        var image = PngDecoder.Decode(
            new MemoryStream(PngBuilder.Build(s_size, depth, color, isInterlaced, samples, palette)));

        var expected = samples.Chunk(channels).SelectMany(pixel => ToRgb(pixel, depth, color, palette)).ToArray();
        Assert.Equal(expected, image.Pixels);
    }

    [Fact]
    public void Decode_BrokenFile_SaysWhy()
    {
        var good = PngBuilder.Build((2, 2), 8, 2, false, Enumerable.Range(0, 12).ToArray());

        AssertRefused("signature", [.. "GIF89a, not a PNG"u8]);
        AssertRefused("ends too early", good[..^30]);
        AssertRefused("wrong checksum", Change(good, at: 20, to: 9));
        AssertRefused("unknown format", PngBuilder.Build((2, 2), 7, 2, false, new int[12]));
        AssertRefused("-1 x 2", PngBuilder.Build((-1, 2), 8, 2, false, []));
        AssertRefused("palette of 0", PngBuilder.Build((2, 2), 8, 3, false, new int[4]));
        AssertRefused("colour 1 of a palette of 1", PngBuilder.Build((2, 1), 8, 3, false, [0, 1], new byte[3]));
    }

    private static void AssertRefused(string says, byte[] file) => Assert.Contains(
        says, Assert.Throws<InvalidDataException>(() => PngDecoder.Decode(new MemoryStream(file))).Message);

    private static byte[] Change(byte[] file, int at, byte to)
    {
        var changed = (byte[])file.Clone();
        changed[at] = to;
        return changed;
    }

    private static IEnumerable<byte> ToRgb(int[] pixel, int depth, int color, byte[]? palette)
    {
        // Small depths are spread over 0..255; of 16 bits the upper 8 stay.
        var bytes = pixel.Select(s => (byte)(depth == 16 ? s >> 8 : depth == 8 ? s : s * 255 / ((1 << depth) - 1)));
        return color switch
        {
            3 => palette!.AsSpan(pixel[0] * 3, 3).ToArray(),
            2 or 6 => bytes.Take(3),
            _ => Enumerable.Repeat(bytes.First(), 3),
        };
    }
}
