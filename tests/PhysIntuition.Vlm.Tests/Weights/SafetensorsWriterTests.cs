namespace PhysIntuition.Vlm.Weights;

public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_MixedTypes_OrdersWidestFirstAndAlignsTheData()
    {
        var path = _folder.At("x.safetensors");

        SafetensorsWriter.Write(path,
            [
                TensorEntry.Of<byte>("c", DType.U8, [3], new byte[] { 1, 2, 3 }),
                TensorEntry.Of<float>("b", DType.F32, [1], new float[] { 4 }),
                TensorEntry.Of<float>("a", DType.F32, [1], new float[] { 5 }),
                TensorEntry.Of<long>("d", DType.I64, [], new long[] { 6 }),
            ],
            new Dictionary<string, string> { ["format"] = "pt", ["é"] = "ü" });

        using var file = new SafetensorsFile(path);
        Assert.Equal(["d", "a", "b", "c"], file.Names);
        Assert.Equal("ü", file.Metadata["é"]);
        Assert.Equal(0, BitConverter.ToInt64(File.ReadAllBytes(path)) % 8);
        Assert.Equal(6, file.Get("d").As<long>()[0]);
        Assert.Equal([1, 2, 3], file.Get("c").As<byte>().ToArray());
    }

    [Fact]
    public void Write_SourceFails_KeepsTheOldFileAndNoRest()
    {
        var path = _folder.At("x.safetensors");
        SafetensorsWriter.Write(path, [TensorEntry.Of<byte>("old", DType.U8, [1], new byte[] { 7 })]);
        var broken = new TensorEntry("new", DType.U8, [1], _ => throw new InvalidDataException("source"));

        Assert.Throws<InvalidDataException>(() => SafetensorsWriter.Write(path, [broken]));

        using var file = new SafetensorsFile(path);
        Assert.Equal(["old"], file.Names);
        Assert.Equal([path], Directory.GetFiles(_folder.Root));
    }

    [Fact]
    public void Write_WrongNumberOfBytes_IsRefused()
    {
        var path = _folder.At("x.safetensors");
        var tooShort = new TensorEntry("a", DType.F32, [2], stream => stream.WriteByte(0));

        Assert.Contains("wrote 1 bytes", Assert.Throws<InvalidOperationException>(
            () => SafetensorsWriter.Write(path, [tooShort])).Message);
        Assert.Throws<ArgumentException>(() => TensorEntry.Of<float>("a", DType.F32, [2], new float[3]));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void Write_SameNameTwice_IsRefused()
    {
        var twin = TensorEntry.Of<byte>("a", DType.U8, [1], new byte[] { 7 });

        Assert.Contains("twice", Assert.Throws<SafetensorsException>(
            () => SafetensorsWriter.Write(_folder.At("x.safetensors"), [twin, twin])).Message);
    }

    [Theory]
    [InlineData("vlm/qwen3vl/model.safetensors")]
    [InlineData("vlm/qwen25vl/expected.safetensors")]
    [InlineData("vlm/nf4/nf4.safetensors")]
    public void Write_WhatWasRead_GivesTheSameTensors(string vectors)
    {
        using var original = new SafetensorsFile(Vectors.At(vectors));
        var path = _folder.At("copy.safetensors");

        SafetensorsWriter.Write(path, original.Tensors.Select(tensor => new TensorEntry(
            tensor.Name, tensor.Type, tensor.Shape, stream => stream.Write(Bytes(original, tensor.Name)))));

        using var copy = new SafetensorsFile(path);
        Assert.Equal(original.Names.Order(), copy.Names.Order());
        Assert.All(original.Tensors, tensor =>
        {
            Assert.Equal(tensor.ToString(), copy.Get(tensor.Name).Info.ToString());
            Assert.True(Bytes(original, tensor.Name).SequenceEqual(Bytes(copy, tensor.Name)));
        });
    }

    private static unsafe ReadOnlySpan<byte> Bytes(SafetensorsFile file, string name)
    {
        var view = file.Get(name);
        return new ReadOnlySpan<byte>((void*)view.Address, (int)view.Info.ByteLength);
    }
}
