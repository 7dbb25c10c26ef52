using PhysIntuition.Vlm.Weights;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Folders as they are published: one file or many, and what is said when they do not fit.</summary>
public sealed class CheckpointFolderTests
{
    private const string Norm = "model.language_model.norm.weight";

    [Theory]
    [InlineData(Reference.Qwen3)]
    [InlineData(Reference.Qwen25)]
    public void Load_ShardedFolder_GivesTheSameLogits(string family)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var folder = CopyOf(reference, entries => entries, shardBytes: 100_000);
        using var batch = reference.Batch("one_image");

        using var sharded = VisionLanguageModel.Load(folder.Root);

        Assert.True(File.Exists(folder.At(Checkpoint.IndexName)));
        Assert.Equal(0, Reference.Distance(sharded.Logits(batch), reference.Model.Logits(batch)));
    }

    [Fact]
    public void Load_TensorsThatDoNotFit_NamesEveryOne()
    {
        using var reference = Reference.Open(Reference.Qwen3);
        using var folder = CopyOf(reference, Spoil, shardBytes: long.MaxValue);

        var error = Assert.Throws<InvalidDataException>(() => VisionLanguageModel.Load(folder.Root));

        Assert.Contains($"'{Norm}' [48] is missing", error.Message, StringComparison.Ordinal);
        Assert.Contains("'model.extra' belongs to no part", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "'lm_head.weight' is F32[320, 47]; expected [320, 48]", error.Message, StringComparison.Ordinal);

        static IEnumerable<TensorEntry> Spoil(IEnumerable<TensorEntry> entries) =>
            entries.Where(entry => entry.Name is not (Norm or "lm_head.weight"))
                .Append(TensorEntry.Of<float>("model.extra", DType.F32, [2], new float[2]))
                .Append(TensorEntry.Of<float>("lm_head.weight", DType.F32, [320, 47], new float[320 * 47]));
    }

    [Fact]
    public void Load_ConfigWithAWrongField_NamesFieldAndRule()
    {
        using var reference = Reference.Open(Reference.Qwen3);
        using var folder = CopyOf(reference, entries => entries, shardBytes: long.MaxValue);
        var path = folder.At("config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace(
            "\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3", StringComparison.Ordinal));

        var error = Assert.Throws<InvalidDataException>(() => VisionLanguageModel.Load(folder.Root));

        Assert.Contains("text_config.num_key_value_heads 3 must divide", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VlmFamily.Qwen3Vl)]
    [InlineData(VlmFamily.Qwen25Vl)]
    public void SaveWeights_TinyModel_HasEveryParameterUnderItsPublishedName(VlmFamily family)
    {
        using var model = Tiny.Model(family);
        using var folder = new TemporaryFolder();

        model.SaveWeights(folder.Root);

        using var file = Checkpoint.Open(folder.Root);
        Assert.Equal(model.named_parameters().Select(item => item.name).Order(), file.Names.Order());
        foreach (var (name, parameter) in model.named_parameters())
        {
            Assert.Equal(parameter.data<float>().ToArray(), file.Get(name).ToFloats());
        }
    }

    [Theory]
    [InlineData(Reference.Qwen3)]
    [InlineData(Reference.Qwen25)]
    public void Load_BFloat16_StaysCloseToTheReference(string family)
    {
        using var reference = Reference.Open(family, new WeightPlacement { Type = ScalarType.BFloat16 });
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = reference.Batch("one_image");

        var logits = reference.Model.Logits(batch).squeeze(0);

        // Eight bits of mantissa: relative 2^-8 per rounding, a few dozen roundings deep, on logits up to 7.
        Assert.Equal(ScalarType.BFloat16, logits.dtype);
        var distance = (logits.to(ScalarType.Float32) - reference.Expected("one_image/logits")).abs().mean();
        Assert.InRange(distance.item<float>(), 1e-4f, 0.1f);
    }

    [Fact]
    public void ComputeType_BFloat16_TrainsFloat32Weights()
    {
        using var model = Tiny.Model();
        using var scope = NewDisposeScope();
        using var batch = Tiny.Batch(model);
        var exact = model.Logits(batch);

        model.ComputeType = ScalarType.BFloat16;
        var mixed = model.Logits(batch);
        mixed.square().mean().backward();

        Assert.InRange(Reference.Distance(mixed.detach(), exact.detach()), 1e-5, 0.3);
        Assert.All(model.parameters(), parameter => Assert.Equal(ScalarType.Float32, parameter.grad!.dtype));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_FourBits_TrainsAdaptersOnly(bool checkpoints)
    {
        using var reference = Reference.Open(
            Reference.Qwen3, new WeightPlacement { Nf4 = new Nf4Options { IsDouble = true } });
        using var scope = NewDisposeScope();
        using var batch = reference.Batch("one_image");
        using var adapters = LoraAdapters.Load(reference.Model, Path.Combine(reference.Folder, "lora"));
        reference.Model.UsesGradientCheckpointing = checkpoints;

        reference.Model.Logits(batch).square().mean().backward();

        Assert.All(adapters.Parameters, parameter => Assert.True(parameter.grad!.abs().sum().item<float>() > 0));
        Assert.All(reference.Model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    private static TemporaryFolder CopyOf(
        Reference reference, Func<IEnumerable<TensorEntry>, IEnumerable<TensorEntry>> change, long shardBytes)
    {
        var folder = new TemporaryFolder();
        File.Copy(Path.Combine(reference.Folder, "config.json"), folder.At("config.json"));
        using var source = Checkpoint.Open(reference.Folder);
        var entries = source.Names.Select(name => TensorEntry.Of<float>(
            name, DType.F32, source.Get(name).Shape, source.Get(name).ToFloats()));
        CheckpointWriter.Write(folder.Root, change(entries), shardBytes);
        return folder;
    }
}
