using System.Buffers.Binary;
using System.Text;

namespace PhysIntuition.Vlm.Weights;

/// <summary>Every rule of the format, broken once; files are assembled here byte by byte.</summary>
public sealed class SafetensorsHeaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("not json at all ", 0, "'{'")]
    [InlineData("{\"a\":", 0, "JSON")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "JSON")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4,
        "JSON")]
    [InlineData("{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
        "'F33'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "-1")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,8],\"data_offsets\":[0,4]}}", 4,
        "63 bits")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
        "needs 8 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4,
        "begin <= end")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "[0]")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "gap")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
        + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}", 6, "overlaps")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3,
        "the file has 3")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 9,
        "5 bytes follow")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
        + "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0,
        "twice")]
    [InlineData("{\"__metadata__\":{\"epoch\":3}}", 0, "JSON")]
    public void Open_BrokenFile_NamesTheRule(string header, int dataBytes, string says)
    {
        var path = Assemble(header, dataBytes);

        var thrown = Assert.Throws<SafetensorsException>(() => new SafetensorsFile(path));

        Assert.Contains(says, thrown.Message);
        Assert.StartsWith(path, thrown.Message);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 }, "the file has 3 bytes")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "length is 0; must be in")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0x80 }, "length is 9223372036854775808; must be in")]
    [InlineData(new byte[] { 9, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}' }, "only 2 follow")]
    public void Open_ImpossibleHeaderLength_NamesTheRule(byte[] content, string says)
    {
        var path = _folder.At("x.safetensors");
        File.WriteAllBytes(path, content);

        Assert.Contains(says, Assert.Throws<SafetensorsException>(() => new SafetensorsFile(path)).Message);
    }

    [Fact]
    public void Open_EmptyPaddedHeader_HasNoTensors()
    {
        using var file = new SafetensorsFile(Assemble("{}      ", 0));

        Assert.Empty(file.Tensors);
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void Open_UnorderedHeader_ListsTensorsByTheirBytes()
    {
        var path = Assemble("{\"late\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]},"
            + "\"__metadata__\":{\"format\":\"pt\"},"
            + "\"early\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}", 3);

        using var file = new SafetensorsFile(path);

        Assert.Equal(["early", "late"], file.Names);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal([1, 2], file.Get("late").As<byte>().ToArray());
        Assert.Equal(1, file.Get("early").Count);
    }

    /// <summary>Length, header, then data bytes 0, 1, 2, ...</summary>
    private string Assemble(string header, int dataBytes)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var content = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(content, json.Length);
        json.CopyTo(content, 8);
        for (var i = 0; i < dataBytes; i++)
        {
            content[8 + json.Length + i] = (byte)i;
        }

        var path = _folder.At("x.safetensors");
        File.WriteAllBytes(path, content);
        return path;
    }
}
