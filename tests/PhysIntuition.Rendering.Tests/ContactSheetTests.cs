using PhysIntuition.Faults;
using PhysIntuition.Rendering.Encoding;

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

        // Two rows of a frame, a caption of 14 (12 and its descent) and two gaps of 6, and one gap on top.
        Assert.Equal((6 + 26 + 26, 6 + (2 * 36)), (sheet.Width, sheet.Height));
        Assert.Equal(50, pixels[((6 * sheet.Width) + 6) * 3]);
        Assert.Equal(100, pixels[((6 * sheet.Width) + 32) * 3]);
        Assert.Equal(150, pixels[((42 * sheet.Width) + 6) * 3]);
        Assert.True(CountInk(pixels, sheet.Width, fromY: 22, toY: 36) > 50);
        Assert.Equal(0, CountInk(pixels, sheet.Width, fromY: 58, toY: 72));
        Assert.Equal(pixels, PictureDecoder.Decode(sheet.ToPng()).Rgb);
    }

    [Theory]
    [InlineData("Reward 0.6", "Привет")]
    [InlineData("left → right", "größer")]
    public void Add_LettersOfOtherLanguages_AreDrawnAndNotTheSameBox(string one, string other)
    {
        Assert.NotEqual(Draw(one), Draw(other));
        Assert.NotEqual(Draw(one), Draw(""));
        Assert.NotEqual(Draw("中中中"), Draw(other));
    }

    [Fact]
    public void Add_CaptionWiderThanItsFrame_EndsInAnEllipsisInsideIt()
    {
        var text = string.Concat(Enumerable.Repeat("tower ", 40));

        Assert.Equal(Draw(text), Draw(text + "and what nobody can see"));
        Assert.NotEqual(Draw(text), Draw(text[..14]));
    }

    [Fact]
    public void Add_WrongSize_NamesTheField() => Assert.Equal(
        "rgb", Assert.Throws<PhysIntuitionException>(() => new ContactSheet(1, 16, 16).Add(new byte[5])).Field);

    [Theory]
    [InlineData(0, 16, 16, 12, "columns")]
    [InlineData(1, 0, 16, 12, "width")]
    [InlineData(1, 16, 0, 12, "height")]
    [InlineData(1, 16, 16, 5, "captionSize")]
    [InlineData(1000, 1024, 16, 12, "width")]
    public void Constructor_NumberOutOfRange_NamesIt(int columns, int width, int height, int size, string field)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => new ContactSheet(columns, width, height, size));

        Assert.Equal(field, fault.Field);
    }

    private static byte[] Draw(string caption)
    {
        var sheet = new ContactSheet(columns: 1, width: 120, height: 16);
        sheet.Add(new byte[120 * 16 * 3], caption);
        return sheet.ToPixels();
    }

    private static int CountInk(byte[] pixels, int width, int fromY, int toY) =>
        pixels.AsSpan(fromY * width * 3, (toY - fromY) * width * 3).ToArray().Count(value => value < 200);
}
