using System.Text;
using PhysIntuition.Vlm.Models;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Weights;

/// <summary>Folders that bitsandbytes quantised: the reference's bytes give the reference's numbers.</summary>
public sealed class StoredNf4Tests
{
    private const string Vectors4 = "vlm/nf4/nf4.safetensors";

    [Theory]
    [InlineData("normal_48x96")]
    [InlineData("tail_10x13")]
    [InlineData("blocks_300x64")]
    [InlineData("edge_4x64")]
    [InlineData("midpoints_1x64")]
    public void Read_ReferenceBytes_GivesTheReferenceWeight(string name)
    {
        NativeTorch.Require();
        using var vectors = new SafetensorsFile(Vectors.At(Vectors4));
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var shape = vectors.Get($"{name}/weight").Shape.ToArray();
        foreach (var isDouble in new[] { false, true })
        {
            var key = $"{name}/{(isDouble ? "double" : "single")}";
            var scales = isDouble
                ? Bytes("x.weight.absmax", vectors.Get($"{key}/absmax_u8").As<byte>().ToArray())
                : Floats("x.weight.absmax", vectors.Get($"{key}/absmax_f32").As<float>().ToArray());
            SafetensorsWriter.Write(folder.At("one.safetensors"),
            [
                Bytes("x.weight", vectors.Get($"{key}/packed").As<byte>().ToArray()), scales,
                Floats("x.weight.quant_map", vectors.Get("nf4_code").As<float>().ToArray()),
                State("x.weight", shape, isDouble ? vectors.Get($"{key}/offset").As<float>()[0] : null),
                .. isDouble
                    ? [
                        Floats("x.weight.nested_absmax", vectors.Get($"{key}/nested_absmax").As<float>().ToArray()),
                        Floats("x.weight.nested_quant_map", vectors.Get("dynamic_map").As<float>().ToArray()),
                    ]
                    : (TensorEntry[])[],
            ]);
            using var file = Checkpoint.Open(folder.At("one.safetensors"));
            var stored = StoredNf4.Find(file, "x.weight")!;

            Assert.Empty(stored.Faults(shape));
            Assert.Equal(file.Names.Order(), stored.Names.Order());
            using var weight = stored.Read(CPU);
            var expected = TensorTransfer.Read(vectors.Get($"{key}/dequant"), ScalarType.Float32, CPU);
            Assert.Equal(0, Reference.Distance(weight.Dequantise(ScalarType.Float32), expected));
        }
    }

    [Theory]
    [InlineData(Reference.Qwen3, false)]
    [InlineData(Reference.Qwen3, true)]
    [InlineData(Reference.Qwen25, true)]
    public void Load_QuantisedFolder_GivesTheReferenceLogits(string family, bool isDouble)
    {
        using var reference = Reference.Open(
            family, new WeightPlacement { Nf4 = new Nf4Options { IsDouble = isDouble } });
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var folder = FolderOf(reference, isDouble, entries => entries);
        using var batch = reference.Batch("one_image");
        using var vectors = new SafetensorsFile(Vectors.At(Vectors4));

        using var model = VisionLanguageModel.Load(folder.Root);

        var key = $"{family}/all_linear_but_lm_head/{(isDouble ? "double" : "single")}/one_image_logits";
        var expected = TensorTransfer.Read(vectors.Get(key), ScalarType.Float32, CPU);
        Assert.InRange(Reference.Distance(model.Logits(batch).squeeze(0), expected), 0, 1e-4);
        Assert.Equal(
            reference.Model.LinearLayers.Where(layer => layer.Packed is not null).Select(layer => layer.Path),
            model.LinearLayers.Where(layer => layer.Packed is not null).Select(layer => layer.Path));
    }

    [Theory]
    [InlineData(".nested_absmax", "nested_absmax' is missing")]
    [InlineData(".absmax", "absmax' is missing")]
    public void Load_PartMissing_NamesIt(string part, string says)
    {
        using var reference = Reference.Open(
            Reference.Qwen3, new WeightPlacement { Nf4 = new Nf4Options { IsDouble = true } });
        using var folder = FolderOf(reference, isDouble: true, entries => entries.Where(
            entry => !entry.Name.EndsWith("layers.0.self_attn.q_proj.weight" + part, StringComparison.Ordinal)));

        var error = Assert.Throws<InvalidDataException>(() => VisionLanguageModel.Load(folder.Root));

        Assert.Contains("layers.0.self_attn.q_proj.weight." + says, error.Message, StringComparison.Ordinal);
    }

    // The folder as bitsandbytes would write it: the bytes are the reference's, see Nf4WeightTests.
    private static TemporaryFolder FolderOf(
        Reference reference, bool isDouble, Func<IEnumerable<TensorEntry>, IEnumerable<TensorEntry>> change)
    {
        var folder = new TemporaryFolder();
        File.Copy(Path.Combine(reference.Folder, "config.json"), folder.At("config.json"));
        using var source = Checkpoint.Open(reference.Folder);
        var packed = reference.Model.LinearLayers.Where(layer => layer.Packed is not null)
            .ToDictionary(layer => layer.Path + ".weight");
        var entries = source.Names.SelectMany(name => packed.TryGetValue(TensorNames.ToCurrent(name), out var layer)
            ? Parts(name, layer, isDouble)
            : [Floats(name, source.Get(name).ToFloats(), source.Get(name).Shape)]);
        CheckpointWriter.Write(folder.Root, change(entries));
        return folder;
    }

    private static IEnumerable<TensorEntry> Parts(string name, LinearLayer layer, bool isDouble)
    {
        var scales = layer.Packed!.Scales;
        yield return Bytes(name, layer.Packed.Codes.data<byte>().ToArray());
        yield return isDouble
            ? Bytes(name + ".absmax", scales.Codes.data<byte>().ToArray())
            : Floats(name + ".absmax", scales.Codes.data<float>().ToArray());
        yield return Floats(name + ".quant_map", Nf4Code.Values);
        yield return State(name, [layer.Outputs, layer.Inputs], isDouble ? scales.Offset!.item<float>() : null);
        if (isDouble)
        {
            yield return Floats(name + ".nested_absmax", scales.Outer!.data<float>().ToArray());
            yield return Floats(name + ".nested_quant_map", Nf4Code.ScaleMap);
        }
    }

    private static TensorEntry State(string name, long[] shape, float? offset)
    {
        var nested = offset is { } number
            ? FormattableString.Invariant(
                $", \"nested_blocksize\": 256, \"nested_dtype\": \"float32\", \"nested_offset\": {number:R}")
            : "";
        var json = "{\"quant_type\": \"nf4\", \"blocksize\": 64, \"dtype\": \"bfloat16\", "
            + $"\"shape\": [{shape[0]}, {shape[1]}]{nested}}}";
        var bytes = Encoding.UTF8.GetBytes(json);
        return TensorEntry.Of<byte>(name + ".quant_state.bitsandbytes__nf4", DType.U8, [bytes.Length], bytes);
    }

    private static TensorEntry Bytes(string name, byte[] values) =>
        TensorEntry.Of<byte>(name, DType.U8, [values.Length, 1], values);

    private static TensorEntry Floats(string name, float[] values, ReadOnlySpan<long> shape = default) =>
        TensorEntry.Of<float>(name, DType.F32, shape.IsEmpty ? [values.Length] : shape, values);
}
