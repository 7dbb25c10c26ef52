using PhysIntuition.Vlm.Testing;

namespace PhysIntuition.Trainer.Checkpoints;

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

        Assert.Equal(100, _store.Latest);
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

        Assert.Equal(1, _store.Latest);
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

        Assert.Equal(["weights"], Directory.GetFiles(target).Select(Path.GetFileName));
    }

    [Fact]
    public void Latest_NewRun_IsNone() => Assert.Null(_store.Latest);
}
