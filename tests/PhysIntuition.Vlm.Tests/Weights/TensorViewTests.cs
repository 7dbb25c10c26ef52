namespace PhysIntuition.Vlm.Weights;

public sealed class TensorViewTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadFloats_EveryFloatType_GivesTheSameValues()
    {
        // Multiples of 1/8 below 32 are exact in every one of the four types.
        float[] values = [0f, -0.125f, 1.5f, 31.875f, -2f, 0.25f];
        using var file = Write(
            TensorEntry.Of<float>("f32", DType.F32, [2, 3], values),
            TensorEntry.Of<double>("f64", DType.F64, [6], Array.ConvertAll(values, v => (double)v)),
            TensorEntry.Of<Half>("f16", DType.F16, [6], Array.ConvertAll(values, v => (Half)v)),
            TensorEntry.Of<ushort>("bf16", DType.BF16, [3, 2],
                Array.ConvertAll(values, v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16))));

        Assert.All(file.Names, name => Assert.Equal(values, file.Get(name).ToFloats()));
        Assert.Equal("BF16[3, 2]", file.Get("bf16").Info.ToString());
    }

    [Fact]
    public void ReadFloats_FromAnOffset_ReadsTheWindow()
    {
        using var file = Write(TensorEntry.Of<float>("a", DType.F32, [5], new float[] { 0, 1, 2, 3, 4 }));
        var window = new float[2];

        file.Get("a").ReadFloats(window, start: 3);

        Assert.Equal([3f, 4f], window);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Get("a").ReadFloats(new float[2], start: 4));
    }

    [Fact]
    public void Slice_ElementOfAnotherSize_NamesTensorAndSizes()
    {
        using var file = Write(TensorEntry.Of<long>("ids", DType.I64, [2], new long[] { -1, long.MaxValue }));

        Assert.Equal([-1, long.MaxValue], file.Get("ids").As<long>().ToArray());
        var thrown = Assert.Throws<SafetensorsException>(() => file.Get("ids").As<int>().Length);
        Assert.Contains("'ids' is I64[2], 8 bytes", thrown.Message);
        Assert.Contains("only F32, BF16, F16 and F64",
            Assert.Throws<SafetensorsException>(() => file.Get("ids").ToFloats()).Message);
    }

    [Fact]
    public void Get_UnknownName_NamesIt()
    {
        using var file = Write(TensorEntry.Of<byte>("a", DType.U8, [1], new byte[] { 1 }));

        var thrown = Assert.Throws<SafetensorsException>(() => file.Get("b"));

        Assert.Contains("'b'", thrown.Message);
    }

    [Fact]
    public void Address_AfterDispose_Throws()
    {
        var file = Write(TensorEntry.Of<byte>("a", DType.U8, [1], new byte[] { 1 }));
        var view = file.Get("a");
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => view.Address);
    }

    private SafetensorsFile Write(params TensorEntry[] tensors)
    {
        var path = _folder.At("x.safetensors");
        SafetensorsWriter.Write(path, tensors);
        return new SafetensorsFile(path);
    }
}
