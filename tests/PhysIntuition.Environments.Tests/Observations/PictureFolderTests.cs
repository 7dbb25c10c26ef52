using PhysIntuition.Environments.Observations;
using PhysIntuition.Faults;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Environments.Tests.Pictures;

public sealed class PictureFolderTests : IDisposable
{
    // One pixel of red that is quite transparent.
    private const string HiddenRed =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DAAAAEAQEARwbK3gAAAABJRU5ErkJggg==";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pictures");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Indexer_WrittenPictures_GivesThePixelsBackWhateverTheirKind()
    {
        var rgb = new byte[40 * 20 * 3];
        rgb.AsSpan(0, 1200).Fill(200);
        Save("b.PNG", PngEncoder.Encode(rgb, 40, 20));
        Save("a.webp", WebpEncoder.Encode(rgb, 40, 20, quality: 100));
        Save("c.jpeg", JpegEncoder.Encode(rgb, 40, 20, quality: 100));
        Save("notes.txt", [1, 2, 3]);

        var folder = PictureFolder.Open("mine", _folder.FullName);

        Assert.Equal(["a.webp", "b.PNG", "c.jpeg"], Enumerable.Range(0, folder.Count).Select(folder.FileName));
        Assert.Equal(rgb, folder[0].Rgb);
        Assert.Equal(rgb, folder[1].Rgb);
        Assert.Equal((40, 20), (folder[2].Width, folder[2].Height));
    }

    [Fact]
    public void Indexer_TransparentPixel_ShowsWhiteAndNotWhatIsUnderIt()
    {
        Save("a.png", Convert.FromBase64String(HiddenRed));

        Assert.Equal([255, 255, 255], PictureFolder.Open("mine", _folder.FullName)[0].Rgb);
    }

    [Fact]
    public void Indexer_BrokenFile_NamesIt()
    {
        Save("broken.png", [0x89, 0x50, 0x4E, 0x47]);

        var fault = Assert.Throws<PhysIntuitionException>(() => PictureFolder.Open("mine", _folder.FullName)[0]);

        Assert.Contains("'broken.png' cannot be read: ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image,falls\na.png,1\nb.png,0\n")]
    [InlineData("image,falls\r\na.png,1\r\nb.png,0")]
    [InlineData("image,falls\ra.png,1\rb.png,0\r")]
    [InlineData("\uFEFFimage;falls\na.png;1\nb.png;0\n;\n")]
    [InlineData("image\tfalls\na.png\tTRUE\nb.png\tFALSE\n")]
    [InlineData("\"Image\",\"Falls\"\n\"a.png\",\"True\"\n\"b.png\",\"False\"\n")]
    [InlineData("falls,note,image\nyes,\"leans, \"\"a lot\"\"\nto the left\",a.png\nNo,,b.png\n\n,,\n")]
    [InlineData("image,falls\n a.png , 1 \nb.png,0.0\nb.png,0\nelsewhere.png,1\n")]
    public void Open_LabelsAsSpreadsheetsWriteThem_AreRead(string labels)
    {
        var folder = Open(labels);

        Assert.True(folder.Falls(0));
        Assert.False(folder.Falls(1));
    }

    [Theory]
    [InlineData("image,falls\na.png,1\nb.png,0\na.png,0\n", "both 0 and 1 of a.png, in lines 2 and 4")]
    [InlineData("image,falls\na.png,1\nb.png,2\n", "in line 3 'b.png, 2' and no 0 or 1")]
    [InlineData("image,falls\na.png,1\nb.png\n", "in line 3 'b.png' and no 0 or 1")]
    [InlineData("image,falls\na.png,1\n", "lacks b.png")]
    [InlineData("image|falls\na.png|1\nb.png|0\n", "lacks the columns image and falls")]
    [InlineData("name,falls\na.png,1\nb.png,0\n", "lacks the columns image and falls")]
    [InlineData("image,falls\n\"a.png,1\nb.png,0\n", "a quote that does not end")]
    [InlineData("", "lacks the columns image and falls")]
    public void Open_LabelsThatCannotBeTrusted_SaysWhichLineAndWhy(string labels, string says)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => Open(labels));

        Assert.Equal("pictures", fault.Field);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FolderWithoutPictures_SaysWhatItMustHold()
    {
        var empty = Assert.Throws<PhysIntuitionException>(() => PictureFolder.Open("mine", _folder.FullName));
        var absent = Assert.Throws<PhysIntuitionException>(() => PictureFolder.Open("mine", "/nowhere/at/all"));

        Assert.Contains("it has no pictures. It must hold PNG, JPEG", empty.Message, StringComparison.Ordinal);
        Assert.Contains("there is no such folder", absent.Message, StringComparison.Ordinal);
    }

    private PictureFolder Open(string labels)
    {
        Save("a.png", PngEncoder.Encode(new byte[3], 1, 1));
        Save("b.png", PngEncoder.Encode(new byte[3], 1, 1));
        File.WriteAllText(Path.Combine(_folder.FullName, "labels.csv"), labels);

        return PictureFolder.Open("mine", _folder.FullName);
    }

    private void Save(string name, byte[] file) => File.WriteAllBytes(Path.Combine(_folder.FullName, name), file);
}
