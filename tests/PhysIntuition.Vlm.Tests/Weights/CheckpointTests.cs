namespace PhysIntuition.Vlm.Weights;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_SmallModel_IsOneFileWithoutIndex()
    {
        CheckpointWriter.Write(_folder.Root, [Floats("a", 4), Floats("b", 4)]);

        using var checkpoint = Checkpoint.Open(_folder.Root);
        Assert.Single(checkpoint.Files);
        Assert.Equal(["a", "b"], checkpoint.Names.Order());
        Assert.False(File.Exists(_folder.At(Checkpoint.IndexName)));
    }

    [Fact]
    public void Write_AboveTheShardSize_SplitsBetweenTensors()
    {
        // 16 bytes each, 40 per shard: two fit into a shard, the fifth is alone.
        var tensors = Enumerable.Range(0, 5).Select(i => Floats($"t{i}", 4)).ToArray();

        CheckpointWriter.Write(_folder.Root, tensors, shardBytes: 40);

        using var checkpoint = Checkpoint.Open(_folder.Root);
        Assert.Equal(["t0,t1", "t2,t3", "t4"], checkpoint.Files.Select(file => string.Join(",", file.Names)));
        Assert.Contains("\"total_size\": 80", File.ReadAllText(_folder.At(Checkpoint.IndexName)));
        Assert.Equal([4f, 5f, 6f, 7f], checkpoint.Get("t4").ToFloats());
    }

    [Fact]
    public void Write_SmallModelOverShards_IsWhatOpenFinds()
    {
        CheckpointWriter.Write(_folder.Root, [Floats("old0", 4), Floats("old1", 4)], shardBytes: 16);
        CheckpointWriter.Write(_folder.Root, [Floats("new", 4)]);

        using var checkpoint = Checkpoint.Open(_folder.Root);
        Assert.Equal(["new"], checkpoint.Names);
    }

    [Theory]
    [InlineData("""{"weight_map": {"a": "one.safetensors", "b": "one.safetensors"}}""",
        "'b'")]
    [InlineData("""{"weight_map": {}}""", "names no tensor")]
    [InlineData("""{"weight_map": {"a": "../one.safetensors"}}""", "plain file name")]
    [InlineData("""{"weights": {}}""", "weight_map")]
    [InlineData("""{"weight_map": {"a": "two.safetensors"}}""", "'extra'")]
    [InlineData("""{"weight_map": {"a": "one.safetensors", "extra": "two.safetensors"}}""",
        "'a'")]
    public void Open_IndexAndShardsDisagree_NamesTheTensor(string index, string says)
    {
        SafetensorsWriter.Write(_folder.At("one.safetensors"), [Floats("a", 1)]);
        SafetensorsWriter.Write(_folder.At("two.safetensors"), [Floats("a", 1), Floats("extra", 1)]);
        File.WriteAllText(_folder.At(Checkpoint.IndexName), index);

        var thrown = Assert.Throws<SafetensorsException>(() => Checkpoint.Open(_folder.Root));

        Assert.Contains(says, thrown.Message);
    }

    [Fact]
    public void Open_EmptyFolder_SaysWhatIsMissing()
    {
        var thrown = Assert.Throws<FileNotFoundException>(() => Checkpoint.Open(_folder.Root));

        Assert.Contains("model.safetensors", thrown.Message);
    }

    [Fact]
    public void Get_UnknownName_NamesIt()
    {
        CheckpointWriter.Write(_folder.Root, [Floats("a", 4)]);
        using var checkpoint = Checkpoint.Open(_folder.Root);

        Assert.Contains("'z'", Assert.Throws<SafetensorsException>(() => checkpoint.Get("z")).Message);
    }

    /// <summary>Values count, count + 1, ...</summary>
    private static TensorEntry Floats(string name, int count) => TensorEntry.Of<float>(
        name, DType.F32, [count], Enumerable.Range(count, count).Select(i => (float)i).ToArray());
}
