using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using PhysIntuition.Server.Tests;

namespace PhysIntuition.Vlm.Weights;

/// <summary>Nearly good files and indices are read or refused with a reason; nothing else is thrown.</summary>
/// <remarks>`./physintuition test --fuzz` feeds these, too. A failure prints the input in Base64.</remarks>
public sealed class SafetensorsFuzzTests
{
    private const int DataBytes = 12;

    private static readonly byte[][] s_headers =
    [
        .. new[]
        {
            """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""",
            """
            {"a":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]},
             "b":{"dtype":"U8","shape":[4],"data_offsets":[8,12]}}
            """,
            """
            {"__metadata__":{"format":"pt"},"a":{"dtype":"I64","shape":[1,1],"data_offsets":[4,12]},
             "b":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}
            """,
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly byte[][] s_indices =
    [
        Encoding.UTF8.GetBytes("""{"metadata":{"total_size":12},"weight_map":{"a":"one.safetensors"}}"""),
        Encoding.UTF8.GetBytes("""{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}"""),
    ];

    private static int Inputs => Setting("FUZZ_INPUTS", 80_000) / 20;

    private static int Seed => Setting("FUZZ_SEED", 1);

    [Fact]
    public void Header_FedNearlyGoodFiles_ThrowsNothingUnforeseen()
    {
        var mutator = new Mutator(s_headers, Seed);
        var read = Feed(Inputs, mutator.Next, header =>
        {
            using var file = new MemoryStream(Assemble(header));
            var tensors = SafetensorsHeader.Read(file, "file").Tensors;
            Assert.All(tensors, tensor => Assert.InRange(tensor.End, tensor.Begin, DataBytes));
        });

        Assert.InRange(read, 1, Inputs - 1);   // mutations that all fail, or none, would test nothing
    }

    [Fact]
    public void File_FedNearlyGoodBytes_ThrowsNothingUnforeseen()
    {
        var mutator = new Mutator([.. s_headers.Select(Assemble)], Seed);
        var read = Feed(Inputs, mutator.Next, bytes =>
        {
            using var file = new MemoryStream(bytes);
            SafetensorsHeader.Read(file, "file");
        });

        Assert.InRange(read, 1, Inputs - 1);
    }

    [Fact]
    public void Index_FedNearlyGoodJson_ThrowsNothingUnforeseen()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.At("one.safetensors"), Assemble(s_headers[0]));
        var index = folder.At(Checkpoint.IndexName);
        var mutator = new Mutator(s_indices, Seed);
        var inputs = Math.Min(Inputs, 2000);   // each is a file
        var read = Feed(inputs, mutator.Next, json =>
        {
            File.WriteAllBytes(index, json);
            Checkpoint.Open(index).Dispose();
        });

        Assert.InRange(read, 1, inputs - 1);
    }

    // How many inputs were read; the others were refused.
    private static int Feed(int inputs, Func<byte[]> next, Action<byte[]> read)
    {
        var good = 0;
        for (var i = 0; i < inputs; i++)
        {
            var input = next();
            try
            {
                read(input);
                good++;
            }
            catch (Exception refusal) when (refusal is SafetensorsException or IOException)
            {
                Assert.NotEmpty(refusal.Message);
            }
            catch (Exception unforeseen)
            {
                Assert.Fail($"input {i} of seed {Seed} gave {unforeseen}\n" +
                    $"The input, Base64: {Convert.ToBase64String(input)}");
            }
        }

        return good;
    }

    private static byte[] Assemble(byte[] header)
    {
        var file = new byte[sizeof(long) + header.Length + DataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, sizeof(long));
        return file;
    }

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : usual;
}
