using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests.Pictures;

public sealed class RealTowersTests
{
    [Fact]
    public void Reset_HundredPhotographs_ShowsEachOnceWithItsLabel()
    {
        var path = Repository.SharedData("lerer100");
        Assert.SkipUnless(Directory.Exists(path), "The set of 100 photographs is not beside the repository.");
        var folder = PictureLibrary.Add("towers", path);
        var batch = new EnvironmentBatch(
            new RealTowers(), new BatchOptions { Slots = 100, Split = Split.Test }, Given.Simulator, Given.Renderer);

        batch.Reset(0);

        Assert.Equal(100, folder.Count);
        // the set's own count of falls
        Assert.Equal(49, Enumerable.Range(0, 100).Count(i => batch.View.Episode(i).State.IsYes));
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
}
