using PhysIntuition.Vlm.Models;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Weights;

/// <summary>Where a model's tensors come from: drawn, read under either generation of names, in any type.</summary>
public sealed class WeightSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public WeightSourceTests() => NativeTorch.Require();

    public static TheoryData<DType, ScalarType> Types => new(
        (DType.F32, ScalarType.Float32), (DType.BF16, ScalarType.BFloat16), (DType.F16, ScalarType.Float16),
        (DType.F64, ScalarType.Float64), (DType.I64, ScalarType.Int64), (DType.I32, ScalarType.Int32),
        (DType.U8, ScalarType.Byte));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("visual.blocks.0.attn.qkv.weight", "model.visual.blocks.0.attn.qkv.weight")]
    [InlineData("model.layers.1.mlp.up_proj.weight", "model.language_model.layers.1.mlp.up_proj.weight")]
    [InlineData("model.embed_tokens.weight", "model.language_model.embed_tokens.weight")]
    [InlineData("model.language_model.norm.weight", "model.language_model.norm.weight")]
    [InlineData("model.visual.patch_embed.proj.weight", "model.visual.patch_embed.proj.weight")]
    [InlineData("lm_head.weight", "lm_head.weight")]
    public void ToCurrent_NamesOfBothGenerations_AreOne(string stored, string current) =>
        Assert.Equal((current, current), (TensorNames.ToCurrent(stored), TensorNames.ToCurrent(current)));

    [Fact]
    public void Random_SameSeed_GivesTheSameWeightsAndAnotherDoesNot()
    {
        using var scope = NewDisposeScope();
        var (first, again, other) = (Draw(3), Draw(3), Draw(4));

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        static float[] Draw(ulong seed) =>
            new RandomWeights(new WeightPlacement(), seed).Take("w", [16], Initial.Normal(1)).data<float>().ToArray();
    }

    [Fact]
    public void Random_OfManyWeights_HasTheMeanAndDeviationAskedFor()
    {
        using var scope = NewDisposeScope();
        var source = new RandomWeights(new WeightPlacement(), seed: 1);

        var drawn = source.Take("w", [100, 200], Initial.FanIn(inputs: 400, scale: 3));

        // Of 20,000 draws: the mean within 5 standard errors, the deviation within 5 of its own.
        Assert.InRange(drawn.mean().item<float>(), -5 * 0.15 / Math.Sqrt(20_000), 5 * 0.15 / Math.Sqrt(20_000));
        Assert.InRange(drawn.std().item<float>() / 0.15, 1 - (5 / Math.Sqrt(40_000)), 1 + (5 / Math.Sqrt(40_000)));
        Assert.All(source.Take("o", [4], Initial.Ones).data<float>().ToArray(), value => Assert.Equal(1, value));
        Assert.All(source.Take("z", [4], Initial.Zeros).data<float>().ToArray(), value => Assert.Equal(0, value));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Transfer_ThereAndBack_KeepsEveryStoredType(DType stored, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var tensor = arange(0, 12, ScalarType.Float32).view(3, 4).to(type);
        CheckpointWriter.Write(_folder.Root, [TensorTransfer.Entry("t", tensor)], long.MaxValue);

        using var file = Checkpoint.Open(_folder.Root);
        var view = file.Get("t");
        var read = TensorTransfer.Read(view, type, CPU);

        Assert.Equal((stored, type), (view.Type, read.dtype));
        Assert.Equal([3L, 4L], read.shape);
        Assert.Equal(0, Reference.Distance(read.to(ScalarType.Float32), tensor.to(ScalarType.Float32)));
        Assert.Equal(0, Reference.Distance(
            TensorTransfer.Read(view, ScalarType.Float32, CPU), tensor.to(ScalarType.Float32)));
    }

    [Fact]
    public void Take_FromOlderNames_FindsThemAndFinishNamesWhatIsLeftOver()
    {
        using var scope = NewDisposeScope();
        CheckpointWriter.Write(
            _folder.Root,
            [
                TensorTransfer.Entry("model.norm.weight", ones(4)), TensorTransfer.Entry("visual.spare", ones(2)),
                TensorTransfer.Entry("lm_head.weight", ones(2)),
            ],
            long.MaxValue);
        using var file = Checkpoint.Open(_folder.Root);
        var source = new CheckpointWeights(file, new WeightPlacement());
        var config = Tiny.Config(VlmFamily.Qwen25Vl, isTied: true);

        var norm = source.Root.Child("model").Child("language_model").Child("norm").Take("weight", [4], Initial.Ones);
        var wrong = Assert.Throws<InvalidDataException>(() => source.Finish(config));

        Assert.Equal(4, norm.sum().item<float>());
        Assert.Contains("'visual.spare' belongs to no part", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("lm_head", wrong.Message, StringComparison.Ordinal);   // tied: it says nothing new
    }

    [Fact]
    public void Finish_ManyFaults_ShowsEightAndCountsTheRest()
    {
        CheckpointWriter.Write(_folder.Root, [TensorTransfer.Entry("lm_head.weight", ones(2))], long.MaxValue);
        using var file = Checkpoint.Open(_folder.Root);
        var source = new CheckpointWeights(file, new WeightPlacement());
        for (var layer = 0; layer < 11; layer++)
        {
            source.Root.Child("layers", layer).Take("weight", [1], Initial.Ones);
        }

        var wrong = Assert.Throws<InvalidDataException>(
            () => source.Finish(Tiny.Config(VlmFamily.Qwen25Vl, isTied: true)));

        Assert.Contains("'layers.7.weight' [1] is missing; and 3 more.", wrong.Message, StringComparison.Ordinal);
    }
}
