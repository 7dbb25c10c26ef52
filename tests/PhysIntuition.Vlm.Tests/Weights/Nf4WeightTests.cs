using PhysIntuition.Vlm.Models;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Weights;

public sealed class Nf4WeightTests
{
    private const string Vectors4 = "vlm/nf4/nf4.safetensors";

    [Theory]
    [InlineData("normal_48x96")]
    [InlineData("tail_10x13")]
    [InlineData("blocks_300x64")]
    [InlineData("edge_4x64")]
    [InlineData("midpoints_1x64")]
    public void Quantise_ReferenceWeight_GivesTheReferenceBytes(string name)
    {
        NativeTorch.Require();
        using var file = new SafetensorsFile(Vectors.At(Vectors4));
        using var scope = NewDisposeScope();
        var weight = Read(file, $"{name}/weight");

        using var single = Nf4Weight.Quantise(weight, isDouble: false);
        using var twice = Nf4Weight.Quantise(weight, isDouble: true);

        Assert.Equal(file.Get($"{name}/single/packed").As<byte>(), single.Codes.data<byte>().ToArray());
        Assert.Equal(file.Get($"{name}/single/absmax_f32").As<float>(), single.Scales.Codes.data<float>().ToArray());
        var dense = single.Dequantise(ScalarType.Float32);
        Assert.Equal(0, Reference.Distance(dense, Read(file, $"{name}/single/dequant")));
        Assert.Equal(file.Get($"{name}/double/packed").As<byte>(), twice.Codes.data<byte>().ToArray());
        Assert.Equal(file.Get($"{name}/double/absmax_u8").As<byte>(), twice.Scales.Codes.data<byte>().ToArray());
        Assert.InRange(
            Reference.Distance(twice.Scales.Outer!, Read(file, $"{name}/double/nested_absmax")), 0, 1e-37);
        Assert.Equal(file.Get($"{name}/double/offset").As<float>()[0], twice.Scales.Offset!.item<float>());
        Assert.Equal(0, Reference.Distance(twice.Dequantise(ScalarType.Float32), Read(file, $"{name}/double/dequant")));
    }

    [Fact]
    public void Code_AllValues_AreTheReference()
    {
        using var file = new SafetensorsFile(Vectors.At(Vectors4));

        Assert.Equal(file.Get("nf4_code").As<float>(), Nf4Code.Values);
        Assert.Equal(file.Get("dynamic_map").As<float>(), Nf4Code.ScaleMap);
    }

    [Theory]
    [InlineData(Reference.Qwen3, "all_linear_but_lm_head", false)]
    [InlineData(Reference.Qwen3, "all_linear_but_lm_head", true)]
    [InlineData(Reference.Qwen3, "language_model_only", false)]
    [InlineData(Reference.Qwen3, "language_model_only", true)]
    [InlineData(Reference.Qwen25, "all_linear_but_lm_head", false)]
    [InlineData(Reference.Qwen25, "all_linear_but_lm_head", true)]
    [InlineData(Reference.Qwen25, "language_model_only", false)]
    [InlineData(Reference.Qwen25, "language_model_only", true)]
    public void Logits_QuantisedModel_AreTheReference(string family, string layers, bool isDouble)
    {
        string[] skipped = layers == "language_model_only" ? ["lm_head", "visual"] : ["lm_head"];
        var options = new Nf4Options { IsDouble = isDouble, SkippedModules = skipped };
        using var reference = Reference.Open(family, new WeightPlacement { Nf4 = options });
        using var file = new SafetensorsFile(Vectors.At(Vectors4));
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = reference.Batch("one_image");
        var key = $"{family}/{layers}/{(isDouble ? "double" : "single")}";

        var logits = reference.Model.Logits(batch).squeeze(0);

        Assert.InRange(Reference.Distance(logits, Read(file, $"{key}/one_image_logits")), 0, 1e-4);
        var expected = Vectors.Json("vlm/nf4/nf4.json").GetProperty("cases").GetProperty(key);
        Assert.Equal(
            expected.GetProperty("n_quantised").GetInt32(),
            reference.Model.LinearLayers.Count(layer => layer.Packed is not null));
    }

    [Fact]
    public void Forward_PackedLayer_HasTheGradientOfItsDenseTwin()
    {
        NativeTorch.Require();
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        using var packed = Nf4Weight.Quantise(randn([24, 40], generator: generator), isDouble: true);
        var dense = packed.Dequantise(ScalarType.Float32);
        var first = randn([3, 40], generator: generator).requires_grad_();
        var second = first.detach().clone().requires_grad_();

        var product = Nf4LinearFunction.apply(first, packed);
        product.square().sum().backward();
        var twin = nn.functional.linear(second, dense);
        twin.square().sum().backward();

        Assert.Equal(0, Reference.Distance(product, twin));
        Assert.InRange(Reference.Distance(first.grad!, second.grad!), 0, 1e-4);
    }

    [Fact]
    public void Quantise_Zeros_StayZero()
    {
        NativeTorch.Require();
        using var scope = NewDisposeScope();
        using var packed = Nf4Weight.Quantise(zeros([2, 64]), isDouble: false);

        Assert.All(packed.Codes.data<byte>().ToArray(), value => Assert.Equal(0x77, value));
        Assert.Equal(0, packed.Dequantise(ScalarType.Float32).abs().max().item<float>());
    }

    private static Tensor Read(SafetensorsFile file, string name) =>
        TensorTransfer.Read(file.Get(name), ScalarType.Float32, CPU);
}
