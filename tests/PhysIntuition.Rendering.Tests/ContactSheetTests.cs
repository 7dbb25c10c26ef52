using PhysIntuition.Faults;

namespace PhysIntuition.Rendering.Tests;

public sealed class ContactSheetTests
{
    [Fact]
    public void ToPixels_ThreeFramesInTwoColumns_StandInTheirCellsWithCaptions()
    {
        var sheet = new ContactSheet(columns: 2, width: 20, height: 10);
        for (byte i = 1; i <= 3; i++)
        {
            var frame = new byte[20 * 10 * 3];
            frame.AsSpan().Fill((byte)(i * 50));
            sheet.Add(frame, i == 2 ? "ok" : "");
        }

        var pixels = sheet.ToPixels();

        // Two rows of a frame, a caption of 7 and two gaps of 6, and one gap on top.
        Assert.Equal((6 + 26 + 26, 6 + (2 * 29)), (sheet.Width, sheet.Height));
        Assert.Equal(50, pixels[((6 * sheet.Width) + 6) * 3]);
        Assert.Equal(100, pixels[((6 * sheet.Width) + 32) * 3]);
        Assert.Equal(150, pixels[((35 * sheet.Width) + 6) * 3]);
        Assert.True(CountInk(pixels, sheet.Width, fromY: 22, toY: 29) > 10);
        Assert.Equal(0, CountInk(pixels, sheet.Width, fromY: 51, toY: 58));
        Assert.Equal(pixels, Encoding.PngDecoder.Decode(sheet.ToPng()).Pixels);
    }

    [Fact]
    public void Add_WrongSize_NamesTheField() => Assert.Equal(
        "rgb", Assert.Throws<PhysIntuitionException>(() => new ContactSheet(1, 16, 16).Add(new byte[5])).Field);

    [Theory]
    [InlineData(0, 16, 16, 1, "columns")]
    [InlineData(1, 0, 16, 1, "width")]
    [InlineData(1, 16, 0, 1, "height")]
    [InlineData(1, 16, 16, 0, "captionScale")]
    [InlineData(1000, 1024, 16, 1, "width")]
    public void Constructor_NumberOutOfRange_NamesIt(int columns, int width, int height, int scale, string field)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => new ContactSheet(columns, width, height, scale));

        Assert.Equal(field, fault.Field);
    }

    private static int CountInk(byte[] pixels, int width, int fromY, int toY) =>
        pixels.AsSpan(fromY * width * 3, (toY - fromY) * width * 3).ToArray().Count(value => value == 32);
}
