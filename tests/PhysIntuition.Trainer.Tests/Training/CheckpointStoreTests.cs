using PhysIntuition.Vlm;

namespace PhysIntuition.Trainer.Training;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CheckpointStore _store;

    public CheckpointStoreTests() => _store = new CheckpointStore(_folder.Root, kept: 2);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Save_ManySteps_KeepsTheLatest()
    {
        foreach (var step in (long[])[2, 10, 100])
        {
            _store.Save(step, folder => File.WriteAllText(Path.Combine(folder, "state"), $"{step}"));
        }

        Assert.Equal(100, _store.FindWhole(Fail));
        Assert.False(Directory.Exists(_store.FolderOf(2)));
        Assert.Equal("10", File.ReadAllText(Path.Combine(_store.FolderOf(10), "state")));
    }

    [Fact]
    public void Save_WriterFails_LeavesTheEarlierCheckpoint()
    {
        _store.Save(1, folder => File.WriteAllText(Path.Combine(folder, "state"), "1"));

        Assert.Throws<InvalidDataException>(() => _store.Save(2, folder =>
        {
            File.WriteAllText(Path.Combine(folder, "state"), "half");
            throw new InvalidDataException();
        }));

        Assert.Equal(1, _store.FindWhole(Fail));
        _store.Save(3, _ => { });
        Assert.Equal(["step-00000001", "step-00000003"],
            Directory.GetDirectories(_folder.At("checkpoints")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void WriteWhole_AfterAWriterThatFailed_LeavesNothingOfIt()
    {
        var target = _folder.At("final");
        Assert.Throws<InvalidDataException>(() => CheckpointStore.WriteWhole(target, folder =>
        {
            File.WriteAllText(Path.Combine(folder, "half"), "");
            throw new InvalidDataException();
        }));
        Assert.False(Directory.Exists(target));

        CheckpointStore.WriteWhole(target, folder => File.WriteAllText(Path.Combine(folder, "weights"), ""));

        Assert.Equal(["sha256.json", "weights"], Directory.GetFiles(target).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("weights", "1234")]   // a bit flipped
    [InlineData("weights", "12")]     // cut
    [InlineData("weights", null)]     // gone
    [InlineData("sha256.json", "{")]
    public void FindWhole_LatestIsDamaged_TakesTheOneBeforeAndSaysWhich(string file, string? content)
    {
        Save(25);
        Save(50);
        var path = Path.Combine(_store.FolderOf(50), file);
        File.Delete(path);
        if (content is not null)
        {
            File.WriteAllText(path, content);
        }

        var said = new List<string>();
        Assert.Equal(25, _store.FindWhole(said.Add));
        Assert.StartsWith("The checkpoint of step 50 is damaged (", Assert.Single(said));

        Save(50);   // the resumed run comes there again
        Assert.Equal(50, _store.FindWhole(Fail));
    }

    [Fact]
    public void FindWhole_AllAreDamaged_RefusesToBeginAgainUnasked()
    {
        Save(25);
        File.Delete(Path.Combine(_store.FolderOf(25), "weights"));

        Assert.Contains("give another --out",
            Assert.Throws<InvalidDataException>(() => _store.FindWhole(_ => { })).Message,
            StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void FindWhole_CheckpointFromBeforeHashesWereKept_IsTaken()
    {
        Save(25);
        File.Delete(Path.Combine(_store.FolderOf(25), "sha256.json"));

        Assert.Equal(25, _store.FindWhole(Fail));
    }

    [Fact]
    public void FindWhole_NewRun_IsNone() => Assert.Null(_store.FindWhole(Fail));

    private static void Fail(string said) => Assert.Fail(said);

    private void Save(long step) =>
        _store.Save(step, folder => File.WriteAllText(Path.Combine(folder, "weights"), "1235"));
}
