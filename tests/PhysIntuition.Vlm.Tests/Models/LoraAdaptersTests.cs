using System.Text.Json;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Weights;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

public sealed class LoraAdaptersTests
{
    [Theory]
    [InlineData(Reference.Qwen3)]
    [InlineData(Reference.Qwen25)]
    public void Train_ReferenceAdapter_FollowsTheReferenceTrace(string family)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        using var adapters = LoraAdapters.Load(reference.Model, Path.Combine(reference.Folder, "lora"));
        using var batch = reference.Batch("one_image");
        int[][] labels = [[.. reference.Labels("one_image").data<long>().Select(label => (int)label)]];
        using var optimiser = optim.AdamW(adapters.Parameters, lr: 5e-3, weight_decay: 0.01);
        AssertLogits(reference, batch, "lora/logits_step0");

        foreach (var step in reference.Lora.GetProperty("trace").EnumerateArray())
        {
            optimiser.zero_grad();
            var loss = TokenLoss.Of(reference.Model, batch, labels).Mean;
            loss.backward();
            var norm = nn.utils.clip_grad_norm_(adapters.Parameters, 1.0);

            Assert.Equal(step.GetProperty("loss").GetDouble(), loss.item<float>(), 1e-3);
            Assert.Equal(1, norm / step.GetProperty("grad_norm_before_clip").GetDouble(), 1e-3);
            if (step.GetProperty("step").GetInt32() == 0)
            {
                AssertTensors(reference, adapters, "lora/grad_clipped_step0/", parameter => parameter.grad!);
            }

            if (step.GetProperty("step").GetInt32() < 3)
            {
                optimiser.step();
            }
        }

