using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Pictures;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests.Pictures;

public sealed class RealTowersTests
{
    [Fact]
    public void Reset_HundredPhotographs_ShowsEachOnceWithItsLabel()
    {
        var path = Given.Shared("lerer100");
        Assert.SkipWhen(path is null, "The set of 100 photographs is not beside the repository.");
        var folder = PictureLibrary.Add("towers", path!);
        var batch = new EnvironmentBatch(
            new RealTowers(), new BatchOptions { Slots = 100, Split = Split.Test }, Given.Simulator, Given.Renderer);

        batch.Reset(0);

        Assert.Equal(100, folder.Count);
        // the set's own count of falls
        Assert.Equal(49, Enumerable.Range(0, 100).Count(i => batch.Episode(i).Facts.IsYes));
        Assert.Equal(100, batch.Results.SceneHashes.Distinct().Count());
        Assert.Equal(folder[7].Rgb, Given.Picture(batch, 7, side: 224));
    }

    [Fact]
    public void Reset_UnknownFolder_SaysWhichAreKnown()
    {
        var batch = Given.Batch("RealTowers-v1", 1, options: """{"pictures":"nowhere"}""");

        var error = Assert.Throws<PhysIntuitionException>(() => batch.Reset(0));

        Assert.Equal(("options.pictures", Fault.NotFound), (error.Field, error.Fault));
    }

    [Fact]
    public void Decode_AnyCutOrChangedFile_IsReadOrRefusedButNeverBreaks()
    {
        var whole = Rendering.Encoding.PngEncoder.Encode(new byte[8 * 8 * 3], 8, 8);
        for (var i = 0; i < whole.Length; i++)
        {
            var changed = (byte[])whole.Clone();
            changed[i] ^= 0xFF;
            foreach (var bytes in (byte[][])[whole[..i], changed])
            {
                if (Record.Exception(() => PngReader.Decode(bytes)) is { } error)
                {
                    Assert.True(error is InvalidDataException or IOException, $"byte {i}: {error}");
                }
            }
        }
    }

    [Fact]
    public void Read_WrittenPng_GivesThePixelsBack()
    {
        var rgb = new byte[40 * 20 * 3];
        new System.Random(5).NextBytes(rgb);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".png");
        File.WriteAllBytes(path, Rendering.Encoding.PngEncoder.Encode(rgb, 40, 20));
        try
        {
            Assert.Equal(rgb, PngReader.Read(path).Rgb);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
