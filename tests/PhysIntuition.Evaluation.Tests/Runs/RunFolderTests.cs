using PhysIntuition.Evaluation.Models;
using PhysIntuition.Evaluation.Runs;

namespace PhysIntuition.Evaluation.Tests.Runs;

/// <summary>What a run leaves on disk, and how it is gone on with.</summary>
public sealed class RunFolderTests : IDisposable
{
    private static readonly EvaluationPlan s_plan = new()
    {
        Models = [ModelName.Parse("player:expert")], Tasks = ["Stability-v1"], Questions = 4,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Add_Samples_AreReadAgainInTheOrderOfTheirKeys()
    {
        using (var folder = Open(s_plan))
        {
            folder.Add(Samples.Of(3, 1));
            folder.Add(Samples.Of(1, 0, SampleOutcome.Wrong));
            Assert.Equal([1UL, 3], folder.Samples.Select(sample => sample.Key.Seed));
        }

        Assert.Equal([3UL, 1], RunFolder.Read(_folder.At("run")).Select(sample => sample.Key.Seed));
        using var again = Open(s_plan, resumes: true);
        Assert.Equal([1UL, 3], again.Samples.Select(sample => sample.Key.Seed));
        Assert.True(again.IsDelivered(Samples.Of(3, 0).Key));
        Assert.False(again.IsDelivered(Samples.Of(2, 0).Key));
    }

    [Fact]
    public void Add_ALaterSampleOfAScene_ReplacesTheEarlierOne()
    {
        using (var folder = Open(s_plan))
        {
            folder.Add(Samples.Of(0, 0, SampleOutcome.Undelivered));
            Assert.False(folder.IsDelivered(Samples.Of(0, 0).Key));
            folder.Add(Samples.Of(0, 1));
            Assert.True(folder.IsDelivered(Samples.Of(0, 0).Key));
        }

        using var again = Open(s_plan, resumes: true);
        Assert.Equal(SampleOutcome.Right, Assert.Single(again.Samples).Outcome);
        Assert.Single(File.ReadAllLines(_folder.At("run/samples.jsonl")));   // the earlier line is gone
    }

    [Fact]
    public void Open_LineThatACrashCut_IsLeftOut()
    {
        using (var folder = Open(s_plan))
        {
            folder.Add(Samples.Of(0, 1));
        }

        File.AppendAllText(_folder.At("run/samples.jsonl"), """{"key": {"model": "m", "ta""");
        using var again = Open(s_plan, resumes: true);
        again.Add(Samples.Of(1, 1));

        Assert.Equal([0UL, 1], again.Samples.Select(sample => sample.Key.Seed));
    }

    [Fact]
    public void Open_RunThatIsThere_AsksForResume() => Assert.Contains(
        "Add --resume to go on with it", Refused(() => Open(s_plan)));

    [Fact]
    public void Open_RunWithOtherOptions_NamesEachWithBothValues()
    {
        var refused = Refused(() => Open(s_plan with { Questions = 9, PictureSize = 96 }, resumes: true));

        Assert.Contains("questions was 4 and is 9", refused);
        Assert.Contains("picture_size was 224 and is 96", refused);
    }

    [Fact]
    public void Open_RunWhoseRequestsTravelOtherwise_GoesOn()
    {
        Open(s_plan).Dispose();

        using var again = Open(
            s_plan with { CostLimit = 3, Generation = new GenerationSettings { Retries = 2 } }, resumes: true);

        Assert.Empty(again.Samples);
    }

    [Fact]
    public void Open_FolderWithFilesOfOthers_IsLeftAlone()
    {
        Directory.CreateDirectory(_folder.At("run"));
        File.WriteAllText(_folder.At("run/thesis.txt"), "years");

        var refused = Assert.Throws<ArgumentException>(() => Open(s_plan));

        Assert.Contains("holds other files", refused.Message);
        Assert.Equal(["thesis.txt"], Directory.GetFiles(_folder.At("run")).Select(Path.GetFileName));
    }

    [Fact]
    public void AddPicture_TheSameTwice_IsOneFileOfItsBytes()
    {
        using var folder = Open(s_plan);
        byte[] png = [1, 2, 3];

        var first = folder.AddPicture(png);

        Assert.Equal(first, folder.AddPicture(png.ToArray()));
        Assert.NotEqual(first, folder.AddPicture(new byte[] { 1, 2 }));
        Assert.Equal(png, File.ReadAllBytes(_folder.At(Path.Combine("run", first))));
        Assert.Equal("pictures/039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81.png", first);
        Assert.Equal(2, Directory.GetFiles(_folder.At("run/pictures")).Length);
    }

    [Fact]
    public void Read_FolderWithoutSamples_IsEmpty() => Assert.Empty(RunFolder.Read(_folder.Root));

    [Fact]
    public void Ordered_Samples_StandByModelTaskSplitExamplesSeedAndRepeat()
    {
        EvaluationSample[] inOrder =
        [
            Samples.Of(2, 0, model: "A"), Samples.Of(0, 0, model: "a", task: "Offset-v1"),
            Samples.Of(9, 0, model: "a"), Samples.Of(10, 0, model: "a"), Samples.Of(10, 0, model: "a", repeat: 1),
            Samples.Of(0, 0, model: "a", examples: 1), Samples.Of(0, 0, model: "a", split: "test/tall-v1"),
        ];

        Assert.Equal(inOrder.Select(sample => sample.Key),
            RunFolder.Ordered(inOrder.Reverse()).Select(sample => sample.Key));
    }

    private string Refused(Func<RunFolder> open)
    {
        Open(s_plan).Dispose();
        return Assert.Throws<ArgumentException>(() => open().Dispose()).Message;
    }

    private RunFolder Open(EvaluationPlan plan, bool resumes = false) =>
        RunFolder.Open(_folder.At("run"), plan, resumes);
}