        AssertTensors(reference, adapters, "lora/param_after_3_steps/", parameter => parameter);
        // AdamW divides small gradients by their own size, so the order in which a BLAS sums shows in the logits:
        // 5e-5 with OpenBLAS's AVX2 kernels, 2.3e-4 with its AVX-512 ones.
        AssertLogits(reference, batch, "lora/logits_after_3_steps", tolerance: 5e-4);
    }

    [Theory]
    [InlineData(Reference.Qwen3)]
    [InlineData(Reference.Qwen25)]
    public void Save_LoadedAdapter_WritesTheSameTensorsUnderTheSameNames(string family)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var source = Path.Combine(reference.Folder, "lora");
        using var adapters = LoraAdapters.Load(reference.Model, source);

        adapters.Save(folder.Root);

        using var before = new SafetensorsFile(Path.Combine(source, "adapter_model.safetensors"));
        using var after = new SafetensorsFile(folder.At("adapter_model.safetensors"));
        Assert.Equal(before.Names.Order(), after.Names.Order());
        Assert.All(before.Names, name => Assert.Equal(before.Get(name).ToFloats(), after.Get(name).ToFloats()));
        var targets = LoraConfig.Load(folder.At("adapter_config.json"));
        Assert.Equal(
            before.Names.Count() / 2, reference.Model.LinearLayers.Count(layer => targets.Targets(layer.Path)));
    }

    [Fact]
    public void Logits_LearnedAdapter_AreThoseOfTheSummedWeights()
    {
        using var model = Tiny.Model(placement: new WeightPlacement());
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = Tiny.Batch(model);
        string[] targets = ["q_proj", "down_proj", "qkv", "linear_fc1"];
        var config = new LoraConfig { Rank = 2, Alpha = 4, TargetModules = targets };
        using var adapters = LoraAdapters.Attach(model, config, seed: 3);
        var untouched = model.Logits(batch);
        Learn(adapters);
        var learned = model.Logits(batch);

        // y = W x + (alpha / r) B A x
        foreach (var layer in model.LinearLayers.Where(layer => layer.Adapter is not null))
        {
            layer.Weight!.add_(layer.Adapter!.B.matmul(layer.Adapter.A), 4 / 2);
        }

        adapters.Enable(false);
        Assert.True(Reference.Distance(learned, untouched) > 0.01);
        Assert.InRange(Reference.Distance(model.Logits(batch), learned), 0, 1e-4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Disabled_LearnedAdapter_IsTheBaseModelUntilDisposed(bool isQuantised)
    {
        var nf4 = isQuantised ? new Nf4Options() : null;
        using var model = Tiny.Model(placement: new WeightPlacement { Nf4 = nf4 });
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = Tiny.Batch(model);
        using var adapters = LoraAdapters.Attach(model, new LoraConfig { Rank = 2 }, seed: 3);
        var untouched = model.Logits(batch);
        Learn(adapters);
        var learned = model.Logits(batch);

        using (adapters.Disabled())
        {
            Assert.Equal(0, Reference.Distance(model.Logits(batch), untouched));
        }

        Assert.True(Reference.Distance(learned, untouched) > 0.01);
        Assert.Equal(0, Reference.Distance(model.Logits(batch), learned));
    }

    [Fact]
    public void Attach_NewAdapter_ChangesNothingAndAloneLearns()
    {
        using var model = Tiny.Model(placement: new WeightPlacement());
        using var scope = NewDisposeScope();
        using var batch = Tiny.Batch(model);
        var before = model.Logits(batch);

        var config = new LoraConfig { Rank = 4, TargetModules = ["v_proj"] };
        using var adapters = LoraAdapters.Attach(model, config, seed: 1);

        Assert.Equal(0, Reference.Distance(model.Logits(batch), before));
        model.Logits(batch).square().sum().backward();
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
        Assert.All(adapters.NamedParameters, item => Assert.NotNull(item.Parameter.grad));
        Assert.Equal(2 * model.Config.Text.NumHiddenLayers, adapters.Parameters.Count());
    }

    [Fact]
    public void Dropout_SameStep_DropsTheSameElementsWithAndWithoutCheckpointing()
    {
        using var model = Tiny.Model(placement: new WeightPlacement());
        using var scope = NewDisposeScope();
        using var batch = Tiny.Batch(model);
        var config = new LoraConfig { Rank = 4, Dropout = 0.5, TargetModules = ["q_proj", "linear_fc1"] };
        using var adapters = LoraAdapters.Attach(model, config, seed: 1);
        using (no_grad())
        {
            Learn(adapters);
        }

        var plain = Gradients(step: 5, checkpoints: false);
        var recomputed = Gradients(step: 5, checkpoints: true);
        var later = Gradients(step: 6, checkpoints: false);

        Assert.All(plain.Zip(recomputed), pair => Assert.InRange(Reference.Distance(pair.First, pair.Second), 0, 1e-4));
        Assert.Contains(plain.Zip(later), pair => Reference.Distance(pair.First, pair.Second) > 1e-3);

        Tensor[] Gradients(long step, bool checkpoints)
        {
            adapters.BeginStep(step);
            model.UsesGradientCheckpointing = checkpoints;
            foreach (var parameter in adapters.Parameters)
            {
                parameter.grad = null;
            }

            model.Logits(batch).square().mean().backward();
            return [.. adapters.Parameters.Select(parameter => parameter.grad!)];
        }
    }

    [Theory]
    [InlineData("all-linear", 33)]                                     // all but the output head
    [InlineData(@".*language_model\.layers\.[02]\..*(?:q|v)_proj", 4)]
    [InlineData(@"q_proj", 0)]                                        // a whole path must match, as in PEFT
    [InlineData(@"^(?!.*visual).*down_proj$", 3)]
    public void Load_TargetsAsOneText_AreReadAsPeftReadsThem(string pattern, int layers)
    {
        using var model = Tiny.Model();
        using var folder = new TemporaryFolder();
        var path = folder.At("adapter_config.json");
        var quoted = JsonSerializer.Serialize(pattern);
        File.WriteAllText(path, $$"""{"r": 2, "lora_alpha": 4, "target_modules": {{quoted}}}""");

        var config = LoraConfig.Load(path);
        config.Save(path);
        var again = LoraConfig.Load(path);

        Assert.Equal(pattern, again.TargetPattern);
        Assert.Equal(layers, model.LinearLayers.Count(layer => again.Targets(layer.Path)));
    }

    [Fact]
    public void Load_TargetsThatAreNoExpression_NamesTheField()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("adapter_config.json");
        File.WriteAllText(path, """{"r": 2, "target_modules": "(q_proj"}""");

        var error = Assert.Throws<InvalidDataException>(() => LoraConfig.Load(path));

        Assert.Contains("target_modules is (q_proj; must be a regular", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attach_UnknownTarget_NamesWhatLayersAreCalled()
    {
        using var model = Tiny.Model();

        var error = Assert.Throws<ArgumentException>(
            () => LoraAdapters.Attach(model, new LoraConfig { TargetModules = ["query"] }, seed: 0));

        Assert.Contains("[query]", error.Message, StringComparison.Ordinal);
        Assert.Contains("model.visual.blocks.0", error.Message, StringComparison.Ordinal);
    }

    private static void Learn(LoraAdapters adapters)
    {
        using var generator = new Generator(11);
        foreach (var parameter in adapters.Parameters)
        {
            parameter.normal_(0, 0.3, generator);
        }
    }

    private static void AssertLogits(Reference reference, VlmBatch batch, string name, double tolerance = 2e-4)
    {
        using var off = no_grad();
        var logits = reference.Model.Logits(batch).squeeze(0);
        Assert.InRange(Reference.Distance(logits, reference.Expected(name)), 0, tolerance);
    }

    private static void AssertTensors(
        Reference reference, LoraAdapters adapters, string prefix, Func<TorchSharp.Modules.Parameter, Tensor> pick)
    {
        var parameters = adapters.NamedParameters.ToDictionary(item => item.Name, item => item.Parameter);
        var names = reference.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(names);
        foreach (var name in names)
        {
            var expected = reference.Expected(name);
            var actual = pick(parameters[name[prefix.Length..]]);
            var largest = expected.abs().max().item<float>();
            Assert.True(Reference.Distance(actual, expected) <= (1e-3 * largest) + 1e-7, name);
        }
    }
}
