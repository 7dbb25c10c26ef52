namespace PhysIntuition.Rendering.Tests;

/// <summary>Turning and pasting of pictures, by hand.</summary>
public sealed class PictureTests
{
    [Theory]
    [InlineData(0, "1 2 3 4")]
    [InlineData(1, "3 1 4 2")]
    [InlineData(2, "4 3 2 1")]
    [InlineData(3, "2 4 1 3")]
    public void Turned_FourPixels_GoClockwise(int quarters, string values) =>
        Assert.Equal(values, Values(Of(2, 2, 1, 2, 3, 4).Turned(quarters)));

    [Fact]
    public void Turned_FourTimes_IsTheSameAgain()
    {
        var picture = Of(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9);

        Assert.Equal(picture.Rgb, picture.Turned(1).Turned(1).Turned(1).Turned(1).Rgb);
        Assert.Equal(picture.Turned(2).Rgb, picture.Turned(1).Turned(1).Rgb);
        Assert.Equal(picture.Rgb, picture.Turned(3).Turned(1).Rgb);
    }

    [Fact]
    public void Paste_SameSize_Copies()
    {
        var target = Of(3, 2, 0, 0, 0, 0, 0, 0);

        target.Paste(Of(2, 2, 1, 2, 3, 4), (0, 0, 2, 2), (1, 0, 2, 2));

        Assert.Equal("0 1 2 0 3 4", Values(target));
    }

    [Fact]
    public void Paste_Smaller_TakesTheMeanRoundedToTheNearest()
    {
        var target = Of(2, 1, 0, 0);

        // (10 + 11 + 12 + 14) / 4 = 11.75; (20 + 20 + 21 + 21) / 4 = 20.5
        target.Paste(Of(4, 2, 10, 11, 20, 20, 12, 14, 21, 21), (0, 0, 4, 2), (0, 0, 2, 1));

        Assert.Equal("12 21", Values(target));
    }

    [Fact]
    public void Paste_Larger_RepeatsPixels()
    {
        var target = Of(4, 2, 0, 0, 0, 0, 0, 0, 0, 0);

        target.Paste(Of(2, 1, 7, 9), (0, 0, 2, 1), (0, 0, 4, 2));

        Assert.Equal("7 7 9 9 7 7 9 9", Values(target));
    }

    [Fact]
    public void Paste_UnevenShare_CoversEverySourcePixelOnce()
    {
        var target = Of(2, 1, 0, 0);

        // Five pixels on two: the first two, and the last three.
        target.Paste(Of(5, 1, 10, 20, 30, 60, 90), (0, 0, 5, 1), (0, 0, 2, 1));

        Assert.Equal("15 60", Values(target));
    }

    [Fact]
    public void Paste_PartOfASource_LeavesTheRestOfTheTarget()
    {
        var target = Of(3, 3, 9, 9, 9, 9, 9, 9, 9, 9, 9);

        target.Paste(Of(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 0), (1, 1, 2, 2), (0, 0, 1, 1));

        Assert.Equal("5 9 9 9 9 9 9 9 9", Values(target));   // (5 + 6 + 8 + 0) / 4 = 4.75
    }

    [Theory]
    [InlineData(Channels.Rgb, 5 * 4 * 3)]
    [InlineData(Channels.Albedo, 5 * 4 * 3)]
    [InlineData(Channels.Segmentation, 5 * 4)]
    [InlineData(Channels.Depth, 5 * 4 * 4)]
    [InlineData(Channels.Normals, 5 * 4 * 12)]
    [InlineData(Channels.None, 0)]
    public void BytesOf_Channel_IsPixelsTimesItsSize(Channels channel, int bytes) =>
        Assert.Equal(bytes, new FrameFormat(5, 4).BytesOf(channel));

    // Grey pixels, row by row.
    private static Picture Of(int width, int height, params byte[] values) =>
        new(width, height, [.. values.SelectMany(value => (byte[])[value, value, value])]);

    private static string Values(Picture picture)
    {
        Assert.All(picture.Rgb.Chunk(3), pixel => Assert.True(pixel[0] == pixel[1] && pixel[1] == pixel[2]));

        return string.Join(' ', picture.Rgb.Where((_, i) => i % 3 == 0));
    }
}
